// attentionDkvQuad — attentionDkv.wgsl; four neighbouring threads share the columns of a head.
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
//   thread      every fourth vec4 of ROWS keys of a head and their values, four queries at a time
//   quad        adds up its parts of every score
//   grid        [B · H · T / ROWS] · 4 threads; a long row of workgroups is folded into y

enable subgroups;
// The threads of a quad take the same way.
diagnostic(off, subgroup_uniformity);

const D4 = 4u;             // vec4s of a head: a multiple of 4
const PART = D4 / 4u;      // of them a thread's
const ROWS = 4u;
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
fn main(@builtin(global_invocation_id) gid : vec3u, @builtin(num_workgroups) groups : vec3u,
        @builtin(subgroup_invocation_id) lane : u32) {
  let i = (gid.y * groups.x * WORKGROUP + gid.x) / 4u;
  let own = lane % 4u;
  let blocks = (p.T + ROWS - 1u) / ROWS;
  let head = i / blocks % p.H;
  let b = i / blocks / p.H;
  if (b >= p.B) { return; }

  var row : array<u32, ROWS>;
  var key : array<vec4f, ROWS * PART>;
  var value : array<vec4f, ROWS * PART>;
  var dkey : array<vec4f, ROWS * PART>;
  var dvalue : array<vec4f, ROWS * PART>;
  // @unroll
  for (var r = 0u; r < ROWS; r++) {
    row[r] = min(i % blocks * ROWS + r, p.T - 1u);
    let kAt = (b * p.T + row[r]) * p.kStride + p.kAt + head * D4 + own;
    let vAt = (b * p.T + row[r]) * p.vStride + p.vAt + head * D4 + own;
    // @unroll
    for (var c = 0u; c < PART; c++) {
      key[r * PART + c] = p.scale * k[kAt + 4u * c];
      value[r * PART + c] = v[vAt + 4u * c];
    }
  }

  // The first query that sees one of the keys, and the first that sees all. The last query sees most.
  let most = u32(tops[(b * p.H + head) * p.Q + p.Q - 1u].z);
  var t = 0u;
  var full = 0u;
  if (CAUSAL) {
    t = max(row[0] + p.Q, p.T) - p.T;
    full = max(row[ROWS - 1u] + p.Q, p.T) - p.T;
  }
  if (row[0] >= most) { t = p.Q; }
  if (row[ROWS - 1u] >= most) { full = p.Q; }
  // Four at a time those that see all; with NaN among those that see some, which times 0 is NaN, one by one.
  for (var turn = 0u; turn < 2u; turn++) {
    for (; t < full; t++) {
      let qFrom = (b * p.Q + t) * p.qStride + head * D4 + own;
      let gFrom = ((b * p.Q + t) * p.H + head) * D4 + own;
      let top = tops[(b * p.H + head) * p.Q + t];
      let inner = delta[(b * p.H + head) * p.Q + t];
      var one = array<f32, ROWS>();
      var dOne = array<f32, ROWS>();
      // @unroll
      for (var c = 0u; c < PART; c++) {
        let query = q[qFrom + 4u * c];
        let slope = dy[gFrom + 4u * c];
        // @unroll
        for (var r = 0u; r < ROWS; r++) {
          one[r] += dot(key[r * PART + c], query);
          dOne[r] += dot(value[r * PART + c], slope);
        }
      }
      // @unroll
      for (var r = 0u; r < ROWS; r++) {
        one[r] = exp(wholeOf(one[r]) - top.x) * top.y;
        dOne[r] = one[r] * (wholeOf(dOne[r]) - inner);
      }
      // @unroll
      for (var c = 0u; c < PART; c++) {
        let query = q[qFrom + 4u * c];
        let slope = dy[gFrom + 4u * c];
        // @unroll
        for (var r = 0u; r < ROWS; r++) {
          let sees = row[r] < u32(top.z);
          dkey[r * PART + c] += select(vec4f(0.0), query * dOne[r], sees);
          dvalue[r * PART + c] += select(vec4f(0.0), slope * one[r], sees);
        }
      }
    }
    for (; t + 4u <= p.Q; t += 4u) {
      let there = t + vec4u(0u, 1u, 2u, 3u);
      let qFrom = (b * p.Q + there) * p.qStride + head * D4 + own;
      let gFrom = ((b * p.Q + there) * p.H + head) * D4 + own;
      let top = tops[(b * p.H + head) * p.Q + t + own];
      let inner = delta[(b * p.H + head) * p.Q + t + own];
      var queries : array<mat4x4f, PART>;
      var slopes : array<mat4x4f, PART>;
      var score = array<vec4f, ROWS>();
      var dweight = array<vec4f, ROWS>();
      // @unroll
      for (var c = 0u; c < PART; c++) {
        queries[c] = mat4x4f(q[qFrom.x + 4u * c], q[qFrom.y + 4u * c], q[qFrom.z + 4u * c], q[qFrom.w + 4u * c]);
        slopes[c] = mat4x4f(dy[gFrom.x + 4u * c], dy[gFrom.y + 4u * c], dy[gFrom.z + 4u * c], dy[gFrom.w + 4u * c]);
        // @unroll
        for (var r = 0u; r < ROWS; r++) {
          score[r] += key[r * PART + c] * queries[c];
          dweight[r] += value[r * PART + c] * slopes[c];
        }
      }
      // @unroll
      for (var r = 0u; r < ROWS; r++) {
        // A thread has the weight of one query, and hears those of the others.
        let w = exp(ownOf(score[r], own) - top.x) * top.y;
        score[r] = ofAll(w);
        dweight[r] = ofAll(w * (ownOf(dweight[r], own) - inner));
      }
      // @unroll
      for (var c = 0u; c < PART; c++) {
        // @unroll
        for (var r = 0u; r < ROWS; r++) {
          dkey[r * PART + c] += queries[c] * dweight[r];
          dvalue[r * PART + c] += slopes[c] * score[r];
        }
      }
    }
    full = p.Q;
  }

  // @unroll
  for (var r = 0u; r < ROWS; r++) {
    if (i % blocks * ROWS + r < p.T) {
      let kAt = (b * p.T + row[r]) * p.kStride + p.kAt + head * D4 + own;
      let vAt = (b * p.T + row[r]) * p.vStride + p.vAt + head * D4 + own;
      // @unroll
      for (var c = 0u; c < PART; c++) {
        dk[kAt + 4u * c] = p.scale * dkey[r * PART + c];
        if (PACKED) { dk[vAt + 4u * c] = dvalue[r * PART + c]; } else { dv[vAt + 4u * c] = dvalue[r * PART + c]; }
      }
    }
  }
}

// The sum over the threads of a quad of one number of four: a thread has that of its own place.
fn ownOf(part : vec4f, own : u32) -> f32 {  // as in attention/attentionQuad.wgsl
  let pair = select(part.yw, part.xz, own % 2u == 0u) + quadSwapX(select(part.xz, part.yw, own % 2u == 0u));
  return select(pair.y, pair.x, own < 2u) + quadSwapY(select(pair.x, pair.y, own < 2u));
}

// What the four threads of a quad have, in all of them.
fn ofAll(one : f32) -> vec4f {  // as in attention/attentionQuad.wgsl
  return vec4f(quadBroadcast(one, 0u), quadBroadcast(one, 1u), quadBroadcast(one, 2u), quadBroadcast(one, 3u));
}

// The sum over the threads of a quad, in all of them.
fn whole(part : vec4f) -> vec4f {  // as in attention/attentionQuad.wgsl
  let pair = part + quadSwapX(part);
  return pair + quadSwapY(pair);
}

// The same of one number.
fn wholeOf(part : f32) -> f32 { return whole(vec4f(part)).x; }  // as in attention/attentionQuad.wgsl
