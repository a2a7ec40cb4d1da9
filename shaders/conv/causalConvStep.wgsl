// causalConvStep — one step of a dilated causal convolution, from a ring of past inputs; the input joins the ring.
//
//   s[b,o] = Σ_c x[b,c] · w[K-1,c,o] + Σ_(k<K-1) Σ_c ring[b, t - (K-1-k)·dilation, c] · w[k,c,o] + bias[o] + beside[b,o]
//   y[b,o] = act(s[b,o]), or f(s[b,o]) · g(s[b,O/2+o]) of a gate                    places of the ring are modulo L
//   ring[b,t,c] = x[b,c]
//
//   x         [B, C]
//   position  [1]         t
//   w         [K, C, O]
//   bias      [O]         bound but not read unless BIAS
//   beside    [B, O]      likewise, BESIDE
//   ring      [B, L, C]   in place; L = (K-1)·dilation + 1, so that the place written is not among those read
//   y         [B, N]      N = O, of a gate O/2
//
//   thread      TN columns of one row of y, and its share of the row of x that is written
//   grid        [B · ⌈N / TN⌉] threads

const NONE = 0u;
const RELU = 1u;
const TANH = 2u;
const SIGMOID = 3u;
const GLU = 4u;
const GTU = 5u;
const BILINEAR = 6u;

const ACTIVATION = NONE;
const BIAS = false;
const BESIDE = false;
const TN = 4u;             // columns of a thread
const HALVES = 1u;         // 2 where there is a gate
const WORKGROUP = 32u;
const SUMS = TN * HALVES;

struct Params { B : u32, L : u32, C : u32, K : u32, O : u32, N : u32, dilation : u32 }

@group(0) @binding(0) var<uniform>             p : Params;
@group(0) @binding(1) var<storage, read>       x : array<f32>;
@group(0) @binding(2) var<storage, read>       position : array<u32>;
@group(0) @binding(3) var<storage, read>       w : array<f32>;
@group(0) @binding(4) var<storage, read>       bias : array<f32>;
@group(0) @binding(5) var<storage, read>       beside : array<f32>;
@group(0) @binding(6) var<storage, read_write> ring : array<f32>;
@group(0) @binding(7) var<storage, read_write> y : array<f32>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) gid : vec3u, @builtin(num_workgroups) groups : vec3u) {
  let across = (p.N + TN - 1u) / TN;
  let i = gid.y * groups.x * WORKGROUP + gid.x;
  let b = i / across;
  let row = min(b, p.B - 1u);
  let n0 = (i % across) * TN;
  let now = position[0] % p.L;
  let start = row * p.C;

  var sum : array<f32, SUMS>;
  var column : array<u32, SUMS>;
  // @unroll
  for (var j = 0u; j < SUMS; j++) {
    column[j] = min(n0 + j % TN, p.N - 1u) + j / TN * p.N;
    sum[j] = 0.0;
  }
  for (var k = 0u; k + 1u < p.K; k++) {
    let at = (row * p.L + (now + p.L - (p.K - 1u - k) * p.dilation) % p.L) * p.C;
    for (var c = 0u; c < p.C; c++) {
      let past = ring[at + c];
      let weights = (k * p.C + c) * p.O;
      // @unroll
      for (var j = 0u; j < SUMS; j++) { sum[j] = fma(past, w[weights + column[j]], sum[j]); }
    }
  }
  for (var c = 0u; c < p.C; c++) {
    let latest = x[start + c];
    let weights = ((p.K - 1u) * p.C + c) * p.O;
    // @unroll
    for (var j = 0u; j < SUMS; j++) { sum[j] = fma(latest, w[weights + column[j]], sum[j]); }
  }
  // @unroll
  for (var j = 0u; j < SUMS; j++) {
    if (BIAS) { sum[j] += bias[column[j]]; }
    if (BESIDE) { sum[j] += beside[row * p.O + column[j]]; }
  }
  if (b < p.B) {
    // @unroll
    for (var j = 0u; j < TN; j++) {
      if (n0 + j < p.N) { y[row * p.N + n0 + j] = answer(sum[j], sum[j + SUMS - TN]); }
    }
    for (var c = i % across; c < p.C; c += across) {
      ring[(row * p.L + now) * p.C + c] = x[start + c];
    }
  }
}

// Of a sum, and of that half the columns behind it where there is a gate.
fn answer(a : f32, g : f32) -> f32 {
  switch ACTIVATION {
    case RELU: { return select(a, 0.0, a < 0.0); }
    case TANH: { return tanhOf(a); }
    case SIGMOID: { return sigmoidOf(a); }
    case GLU: { return a * sigmoidOf(g); }
    case GTU: { return tanhOf(a) * sigmoidOf(g); }
    case BILINEAR: { return a * g; }
    default: { return a; }
  }
}

fn sigmoidOf(v : f32) -> f32 { return select(1.0 / (1.0 + exp(-v)), v, isNan(v)); }  // as in elementwise/chain.wgsl

// To 5e-7 of its value, also of the smallest; a NaN is not beyond 7.5 and goes through.
fn tanhOf(v : f32) -> f32 {  // as in elementwise/chain.wgsl
  let s = v * v;
  let upper = fma(s, fma(s, 1.1993428e-5, 0.0030021467), 0.12972917);
  let lower = fma(s, fma(s, fma(s, 2.6429075e-7, 2.4596154e-4), 0.024023622), 0.46306205);
  let value = v * fma(s, upper, 1.0) / fma(s, lower, 1.0);
  let one = bitcast<f32>((bitcast<u32>(v) & 0x80000000u) | 0x3f800000u);
  return select(value, one, s > 56.25);
}

// By its bits: a compiler may take any comparison with a NaN for false or true.
fn isNan(v : f32) -> bool { return (bitcast<i32>(v) & 0x7fffffff) > 0x7f800000; }  // as in elementwise/chain.wgsl
