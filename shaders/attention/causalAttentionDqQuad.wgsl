// causalAttentionDqQuad — causalAttentionDq.wgsl; four neighbouring threads share the columns of a head.
//
//   w_j            = exp(scale · query[b,t,h] · key[b,j,h] − top) · inverse       (top, inverse) = tops[b,h,t]
//   dx[b,t,h]      = scale · Σ_{j ≤ t} w_j · (dy[b,t,h] · value[b,j,h] − delta[b,h,t]) · key[b,j,h]
//   delta[b,h,t]   = dy[b,t,h] · y[b,t,h]
//
//   x    [B, T, 3 · H · D4]   vec4s: queries, keys, values; head h of each at h · D4
//   dx   the same             the part of the queries
//   y dy [B, T, H · D4]
//   tops  [B, H, T, 2]        the largest score, and 1 / Σ exp of all relative to it
//   delta [B, H, T]
//
//   thread      every fourth vec4 of ROWS queries of a head, four keys at a time
//   quad        adds up its parts of every score
//   grid        [B · H · T / ROWS] · 4 threads; a long row of workgroups is folded into y

enable subgroups;
// The threads of a quad take the same way.
diagnostic(off, subgroup_uniformity);

const D4 = 4u;             // vec4s of a head: a multiple of 4
const PART = D4 / 4u;      // of them a thread's
const ROWS = 4u;
const WORKGROUP = 64u;

struct Params { B : u32, T : u32, H : u32, scale : f32 }

@group(0) @binding(0) var<uniform>             p : Params;
@group(0) @binding(1) var<storage, read>       x : array<vec4f>;
@group(0) @binding(2) var<storage, read>       y : array<vec4f>;
@group(0) @binding(3) var<storage, read>       dy : array<vec4f>;
@group(0) @binding(4) var<storage, read>       tops : array<vec2f>;
@group(0) @binding(5) var<storage, read_write> dx : array<vec4f>;
@group(0) @binding(6) var<storage, read_write> delta : array<f32>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) gid : vec3u, @builtin(num_workgroups) groups : vec3u,
        @builtin(subgroup_invocation_id) lane : u32) {
  let i = (gid.y * groups.x * WORKGROUP + gid.x) / 4u;
  let own = lane % 4u;
  let blocks = (p.T + ROWS - 1u) / ROWS;
  let head = i / blocks % p.H;
  let b = i / blocks / p.H;
  if (b >= p.B) { return; }
  let C = p.H * D4;

  var row : array<u32, ROWS>;
  var query : array<vec4f, ROWS * PART>;
  var slope : array<vec4f, ROWS * PART>;
  var dquery : array<vec4f, ROWS * PART>;
  var top : array<vec2f, ROWS>;
  var inner : array<f32, ROWS>;
  var score : array<vec4f, ROWS>;
  var dweight : array<vec4f, ROWS>;
  // @unroll
  for (var r = 0u; r < ROWS; r++) {
    row[r] = min(i % blocks * ROWS + r, p.T - 1u);
    let at = (b * p.T + row[r]) * C + head * D4 + own;
    // @unroll
    for (var c = 0u; c < PART; c++) {
      query[r * PART + c] = p.scale * x[(b * p.T + row[r]) * 3u * C + head * D4 + own + 4u * c];
      slope[r * PART + c] = dy[at + 4u * c];
      inner[r] += dot(dy[at + 4u * c], y[at + 4u * c]);
    }
    inner[r] = whole(vec4f(inner[r])).x;
    top[r] = tops[(b * p.H + head) * p.T + row[r]];
  }

  for (var j = 0u; j <= row[ROWS - 1u]; j += 4u) {
    let four = j + vec4u(0u, 1u, 2u, 3u);
    let k = (b * p.T + min(four, vec4u(p.T - 1u))) * 3u * C + C + head * D4 + own;
    let v = k + C;
    // @unroll
    for (var r = 0u; r < ROWS; r++) {
      score[r] = vec4f(0.0);
      dweight[r] = vec4f(0.0);
    }
    // @unroll
    for (var c = 0u; c < PART; c++) {
      let key = mat4x4f(x[k.x + 4u * c], x[k.y + 4u * c], x[k.z + 4u * c], x[k.w + 4u * c]);
      let value = mat4x4f(x[v.x + 4u * c], x[v.y + 4u * c], x[v.z + 4u * c], x[v.w + 4u * c]);
      // @unroll
      for (var r = 0u; r < ROWS; r++) {
        score[r] += query[r * PART + c] * key;
        dweight[r] += slope[r * PART + c] * value;
      }
    }
    // @unroll
    for (var r = 0u; r < ROWS; r++) {
      let weight = select(vec4f(0.0), exp(whole(score[r]) - top[r].x) * top[r].y, four <= vec4u(row[r]));
      score[r] = weight * (whole(dweight[r]) - inner[r]);
    }
    // @unroll
    for (var c = 0u; c < PART; c++) {
      let key = mat4x4f(x[k.x + 4u * c], x[k.y + 4u * c], x[k.z + 4u * c], x[k.w + 4u * c]);
      // @unroll
      for (var r = 0u; r < ROWS; r++) { dquery[r * PART + c] += key * score[r]; }
    }
  }

  // @unroll
  for (var r = 0u; r < ROWS; r++) {
    if (i % blocks * ROWS + r < p.T) {
      // @unroll
      for (var c = 0u; c < PART; c++) { dx[(b * p.T + row[r]) * 3u * C + head * D4 + own + 4u * c] = p.scale * dquery[r * PART + c]; }
      if (own == 0u) { delta[(b * p.H + head) * p.T + row[r]] = inner[r]; }
    }
  }
}

// The sum over the threads of a quad, in all of them.
fn whole(part : vec4f) -> vec4f {  // as in attention/causalAttentionQuad.wgsl
  let pair = part + quadSwapX(part);
  return pair + quadSwapY(pair);
}
