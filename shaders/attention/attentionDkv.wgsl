// attentionDkv — the gradients of attention with respect to keys and values; weights are computed again.
//
//   w_t         = exp(scale · query[b,t,h] · key[b,j,h] − top) · inverse       (top, inverse, seen) = tops[b,h,t]
//   dv[b,j,h]   = Σ_t w_t · dy[b,t,h]
//   dk[b,j,h]   = scale · Σ_t w_t · (dy[b,t,h] · value[b,j,h] − delta[b,h,t]) · query[b,t,h]
//   for all t that see j: j < seen
//
//   q    [B, Q, qStride]        head h of a query at vec4 h · D4 of its row; strides and places are in vec4s
//   k v dk dv [B, T, …Stride]   head h of a key at kAt + h · D4, of a value at vAt + h · D4
//   dy   [B, Q, H · D4]
//   tops  [B, H, Q, 4]          the largest score, 1 / Σ exp of all relative to it, how many keys are seen, 0
//   delta [B, H, Q]             dy · y
//
//   thread      ROWS keys of a head and their values, four queries at a time
//   grid        [B · H · T / ROWS] threads; a long row of workgroups is folded into y
//
// Loops over the columns of a head are not written out: they would compile for many seconds, and are hardly faster.

const D4 = 4u;             // vec4s of a head
const ROWS = 2u;
const SPAN = 1u;           // so many threads beside each other begin at the same query, and share what they load
const CAUSAL = false;      // queries are the last positions, and none sees a key behind its own
const PACKED = false;      // keys and values are one tensor: dk takes both gradients, and dv is not written
const WORKGROUP = 64u;

struct Params { B : u32, Q : u32, T : u32, H : u32, qStride : u32, kStride : u32, vStride : u32, kAt : u32, vAt : u32, scale : f32 }

