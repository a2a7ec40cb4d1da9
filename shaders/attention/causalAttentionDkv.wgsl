// causalAttentionDkv — the gradients of causalAttention with respect to keys and values; weights are computed again.
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
//   thread      ROWS keys of a head and their values, four queries at a time
//   grid        [B · H · T / ROWS] threads; a long row of workgroups is folded into y
//
// Loops over the columns of a head are not written out: they would compile for many seconds, and are hardly faster.

const D4 = 4u;             // vec4s of a head
const ROWS = 2u;
const WORKGROUP = 64u;

struct Params { B : u32, T : u32, H : u32, scale : f32 }

@group(0) @binding(0) var<uniform>             p : Params;
@group(0) @binding(1) var<storage, read>       x : array<vec4f>;
@group(0) @binding(2) var<storage, read>       dy : array<vec4f>;
@group(0) @binding(3) var<storage, read>       tops : array<vec2f>;
@group(0) @binding(4) var<storage, read>       delta : array<f32>;
@group(0) @binding(5) var<storage, read_write> dx : array<vec4f>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) gid : vec3u, @builtin(num_workgroups) groups : vec3u) {
  let i = gid.y * groups.x * WORKGROUP + gid.x;
  let blocks = (p.T + ROWS - 1u) / ROWS;
  let head = i / blocks % p.H;
  let b = i / blocks / p.H;
  if (b >= p.B) { return; }
  let C = p.H * D4;

  var row : array<u32, ROWS>;
  var key : array<vec4f, ROWS * D4>;
  var value : array<vec4f, ROWS * D4>;
  var dkey : array<vec4f, ROWS * D4>;
  var dvalue : array<vec4f, ROWS * D4>;
  var score : array<vec4f, ROWS>;
  var dweight : array<vec4f, ROWS>;
  // @unroll
  for (var r = 0u; r < ROWS; r++) {
    row[r] = min(i % blocks * ROWS + r, p.T - 1u);
    let at = (b * p.T + row[r]) * 3u * C + C + head * D4;
    for (var c = 0u; c < D4; c++) {
      key[r * D4 + c] = p.scale * x[at + c];
      value[r * D4 + c] = x[at + C + c];
    }
  }

  for (var t = row[0]; t < p.T; t += 4u) {
    let four = t + vec4u(0u, 1u, 2u, 3u);
    let there = min(four, vec4u(p.T - 1u));
    let q = (b * p.T + there) * 3u * C + head * D4;
    let g = (b * p.T + there) * C + head * D4;
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
    for (var c = 0u; c < D4; c++) {
      let query = mat4x4f(x[q.x + c], x[q.y + c], x[q.z + c], x[q.w + c]);
      let slope = mat4x4f(dy[g.x + c], dy[g.y + c], dy[g.z + c], dy[g.w + c]);
      // @unroll
      for (var r = 0u; r < ROWS; r++) {
        score[r] += key[r * D4 + c] * query;
        dweight[r] += value[r * D4 + c] * slope;
      }
    }
    // @unroll
    for (var r = 0u; r < ROWS; r++) {
      let seen = (four >= vec4u(row[r])) & (four < vec4u(p.T));
      score[r] = select(vec4f(0.0), exp(score[r] - top) * inverse, seen);
      dweight[r] = score[r] * (dweight[r] - inner);
    }
    for (var c = 0u; c < D4; c++) {
      let query = mat4x4f(x[q.x + c], x[q.y + c], x[q.z + c], x[q.w + c]);
      let slope = mat4x4f(dy[g.x + c], dy[g.y + c], dy[g.z + c], dy[g.w + c]);
      // @unroll
      for (var r = 0u; r < ROWS; r++) {
        dkey[r * D4 + c] += query * dweight[r];
        dvalue[r * D4 + c] += slope * score[r];
      }
    }
  }

  // @unroll
  for (var r = 0u; r < ROWS; r++) {
    if (i % blocks * ROWS + r < p.T) {
      let at = (b * p.T + row[r]) * 3u * C + C + head * D4;
      for (var c = 0u; c < D4; c++) {
        dx[at + c] = p.scale * dkey[r * D4 + c];
        dx[at + C + c] = dvalue[r * D4 + c];
      }
    }
  }
}
