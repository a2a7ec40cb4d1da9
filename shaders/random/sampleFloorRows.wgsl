// sampleFloorRows — the least logit that may be drawn: the K-th largest, or that from which on up there is enough.
//
//   least[n] = order(max {f: at least K of x[n] are ≥ f})                                          TOP_K
//   least[n] = order(max {f: Σ exp(scale · x[n,v]) over x[n,v] ≥ f is ≥ mass of the whole})          TOP_P
//
//   x      [N, V]
//   least  [N]      bits that are larger for larger numbers; with both, the whole is what TOP_K leaves
//
//   thread      every WORKGROUP-th logit of a row
//   workgroup   one row; sums are joined in a tree
//   grid        [N] workgroups; a long row of them is folded into y
//
// Found digit by digit, from the first of a logit's bits to the last (radix selection). Probabilities are counted in
// parts of 2^31: integers, whose sums do not depend on their order.

const TOP_K = false;
const TOP_P = false;
const LOWEST = -3.4028234663852886e38;    // no finite number is less
const DIGITS = 256u;
const WORKGROUP = 256u;    // a power of two

struct Params { N : u32, V : u32, K : u32, scale : f32, mass : f32 }

@group(0) @binding(0) var<uniform>             p : Params;
@group(0) @binding(1) var<storage, read>       x : array<f32>;
@group(0) @binding(2) var<storage, read_write> least : array<u32>;

var<workgroup> values : array<f32, WORKGROUP>;
var<workgroup> counts : array<atomic<u32>, DIGITS>;
var<workgroup> prefix : u32;   // the digits found so far
var<workgroup> wanted : u32;   // how much is to be found in what begins with them

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) wid : vec3u, @builtin(num_workgroups) groups : vec3u,
        @builtin(local_invocation_id) lid : vec3u) {
  let n = wid.y * groups.x + wid.x;
  if (n >= p.N) { return; }
  let row = n * p.V;
  var bound = 0u;
  if (TOP_K) { bound = boundary(row, lid.x, 0u, false, 0.0, 0.0); }
  if (TOP_P) {
    let top = largest(row, lid.x);
    bound = boundary(row, lid.x, bound, true, top, 2147483648.0 / total(row, lid.x, bound, top));
  }
  if (lid.x == 0u) { least[n] = bound; }
}

// The largest key such that keys from it on up count for K, or (weighed) for `mass` of the whole.
fn boundary(row : u32, lane : u32, bound : u32, weighed : bool, top : f32, parts : f32) -> u32 {
  for (var digit = 0u; digit < 4u; digit++) {
    for (var d = lane; d < DIGITS; d += WORKGROUP) { atomicStore(&counts[d], 0u); }
    workgroupBarrier();
    let shift = 24u - 8u * digit;
    for (var v = lane; v < p.V; v += WORKGROUP) {
      let value = x[row + v];
      let key = order(value);
      if (key >= bound && (digit == 0u || key >> (shift + 8u) == prefix)) {
        var weight = 1u;
        if (weighed) { weight = u32(parts * likeness(value, top)); }
        atomicAdd(&counts[(key >> shift) & 255u], weight);
      }
    }
    workgroupBarrier();
    if (lane == 0u) { choose(digit == 0u, weighed); }
    workgroupBarrier();
  }
  return prefix;
}

// The next digit: from it on up there is what is wanted, from the one above there is not.
fn choose(first : bool, weighed : bool) {
  if (first) {
    var all = 0u;
    for (var d = 0u; d < DIGITS; d++) { all += atomicLoad(&counts[d]); }
    prefix = 0u;
    wanted = select(p.K, max(1u, min(all, u32(p.mass * f32(all)))), weighed);
  }
  var d = DIGITS - 1u;
  var count = atomicLoad(&counts[d]);
  while (count < wanted && d > 0u) {
    wanted -= count;
    d--;
    count = atomicLoad(&counts[d]);
  }
  prefix = (prefix << 8u) | d;
}

fn largest(row : u32, lane : u32) -> f32 {
  var top = LOWEST;
  for (var v = lane; v < p.V; v += WORKGROUP) { top = max(top, x[row + v]); }    // no NaN is drawn
  values[lane] = top;
  for (var half = WORKGROUP / 2u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (lane < half) { values[lane] = max(values[lane], values[lane + half]); }    // no NaN is drawn
  }
  workgroupBarrier();
  let all = values[0];
  workgroupBarrier();
  return all;
}

fn total(row : u32, lane : u32, bound : u32, top : f32) -> f32 {
  var sum = 0.0;
  for (var v = lane; v < p.V; v += WORKGROUP) {
    let value = x[row + v];
    sum += select(0.0, likeness(value, top), order(value) >= bound);
  }
  values[lane] = sum;
  for (var half = WORKGROUP / 2u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (lane < half) { values[lane] += values[lane + half]; }
  }
  workgroupBarrier();
  return values[0];
}

// exp relative to the largest; +∞ is as likely as itself.
fn likeness(value : f32, top : f32) -> f32 { return select(exp(p.scale * (value - top)), 1.0, value >= top); }

// A number's bits such that larger numbers have larger ones.
fn order(value : f32) -> u32 {  // as in random/sample.wgsl
  let bits = bitcast<u32>(value);
  return select(bits | 0x80000000u, ~bits, bits >= 0x80000000u);
}
