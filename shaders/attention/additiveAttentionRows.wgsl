// additiveAttentionRows — additiveAttention.wgsl with a workgroup for every query.
//
//   s_j            = Σ_a u[a] · tanh(q[b,t,a] + k[b,j,a])
//   weights[b,t,j] = exp(s_j − top) / Σ_j exp(s_j − top)       top = max_j s_j
//   y[b,t,c]       = Σ_j weights[b,t,j] · v[b,j,c]
//
//   for the first `seen` keys: all S, or lengths[b]; the weights of the others are 0. y is 0 where there are none; NaN
//   where a score is NaN or +∞, or all are −∞.
//
//   q       [B, T, A]   vec4s, as are k, v, u and y: A = 4 · A4, C = 4 · C4
//   k       [B, S, A]
//   v       [B, S, C]
//   u       [A]
//   lengths [B]         bound but not read unless LENGTHS
//   y       [B, T, C]
//   weights [B, T, S]   first the scores, in their places
//
//   thread      every ACROSS-th vec4 of a key's score; every WORKGROUP-th weight; every WORKGROUP-th vec4 of y
//   workgroup   one query; parts of a score, maxima and sums are joined in a tree
//   grid        [B · T] workgroups; a long row of them is folded into y

const ACROSS = 16u;        // threads that share a key: a power of two
const LENGTHS = false;     // a row of the batch has so many keys
const LOWEST = -3.4028234663852886e38;    // no finite number is less; not −∞: −∞ − −∞ is NaN
const WORKGROUP = 64u;     // a power of two

struct Params { B : u32, T : u32, S : u32, A4 : u32, C4 : u32 }

@group(0) @binding(0) var<uniform>             p : Params;
@group(0) @binding(1) var<storage, read>       q : array<vec4f>;
@group(0) @binding(2) var<storage, read>       k : array<vec4f>;
@group(0) @binding(3) var<storage, read>       v : array<vec4f>;
@group(0) @binding(4) var<storage, read>       u : array<vec4f>;
@group(0) @binding(5) var<storage, read>       lengths : array<u32>;
@group(0) @binding(6) var<storage, read_write> y : array<vec4f>;
@group(0) @binding(7) var<storage, read_write> weights : array<f32>;

var<workgroup> sums : array<f32, WORKGROUP>;
var<workgroup> tops : array<f32, WORKGROUP>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) wid : vec3u, @builtin(num_workgroups) groups : vec3u,
        @builtin(local_invocation_id) lid : vec3u) {
  let n = wid.y * groups.x + wid.x;
  if (n >= p.B * p.T) { return; }
  let b = n / p.T;
  var seen = p.S;
  if (LENGTHS) { seen = min(seen, lengths[b]); }
  let first = n * p.S;
  let lane = lid.x % ACROSS;
  let own = lid.x / ACROSS;

  for (var j = 0u; j < seen; j += WORKGROUP / ACROSS) {
    let key = (b * p.S + min(j + own, seen - 1u)) * p.A4;
    var part = vec4f(0.0);
    for (var a = lane; a < p.A4; a += ACROSS) { part = fma(tanhOf(q[n * p.A4 + a] + k[key + a]), u[a], part); }
    sums[lid.x] = dot(part, vec4f(1.0));
    for (var half = ACROSS / 2u; half > 0u; half /= 2u) {
      workgroupBarrier();
      if (lane < half) { sums[lid.x] += sums[lid.x + half]; }
    }
    if (lane == 0u && j + own < seen) { weights[first + j + own] = sums[lid.x]; }
    workgroupBarrier();
  }
  storageBarrier();

  var top = LOWEST;
  var sum = 0.0;
  for (var j = lid.x; j < seen; j += WORKGROUP) {
    let above = weights[first + j] - top;
    let e = exp(-abs(above));
    sum = select(sum + e, sum * e + 1.0, above > 0.0);
    top = max(top, weights[first + j]);    // the sum has a NaN
  }
  tops[lid.x] = top;
  sums[lid.x] = sum;
  for (var half = WORKGROUP / 2u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (lid.x < half) {
      let other = tops[lid.x + half];
      let most = max(tops[lid.x], other);    // the sum has a NaN
      sums[lid.x] = sums[lid.x] * exp(tops[lid.x] - most) + sums[lid.x + half] * exp(other - most);
      tops[lid.x] = most;
    }
  }
  workgroupBarrier();
  // A sum is above 0 and finite unless a score was not, whatever exp makes of NaN. The set bits are NaN.
  let bits = bitcast<u32>(sums[0]);
  let fine = bits - 1u < 0x7f7fffffu && tops[0] <= -LOWEST;
  let inverse = select(bitcast<f32>(bits | 0x7fc00000u), 1.0 / sums[0], fine);
  for (var j = lid.x; j < p.S; j += WORKGROUP) {
    weights[first + j] = select(0.0, exp(weights[first + j] - tops[0]) * inverse, j < seen);
  }
  storageBarrier();

  for (var c = lid.x; c < p.C4; c += WORKGROUP) {
    var mean = vec4f(0.0);
    for (var j = 0u; j < seen; j++) { mean = fma(vec4f(weights[first + j]), v[(b * p.S + j) * p.C4 + c], mean); }
    y[n * p.C4 + c] = mean;
  }
}

// To 5e-7 of its value, also of the smallest; a NaN is not beyond 7.5 and goes through.
fn tanhOf(v : vec4f) -> vec4f {  // as in elementwise/chain.wgsl
  let s = v * v;
  let upper = fma(s, fma(s, vec4f(1.1993428e-5), vec4f(0.0030021467)), vec4f(0.12972917));
  let lower = fma(s, fma(s, fma(s, vec4f(2.6429075e-7), vec4f(2.4596154e-4)), vec4f(0.024023622)), vec4f(0.46306205));
  let value = v * fma(s, upper, vec4f(1.0)) / fma(s, lower, vec4f(1.0));
  let one = bitcast<vec4f>((bitcast<vec4u>(v) & vec4u(0x80000000u)) | vec4u(0x3f800000u));
  return select(value, one, s > vec4f(56.25));
}
