// attention — for every query the mean of the values that it sees, weighted by how well their keys fit; one pass.
//
//   y[b,t,h]    = Σ_j exp(s_j − top) · inverse · value[b,j,h]      s_j = scale · query[b,t,h] · key[b,j,h]
//   tops[b,h,t] = (top, inverse, seen, 0)       top = max_j s_j, inverse = 1 / Σ_j exp(s_j − top)
//
//   for the first `seen` keys: all T, or lengths[b], or those up to its own place, where queries are the last positions.
//   0 where a query sees none; NaN where a score is NaN or +∞, or all are −∞.
//
//   q      [B, Q, qStride]    head h of a query at vec4 h · D4 of its row; strides and places are in vec4s
//   k v    [B, T, …Stride]    head h of a key at kAt + h · D4, of a value at vAt + h · D4
//   position [1]              of the last query, counted from 0; bound but not read unless CACHED
//   lengths [B]               bound but not read unless LENGTHS
//   y      [B, Q, H · D4]
//   tops   [B, H, Q, 4]       for the gradient
//
//   thread      ROWS queries of a head, four keys at a time: the largest score so far, and sums relative to it
//   grid        [B · H · Q / ROWS] threads; a long row of workgroups is folded into y
//
// Loops over the columns of a head are not written out: they would compile for many seconds, and are hardly faster.

const D4 = 4u;             // vec4s of a head
const ROWS = 2u;
const CAUSAL = false;      // a query sees no key behind its own place
const CACHED = false;      // keys are a ring: position j's in row j mod T, and only those of the last T are there
const LENGTHS = false;     // a row of the batch has so many keys
const LOWEST = -3.4028234663852886e38;    // no finite number is less; not −∞: −∞ − −∞ is NaN
const WORKGROUP = 64u;

struct Params { B : u32, Q : u32, T : u32, H : u32, qStride : u32, kStride : u32, vStride : u32, kAt : u32, vAt : u32, never : u32, scale : f32 }

