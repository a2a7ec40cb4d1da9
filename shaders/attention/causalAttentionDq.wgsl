// causalAttentionDq — the gradient of causalAttention with respect to the queries; weights are computed again.
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
//   thread      ROWS queries of a head, four keys at a time
//   grid        [B · H · T / ROWS] threads; a long row of workgroups is folded into y
//
// Loops over the columns of a head are not written out: they would compile for many seconds, and are hardly faster.

const D4 = 4u;             // vec4s of a head
const ROWS = 2u;
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
fn main(@builtin(global_invocation_id) gid : vec3u, @builtin(num_workgroups) groups : vec3u) {
  let i = gid.y * groups.x * WORKGROUP + gid.x;
  let blocks = (p.T + ROWS - 1u) / ROWS;
  let head = i / blocks % p.H;
  let b = i / blocks / p.H;
  if (b >= p.B) { return; }
  let C = p.H * D4;

  var row : array<u32, ROWS>;
  var query : array<vec4f, ROWS * D4>;
  var slope : array<vec4f, ROWS * D4>;
  var dquery : array<vec4f, ROWS * D4>;
  var top : array<vec2f, ROWS>;
  var inner : array<f32, ROWS>;
  var score : array<vec4f, ROWS>;
  var dweight : array<vec4f, ROWS>;
  // @unroll
  for (var r = 0u; r < ROWS; r++) {
    row[r] = min(i % blocks * ROWS + r, p.T - 1u);
    let at = (b * p.T + row[r]) * C + head * D4;
    for (var c = 0u; c < D4; c++) {
      query[r * D4 + c] = p.scale * x[(b * p.T + row[r]) * 3u * C + head * D4 + c];
      slope[r * D4 + c] = dy[at + c];
      inner[r] += dot(dy[at + c], y[at + c]);
    }
    top[r] = tops[(b * p.H + head) * p.T + row[r]];
  }

  for (var j = 0u; j <= row[ROWS - 1u]; j += 4u) {
    let four = j + vec4u(0u, 1u, 2u, 3u);
    let k = (b * p.T + min(four, vec4u(p.T - 1u))) * 3u * C + C + head * D4;
    let v = k + C;
    // @unroll
    for (var r = 0u; r < ROWS; r++) {
      score[r] = vec4f(0.0);
      dweight[r] = vec4f(0.0);
    }
    for (var c = 0u; c < D4; c++) {
      let key = mat4x4f(x[k.x + c], x[k.y + c], x[k.z + c], x[k.w + c]);
      let value = mat4x4f(x[v.x + c], x[v.y + c], x[v.z + c], x[v.w + c]);
      // @unroll
      for (var r = 0u; r < ROWS; r++) {
        score[r] += query[r * D4 + c] * key;
        dweight[r] += slope[r * D4 + c] * value;
      }
    }
    // @unroll
    for (var r = 0u; r < ROWS; r++) {
      let weight = select(vec4f(0.0), exp(score[r] - top[r].x) * top[r].y, four <= vec4u(row[r]));
      score[r] = weight * (dweight[r] - inner[r]);
    }
    for (var c = 0u; c < D4; c++) {
      let key = mat4x4f(x[k.x + c], x[k.y + c], x[k.z + c], x[k.w + c]);
      // @unroll
      for (var r = 0u; r < ROWS; r++) { dquery[r * D4 + c] += key * score[r]; }
    }
  }

  // @unroll
  for (var r = 0u; r < ROWS; r++) {
    if (i % blocks * ROWS + r < p.T) {
      for (var c = 0u; c < D4; c++) { dx[(b * p.T + row[r]) * 3u * C + head * D4 + c] = p.scale * dquery[r * D4 + c]; }
      delta[(b * p.H + head) * p.T + row[r]] = inner[r];
    }
  }
}
