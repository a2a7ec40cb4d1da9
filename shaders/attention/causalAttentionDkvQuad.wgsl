// causalAttentionDkvQuad — causalAttentionDkv.wgsl; four neighbouring threads share the columns of a head.
//
//   w_t           = exp(scale · query[b,t,h] · key[b,j,h] − top) · inverse       (top, inverse) = tops[b,h,t]
//   dvalue[b,j,h] = Σ_{t ≥ j} w_t · dy[b,t,h]
//   dkey[b,j,h]   = scale · Σ_{t ≥ j} w_t · (dy[b,t,h] · value[b,j,h] − delta[b,h,t]) · query[b,t,h]
//
//   x    [B, T, 3 · H · D4]   vec4s: queries, keys, values; head h of each at h · D4
//   dx   the same             the parts of the keys and of the values
//   dy   [B, T, H · D4]
//   tops  [B, H, T, 2]        the largest score, and 1 / Σ exp of all relative to it
//   delta [B, H, T]           dy · y
//
//   thread      every fourth vec4 of ROWS keys of a head and their values, four queries at a time
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
@group(0) @binding(2) var<storage, read>       dy : array<vec4f>;
@group(0) @binding(3) var<storage, read>       tops : array<vec2f>;
@group(0) @binding(4) var<storage, read>       delta : array<f32>;
@group(0) @binding(5) var<storage, read_write> dx : array<vec4f>;

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
  var key : array<vec4f, ROWS * PART>;
  var value : array<vec4f, ROWS * PART>;
  var dkey : array<vec4f, ROWS * PART>;
  var dvalue : array<vec4f, ROWS * PART>;
  var score : array<vec4f, ROWS>;
  var dweight : array<vec4f, ROWS>;
  // @unroll
  for (var r = 0u; r < ROWS; r++) {
    row[r] = min(i % blocks * ROWS + r, p.T - 1u);
    let at = (b * p.T + row[r]) * 3u * C + C + head * D4 + own;
    // @unroll
    for (var c = 0u; c < PART; c++) {
      key[r * PART + c] = p.scale * x[at + 4u * c];
      value[r * PART + c] = x[at + C + 4u * c];
    }
  }

  for (var t = row[0]; t < p.T; t += 4u) {
    let four = t + vec4u(0u, 1u, 2u, 3u);
    let there = min(four, vec4u(p.T - 1u));
    let q = (b * p.T + there) * 3u * C + head * D4 + own;
    let g = (b * p.T + there) * C + head * D4 + own;
    let n = (b * p.H + head) * p.T + there;
    let rows = mat4x2f(tops[n.x], tops[n.y], tops[n.z], tops[n.w]);
    let top = vec4f(rows[0].x, rows[1].x, rows[2].x, rows[3].x);
    let inverse = vec4f(rows[0].y, rows[1].y, rows[2].y, rows[3].y);
    let inner = vec4f(delta[n.x], delta[n.y], delta[n.z], delta[n.w]);
    // @unroll
    for (var r = 0u; r < ROWS; r++) {
      score[r] = vec4f(0.0);
      dweight[r] = vec4f(0.0);
    }
    // @unroll
    for (var c = 0u; c < PART; c++) {
      let query = mat4x4f(x[q.x + 4u * c], x[q.y + 4u * c], x[q.z + 4u * c], x[q.w + 4u * c]);
      let slope = mat4x4f(dy[g.x + 4u * c], dy[g.y + 4u * c], dy[g.z + 4u * c], dy[g.w + 4u * c]);
      // @unroll
      for (var r = 0u; r < ROWS; r++) {
        score[r] += key[r * PART + c] * query;
        dweight[r] += value[r * PART + c] * slope;
      }
    }
    // @unroll
    for (var r = 0u; r < ROWS; r++) {
      let seen = (four >= vec4u(row[r])) & (four < vec4u(p.T));
      score[r] = select(vec4f(0.0), exp(whole(score[r]) - top) * inverse, seen);
      dweight[r] = score[r] * (whole(dweight[r]) - inner);
    }
    // @unroll
    for (var c = 0u; c < PART; c++) {
      let query = mat4x4f(x[q.x + 4u * c], x[q.y + 4u * c], x[q.z + 4u * c], x[q.w + 4u * c]);
      let slope = mat4x4f(dy[g.x + 4u * c], dy[g.y + 4u * c], dy[g.z + 4u * c], dy[g.w + 4u * c]);
      // @unroll
      for (var r = 0u; r < ROWS; r++) {
        dkey[r * PART + c] += query * dweight[r];
        dvalue[r * PART + c] += slope * score[r];
      }
    }
  }

  // @unroll
  for (var r = 0u; r < ROWS; r++) {
    if (i % blocks * ROWS + r < p.T) {
      let at = (b * p.T + row[r]) * 3u * C + C + head * D4 + own;
      // @unroll
      for (var c = 0u; c < PART; c++) {
        dx[at + 4u * c] = p.scale * dkey[r * PART + c];
        dx[at + C + 4u * c] = dvalue[r * PART + c];
      }
    }
  }
}

// The sum over the threads of a quad, in all of them.
fn whole(part : vec4f) -> vec4f {  // as in attention/causalAttentionQuad.wgsl
  let pair = part + quadSwapX(part);
  return pair + quadSwapY(pair);
}
