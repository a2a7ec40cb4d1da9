// attentionQuad — attention.wgsl; four neighbouring threads share the columns of a head.
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
//   thread      every fourth vec4 of ROWS queries of a head, four keys at a time: the largest score so far, sums
//   quad        adds up its parts of every score
//   grid        [B · H · Q / ROWS] · 4 threads; a long row of workgroups is folded into y

enable subgroups;
// The threads of a quad take the same way.
diagnostic(off, subgroup_uniformity);

const D4 = 4u;             // vec4s of a head: a multiple of 4
const PART = D4 / 4u;      // of them a thread's
const ROWS = 4u;
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
fn main(@builtin(global_invocation_id) gid : vec3u, @builtin(num_workgroups) groups : vec3u,
        @builtin(subgroup_invocation_id) lane : u32) {
  let i = (gid.y * groups.x * WORKGROUP + gid.x) / 4u;
  let own = lane % 4u;
  let blocks = (p.Q + ROWS - 1u) / ROWS;
  let head = i / blocks % p.H;
  let b = i / blocks / p.H;
  if (b >= p.B) { return; }

  var row : array<u32, ROWS>;
  var seen : array<u32, ROWS>;
  var query : array<vec4f, ROWS * PART>;
  var mean : array<vec4f, ROWS * PART>;
  var top : array<f32, ROWS>;
  var sum : array<f32, ROWS>;
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
    // @unroll
    for (var c = 0u; c < PART; c++) { query[r * PART + c] = p.scale * q[(b * p.Q + row[r]) * p.qStride + head * D4 + own + 4u * c]; }
  }

  // The score of what is not seen: −∞, from the host, because WGSL has no way to write it.
  let never = bitcast<f32>(p.never);
  // Four at a time what all of them see; with NaN among what only some see, which times 0 is NaN, one by one.
  var full = seen[0] / 4u * 4u;
  if (CACHED && p.Q > 1u) { full = 0u; }
  for (var j = 0u; j < full; j += 4u) {
    let there = b * p.T + j + vec4u(0u, 1u, 2u, 3u);
    let kFrom = there * p.kStride + p.kAt + head * D4 + own;
    let vFrom = there * p.vStride + p.vAt + head * D4 + own;
    var score = array<vec4f, ROWS>();
    // @unroll
    for (var c = 0u; c < PART; c++) {
      let key = mat4x4f(k[kFrom.x + 4u * c], k[kFrom.y + 4u * c], k[kFrom.z + 4u * c], k[kFrom.w + 4u * c]);
      // @unroll
      for (var r = 0u; r < ROWS; r++) { score[r] += query[r * PART + c] * key; }
    }
    // @unroll
    for (var r = 0u; r < ROWS; r++) {
      // A thread has the weight of one key, and hears those of the others.
      let s = ownOf(score[r], own);
      let pair = max(s, quadSwapX(s));
      let largest = max(top[r], max(pair, quadSwapY(pair)));    // the sum has a NaN
      fade[r] = exp(top[r] - largest);
      let w = exp(s - largest);
      score[r] = ofAll(w);
      sum[r] = fma(sum[r], fade[r], w);
      top[r] = largest;
    }
    // @unroll
    for (var c = 0u; c < PART; c++) {
      let value = mat4x4f(v[vFrom.x + 4u * c], v[vFrom.y + 4u * c], v[vFrom.z + 4u * c], v[vFrom.w + 4u * c]);
      // @unroll
      for (var r = 0u; r < ROWS; r++) { mean[r * PART + c] = fma(mean[r * PART + c], vec4f(fade[r]), value * score[r]); }
    }
  }
  for (var j = full; j < seen[ROWS - 1u]; j++) {
    let kFrom = (b * p.T + j) * p.kStride + p.kAt + head * D4 + own;
    let vFrom = (b * p.T + j) * p.vStride + p.vAt + head * D4 + own;
    var weight = array<f32, ROWS>();
    // @unroll
    for (var c = 0u; c < PART; c++) {
      let key = k[kFrom + 4u * c];
      // @unroll
      for (var r = 0u; r < ROWS; r++) { weight[r] += dot(query[r * PART + c], key); }
    }
    // @unroll
    for (var r = 0u; r < ROWS; r++) {
      sees[r] = j < seen[r];
      if (CACHED) { sees[r] = sees[r] && age(j, newest) >= p.Q - 1u - row[r]; }
      let s = select(never, wholeOf(weight[r]), sees[r]);
      let largest = max(top[r], s);
      fade[r] = exp(top[r] - largest);
      weight[r] = exp(s - largest);
      sum[r] = fma(sum[r], fade[r], select(0.0, weight[r], own == 0u));
      top[r] = largest;
    }
    // @unroll
    for (var c = 0u; c < PART; c++) {
      let value = v[vFrom + 4u * c];
      // @unroll
      for (var r = 0u; r < ROWS; r++) {
        mean[r * PART + c] = fma(mean[r * PART + c], vec4f(fade[r]), select(vec4f(0.0), value * weight[r], sees[r]));
      }
    }
  }

  // @unroll
  for (var r = 0u; r < ROWS; r++) {
    // A sum is above 0 and finite unless a score was not, whatever exp makes of NaN. The set bits are NaN.
    let total = wholeOf(sum[r]);
    let bits = bitcast<u32>(total);
    let fine = bits - 1u < 0x7f7fffffu && top[r] <= -LOWEST;
    var inverse = select(bitcast<f32>(bits | 0x7fc00000u), 1.0 / total, fine);
    if (seen[r] == 0u) { inverse = 0.0; }
    if (i % blocks * ROWS + r < p.Q) {
      // @unroll
      for (var c = 0u; c < PART; c++) { y[((b * p.Q + row[r]) * p.H + head) * D4 + own + 4u * c] = mean[r * PART + c] * inverse; }
      if (own == 0u) { tops[(b * p.H + head) * p.Q + row[r]] = vec4f(top[r], inverse, f32(seen[r]), 0.0); }
    }
  }
}

// The sum over the threads of a quad of one number of four: a thread has that of its own place.
fn ownOf(part : vec4f, own : u32) -> f32 {
  let pair = select(part.yw, part.xz, own % 2u == 0u) + quadSwapX(select(part.xz, part.yw, own % 2u == 0u));
  return select(pair.y, pair.x, own < 2u) + quadSwapY(select(pair.x, pair.y, own < 2u));
}

// What the four threads of a quad have, in all of them.
fn ofAll(one : f32) -> vec4f {
  return vec4f(quadBroadcast(one, 0u), quadBroadcast(one, 1u), quadBroadcast(one, 2u), quadBroadcast(one, 3u));
}

// The sum over the threads of a quad, in all of them.
fn whole(part : vec4f) -> vec4f {
  let pair = part + quadSwapX(part);
  return pair + quadSwapY(pair);
}

// The same of one number.
fn wholeOf(part : f32) -> f32 { return whole(vec4f(part)).x; }

// How many positions before the newest one a row of a ring is.
fn age(row : u32, newest : u32) -> u32 {  // as in attention/attention.wgsl
  return (newest + p.T - row) % p.T;
}
