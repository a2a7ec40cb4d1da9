// attentionDq — the gradient of attention with respect to the queries; weights are computed again.
//
//   w_j            = exp(scale · query[b,t,h] · key[b,j,h] − top) · inverse       (top, inverse, seen) = tops[b,h,t]
//   dq[b,t,h]      = scale · Σ_{j < seen} w_j · (dy[b,t,h] · value[b,j,h] − delta[b,h,t]) · key[b,j,h]
//   delta[b,h,t]   = dy[b,t,h] · y[b,t,h]
//
//   q dq [B, Q, qStride]      head h of a query at vec4 h · D4 of its row; strides and places are in vec4s
//   k v  [B, T, …Stride]      head h of a key at kAt + h · D4, of a value at vAt + h · D4
//   y dy [B, Q, H · D4]
//   tops  [B, H, Q, 4]        the largest score, 1 / Σ exp of all relative to it, how many keys are seen, 0
//   delta [B, H, Q]
//
//   thread      ROWS queries of a head, four keys at a time
//   grid        [B · H · Q / ROWS] threads; a long row of workgroups is folded into y
//
// Loops over the columns of a head are not written out: they would compile for many seconds, and are hardly faster.

const D4 = 4u;             // vec4s of a head
const ROWS = 2u;
const WORKGROUP = 64u;

struct Params { B : u32, Q : u32, T : u32, H : u32, qStride : u32, kStride : u32, vStride : u32, kAt : u32, vAt : u32, scale : f32 }

@group(0) @binding(0) var<uniform>             p : Params;
@group(0) @binding(1) var<storage, read>       q : array<vec4f>;
@group(0) @binding(2) var<storage, read>       k : array<vec4f>;
@group(0) @binding(3) var<storage, read>       v : array<vec4f>;
@group(0) @binding(4) var<storage, read>       y : array<vec4f>;
@group(0) @binding(5) var<storage, read>       dy : array<vec4f>;
@group(0) @binding(6) var<storage, read>       tops : array<vec4f>;
@group(0) @binding(7) var<storage, read_write> dq : array<vec4f>;
@group(0) @binding(8) var<storage, read_write> delta : array<f32>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) gid : vec3u, @builtin(num_workgroups) groups : vec3u) {
  let i = gid.y * groups.x * WORKGROUP + gid.x;
  let blocks = (p.Q + ROWS - 1u) / ROWS;
  let head = i / blocks % p.H;
  let b = i / blocks / p.H;
  if (b >= p.B) { return; }

  var row : array<u32, ROWS>;
  var seen : array<u32, ROWS>;
  var query : array<vec4f, ROWS * D4>;
  var slope : array<vec4f, ROWS * D4>;
  var dquery : array<vec4f, ROWS * D4>;
  var top : array<vec4f, ROWS>;
  var inner : array<f32, ROWS>;
  var score : array<vec4f, ROWS>;
  var dweight : array<vec4f, ROWS>;
  var one : array<f32, ROWS>;
  var dOne : array<f32, ROWS>;
  // @unroll
  for (var r = 0u; r < ROWS; r++) {
    row[r] = min(i % blocks * ROWS + r, p.Q - 1u);
    let at = ((b * p.Q + row[r]) * p.H + head) * D4;
    for (var c = 0u; c < D4; c++) {
      query[r * D4 + c] = p.scale * q[(b * p.Q + row[r]) * p.qStride + head * D4 + c];
      slope[r * D4 + c] = dy[at + c];
      inner[r] += dot(dy[at + c], y[at + c]);
    }
    top[r] = tops[(b * p.H + head) * p.Q + row[r]];
    seen[r] = u32(top[r].z);
  }

  // Four at a time what all of them see; with NaN among what only some see, which times 0 is NaN, one by one.
  let full = seen[0] / 4u * 4u;
  for (var j = 0u; j < full; j += 4u) {
    let there = b * p.T + j + vec4u(0u, 1u, 2u, 3u);
    let kFrom = there * p.kStride + p.kAt + head * D4;
    let vFrom = there * p.vStride + p.vAt + head * D4;
    // @unroll
    for (var r = 0u; r < ROWS; r++) {
      score[r] = vec4f(0.0);
      dweight[r] = vec4f(0.0);
    }
    for (var c = 0u; c < D4; c++) {
      let key = mat4x4f(k[kFrom.x + c], k[kFrom.y + c], k[kFrom.z + c], k[kFrom.w + c]);
      let value = mat4x4f(v[vFrom.x + c], v[vFrom.y + c], v[vFrom.z + c], v[vFrom.w + c]);
      // @unroll
      for (var r = 0u; r < ROWS; r++) {
        score[r] += query[r * D4 + c] * key;
        dweight[r] += slope[r * D4 + c] * value;
      }
    }
    // @unroll
    for (var r = 0u; r < ROWS; r++) { score[r] = exp(score[r] - top[r].x) * top[r].y * (dweight[r] - inner[r]); }
    for (var c = 0u; c < D4; c++) {
      let key = mat4x4f(k[kFrom.x + c], k[kFrom.y + c], k[kFrom.z + c], k[kFrom.w + c]);
      // @unroll
      for (var r = 0u; r < ROWS; r++) { dquery[r * D4 + c] += key * score[r]; }
    }
  }
  for (var j = full; j < seen[ROWS - 1u]; j++) {
    let kFrom = (b * p.T + j) * p.kStride + p.kAt + head * D4;
    let vFrom = (b * p.T + j) * p.vStride + p.vAt + head * D4;
    // @unroll
    for (var r = 0u; r < ROWS; r++) {
      one[r] = 0.0;
      dOne[r] = 0.0;
    }
    for (var c = 0u; c < D4; c++) {
      let key = k[kFrom + c];
      let value = v[vFrom + c];
      // @unroll
      for (var r = 0u; r < ROWS; r++) {
        one[r] += dot(query[r * D4 + c], key);
        dOne[r] += dot(slope[r * D4 + c], value);
      }
    }
    // @unroll
    for (var r = 0u; r < ROWS; r++) { one[r] = exp(one[r] - top[r].x) * top[r].y * (dOne[r] - inner[r]); }
    for (var c = 0u; c < D4; c++) {
      let key = k[kFrom + c];
      // @unroll
      for (var r = 0u; r < ROWS; r++) { dquery[r * D4 + c] += select(vec4f(0.0), key * one[r], j < seen[r]); }
    }
  }

  // @unroll
  for (var r = 0u; r < ROWS; r++) {
    if (i % blocks * ROWS + r < p.Q) {
      for (var c = 0u; c < D4; c++) { dq[(b * p.Q + row[r]) * p.qStride + head * D4 + c] = p.scale * dquery[r * D4 + c]; }
      delta[(b * p.H + head) * p.Q + row[r]] = inner[r];
    }
  }
}