@group(0) @binding(0) var<uniform>             p : Params;
@group(0) @binding(1) var<storage, read>       q : array<vec4f>;
@group(0) @binding(2) var<storage, read>       k : array<vec4f>;
@group(0) @binding(3) var<storage, read>       v : array<vec4f>;
@group(0) @binding(4) var<storage, read>       dy : array<vec4f>;
@group(0) @binding(5) var<storage, read>       tops : array<vec4f>;
@group(0) @binding(6) var<storage, read>       delta : array<f32>;
@group(0) @binding(7) var<storage, read_write> dk : array<vec4f>;
@group(0) @binding(8) var<storage, read_write> dv : array<vec4f>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) gid : vec3u, @builtin(num_workgroups) groups : vec3u) {
  let i = gid.y * groups.x * WORKGROUP + gid.x;
  let blocks = (p.T + ROWS - 1u) / ROWS;
  let head = i / blocks % p.H;
  let b = i / blocks / p.H;
  if (b >= p.B) { return; }

  var row : array<u32, ROWS>;
  var key : array<vec4f, ROWS * D4>;
  var value : array<vec4f, ROWS * D4>;
  var dkey : array<vec4f, ROWS * D4>;
  var dvalue : array<vec4f, ROWS * D4>;
  var score : array<vec4f, ROWS>;
  var dweight : array<vec4f, ROWS>;
  var one : array<f32, ROWS>;
  var dOne : array<f32, ROWS>;
  // @unroll
  for (var r = 0u; r < ROWS; r++) {
    row[r] = min(i % blocks * ROWS + r, p.T - 1u);
    let kAt = (b * p.T + row[r]) * p.kStride + p.kAt + head * D4;
    let vAt = (b * p.T + row[r]) * p.vStride + p.vAt + head * D4;
    for (var c = 0u; c < D4; c++) {
      key[r * D4 + c] = p.scale * k[kAt + c];
      value[r * D4 + c] = v[vAt + c];
    }
  }

  // The first query that sees one of the keys of SPAN threads, and the first that sees all. The last query sees most.
  let most = u32(tops[(b * p.H + head) * p.Q + p.Q - 1u].z);
  var t = 0u;
  var full = 0u;
  if (CAUSAL) {
    let near = SPAN * ROWS;
    t = max(row[0] / near * near + p.Q, p.T) - p.T;
    full = min(p.Q, max((row[ROWS - 1u] / near + 1u) * near - 1u + p.Q, p.T) - p.T);
  }
  if (row[0] >= most) { t = p.Q; }
  if (row[ROWS - 1u] >= most) { full = p.Q; }
  // Four at a time those that see all; with NaN among those that see some, which times 0 is NaN, one by one.
  for (var turn = 0u; turn < 2u; turn++) {
    for (; t < full; t++) {
      let qFrom = (b * p.Q + t) * p.qStride + head * D4;
      let gFrom = ((b * p.Q + t) * p.H + head) * D4;
      let top = tops[(b * p.H + head) * p.Q + t];
      let inner = delta[(b * p.H + head) * p.Q + t];
      // @unroll
      for (var r = 0u; r < ROWS; r++) {
        one[r] = 0.0;
        dOne[r] = 0.0;
      }
      for (var c = 0u; c < D4; c++) {
        let query = q[qFrom + c];
        let slope = dy[gFrom + c];
        // @unroll
        for (var r = 0u; r < ROWS; r++) {
          one[r] += dot(key[r * D4 + c], query);
          dOne[r] += dot(value[r * D4 + c], slope);
        }
      }
      // @unroll
      for (var r = 0u; r < ROWS; r++) {
        one[r] = exp(one[r] - top.x) * top.y;
        dOne[r] = one[r] * (dOne[r] - inner);
      }
      for (var c = 0u; c < D4; c++) {
        let query = q[qFrom + c];
        let slope = dy[gFrom + c];
        // @unroll
        for (var r = 0u; r < ROWS; r++) {
          let sees = row[r] < u32(top.z);
          dkey[r * D4 + c] += select(vec4f(0.0), query * dOne[r], sees);
          dvalue[r * D4 + c] += select(vec4f(0.0), slope * one[r], sees);
        }
      }
    }
    for (; t + 4u <= p.Q; t += 4u) {
      let there = t + vec4u(0u, 1u, 2u, 3u);
      let qFrom = (b * p.Q + there) * p.qStride + head * D4;
      let gFrom = ((b * p.Q + there) * p.H + head) * D4;
      let n = (b * p.H + head) * p.Q + there;
      let rows = transpose(mat4x4f(tops[n.x], tops[n.y], tops[n.z], tops[n.w]));
      let inner = vec4f(delta[n.x], delta[n.y], delta[n.z], delta[n.w]);
      // @unroll
      for (var r = 0u; r < ROWS; r++) {
        score[r] = vec4f(0.0);
        dweight[r] = vec4f(0.0);
      }
      for (var c = 0u; c < D4; c++) {
        let query = mat4x4f(q[qFrom.x + c], q[qFrom.y + c], q[qFrom.z + c], q[qFrom.w + c]);
        let slope = mat4x4f(dy[gFrom.x + c], dy[gFrom.y + c], dy[gFrom.z + c], dy[gFrom.w + c]);
        // @unroll
        for (var r = 0u; r < ROWS; r++) {
          score[r] += key[r * D4 + c] * query;
          dweight[r] += value[r * D4 + c] * slope;
        }
      }
      // @unroll
      for (var r = 0u; r < ROWS; r++) {
        score[r] = exp(score[r] - rows[0]) * rows[1];
        dweight[r] = score[r] * (dweight[r] - inner);
      }
      for (var c = 0u; c < D4; c++) {
        let query = mat4x4f(q[qFrom.x + c], q[qFrom.y + c], q[qFrom.z + c], q[qFrom.w + c]);
        let slope = mat4x4f(dy[gFrom.x + c], dy[gFrom.y + c], dy[gFrom.z + c], dy[gFrom.w + c]);
        // @unroll
        for (var r = 0u; r < ROWS; r++) {
          dkey[r * D4 + c] += query * dweight[r];
          dvalue[r * D4 + c] += slope * score[r];
        }
      }
    }
    full = p.Q;
  }

  // @unroll
  for (var r = 0u; r < ROWS; r++) {
    if (i % blocks * ROWS + r < p.T) {
      let kAt = (b * p.T + row[r]) * p.kStride + p.kAt + head * D4;
      let vAt = (b * p.T + row[r]) * p.vStride + p.vAt + head * D4;
      for (var c = 0u; c < D4; c++) {
        dk[kAt + c] = p.scale * dkey[r * D4 + c];
        if (PACKED) { dk[vAt + c] = dvalue[r * D4 + c]; } else { dv[vAt + c] = dvalue[r * D4 + c]; }
      }
    }
  }
}