@group(0) @binding(0) var<uniform>             p : Params;
@group(0) @binding(1) var<storage, read>       q : array<vec4f>;
@group(0) @binding(2) var<storage, read>       k : array<vec4f>;
@group(0) @binding(3) var<storage, read>       v : array<vec4f>;
@group(0) @binding(4) var<storage, read>       position : array<u32>;
@group(0) @binding(5) var<storage, read>       lengths : array<u32>;
@group(0) @binding(6) var<storage, read_write> y : array<vec4f>;
@group(0) @binding(7) var<storage, read_write> tops : array<vec4f>;

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
  var mean : array<vec4f, ROWS * D4>;
  var top : array<f32, ROWS>;
  var sum : array<f32, ROWS>;
  var score : array<vec4f, ROWS>;
  var weight : array<f32, ROWS>;
  var sees : array<bool, ROWS>;
  var fade : array<f32, ROWS>;
  var most = p.T;
  var newest = 0u;
  if (LENGTHS) { most = min(most, lengths[b]); }
  if (CACHED) {
    most = min(position[0], p.T - 1u) + 1u;
    newest = position[0] % p.T;
  }
  // @unroll
  for (var r = 0u; r < ROWS; r++) {
    row[r] = min(i % blocks * ROWS + r, p.Q - 1u);
    seen[r] = most;
    if (CAUSAL) { seen[r] = min(most, max(row[r] + 1u + p.T, p.Q) - p.Q); }
    top[r] = LOWEST;
    for (var c = 0u; c < D4; c++) { query[r * D4 + c] = p.scale * q[(b * p.Q + row[r]) * p.qStride + head * D4 + c]; }
  }

  // The score of what is not seen: −∞, from the host, because WGSL has no way to write it.
  let never = bitcast<f32>(p.never);
  // Four at a time what all of them see; with NaN among what only some see, which times 0 is NaN, one by one.
  var full = seen[0] / 4u * 4u;
  if (CACHED && p.Q > 1u) { full = 0u; }
  for (var j = 0u; j < full; j += 4u) {
    let there = b * p.T + j + vec4u(0u, 1u, 2u, 3u);
    let kFrom = there * p.kStride + p.kAt + head * D4;
    let vFrom = there * p.vStride + p.vAt + head * D4;
    // @unroll
    for (var r = 0u; r < ROWS; r++) { score[r] = vec4f(0.0); }
    for (var c = 0u; c < D4; c++) {
      let key = mat4x4f(k[kFrom.x + c], k[kFrom.y + c], k[kFrom.z + c], k[kFrom.w + c]);
      // @unroll
      for (var r = 0u; r < ROWS; r++) { score[r] += query[r * D4 + c] * key; }
    }
    // @unroll
    for (var r = 0u; r < ROWS; r++) {
      let s = score[r];
      let largest = max(max(top[r], max(s.x, s.y)), max(s.z, s.w));    // the sum has a NaN
      fade[r] = exp(top[r] - largest);
      score[r] = exp(s - largest);
      sum[r] = fma(sum[r], fade[r], dot(score[r], vec4f(1.0)));
      top[r] = largest;
    }
    for (var c = 0u; c < D4; c++) {
      let value = mat4x4f(v[vFrom.x + c], v[vFrom.y + c], v[vFrom.z + c], v[vFrom.w + c]);
      // @unroll
      for (var r = 0u; r < ROWS; r++) { mean[r * D4 + c] = fma(mean[r * D4 + c], vec4f(fade[r]), value * score[r]); }
    }
  }
  for (var j = full; j < seen[ROWS - 1u]; j++) {
    let kFrom = (b * p.T + j) * p.kStride + p.kAt + head * D4;
    let vFrom = (b * p.T + j) * p.vStride + p.vAt + head * D4;
    // @unroll
    for (var r = 0u; r < ROWS; r++) { weight[r] = 0.0; }
    for (var c = 0u; c < D4; c++) {
      let key = k[kFrom + c];
      // @unroll
      for (var r = 0u; r < ROWS; r++) { weight[r] += dot(query[r * D4 + c], key); }
    }
    // @unroll
    for (var r = 0u; r < ROWS; r++) {
      sees[r] = j < seen[r];
      if (CACHED) { sees[r] = sees[r] && age(j, newest) >= p.Q - 1u - row[r]; }
      let s = select(never, weight[r], sees[r]);
      let largest = max(top[r], s);
      fade[r] = exp(top[r] - largest);
      weight[r] = exp(s - largest);
      sum[r] = fma(sum[r], fade[r], weight[r]);
      top[r] = largest;
    }
    for (var c = 0u; c < D4; c++) {
      let value = v[vFrom + c];
      // @unroll
      for (var r = 0u; r < ROWS; r++) {
        mean[r * D4 + c] = fma(mean[r * D4 + c], vec4f(fade[r]), select(vec4f(0.0), value * weight[r], sees[r]));
      }
    }
  }

  // @unroll
  for (var r = 0u; r < ROWS; r++) {
    // A sum is above 0 and finite unless a score was not, whatever exp makes of NaN. The set bits are NaN.
    let bits = bitcast<u32>(sum[r]);
    let fine = bits - 1u < 0x7f7fffffu && top[r] <= -LOWEST;
    var inverse = select(bitcast<f32>(bits | 0x7fc00000u), 1.0 / sum[r], fine);
    if (seen[r] == 0u) { inverse = 0.0; }
    if (i % blocks * ROWS + r < p.Q) {
      for (var c = 0u; c < D4; c++) { y[((b * p.Q + row[r]) * p.H + head) * D4 + c] = mean[r * D4 + c] * inverse; }
      tops[(b * p.H + head) * p.Q + row[r]] = vec4f(top[r], inverse, f32(seen[r]), 0.0);
    }
  }
}

// How many positions before the newest one a row of a ring is.
fn age(row : u32, newest : u32) -> u32 {
  return (newest + p.T - row) % p.T;
}
