// causalConv — y = act(x ∗ w + bias), a dilated convolution over time; registers only.
//
//   y[b,t,o] = act( Σ_k Σ_c  x[b, t + ahead - (K-1-k)·dilation, c] · w[k,c,o]  + bias[o] )       x = 0 outside 0 .. T - 1
//
//   x     [B, T, C]
//   w     [K, C, O]   tap K-1 is the newest: "now" where it is causal, which has ahead = 0
//   bias  [O]         bound but not read unless BIAS
//   y     [B, T, O]
//
//   thread      a block of y: PHASES · STEPS positions × TN channels, all sums in registers
//   workgroup   WORKGROUP blocks, along o first
//   grid        [blocks] threads; a long row of workgroups is folded into y
//
// Positions that lie a dilation apart form a phase: t = phase + dilation · step. A block takes STEPS neighbours
// of a phase, for then its taps overlap: STEPS + TAPS - 1 loads of x serve STEPS · TAPS products. Beyond the
// edge, positions and channels repeat the last one and are not stored.

const NONE = 0u;
const RELU = 1u;
const TANH = 2u;
const SIGMOID = 3u;

const TAPS = 4u;           // taps at a time
const PHASES = 1u;
const STEPS = 16u;
const TN = 8u;             // channels of a block, a multiple of 4
const WORKGROUP = 32u;
const ALIGNED = false;     // O is a multiple of 4
const RAGGED = true;       // `taps` is not a multiple of TAPS
const BIAS = false;
const ACTIVATION = NONE;
const VECTORS = TN / 4u;
const SPAN = STEPS + TAPS - 1u;
const WINDOW = PHASES * SPAN;
const ROWS = PHASES * STEPS;
const SUMS = ROWS * VECTORS;

// taps: those, counted from the newest, that reach back no further than t = 0 from some position.
struct Params { B : u32, T : u32, C : u32, O : u32, K : u32, taps : u32, dilation : u32, ahead : u32 }

@group(0) @binding(0) var<uniform>             p : Params;
@group(0) @binding(1) var<storage, read>       x : array<f32>;
@group(0) @binding(2) var<storage, read>       w : array<vec4f>;
@group(0) @binding(3) var<storage, read>       bias : array<f32>;
@group(0) @binding(4) var<storage, read_write> y : array<f32>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) gid : vec3u, @builtin(num_workgroups) groups : vec3u) {
  let across = (p.O + TN - 1u) / TN;
  let steps = (p.T + p.dilation - 1u) / p.dilation;   // of phase 0, the longest
  let along = (steps + STEPS - 1u) / STEPS;
  let abreast = (p.dilation + PHASES - 1u) / PHASES;
  let tile = gid.y * groups.x * WORKGROUP + gid.x;
  let n0 = (tile % across) * TN;
  let step0 = (tile / across % along) * STEPS;
  let phase0 = (tile / across / along % abreast) * PHASES;
  let b = tile / across / along / abreast;
  var sum : array<vec4f, SUMS>;

  for (var newest = 0u; newest < p.taps; newest += TAPS) {
    let oldest = newest + TAPS - 1u;
    var at : array<u32, WINDOW>;        // where the rows of x begin that these taps see, oldest first
    var inside : array<bool, WINDOW>;
    // @unroll
    for (var i = 0u; i < WINDOW; i++) {
      let t = i32(phase0 + i / SPAN + (step0 + i % SPAN) * p.dilation + p.ahead) - i32(oldest * p.dilation);
      at[i] = (min(b, p.B - 1u) * p.T + u32(clamp(t, 0, i32(p.T) - 1))) * p.C;
      inside[i] = (t >= 0) & (t < i32(p.T));
    }
    for (var c = 0u; c < p.C; c++) {
      var window : array<f32, WINDOW>;
      // @unroll
      for (var i = 0u; i < WINDOW; i++) { window[i] = select(0.0, x[at[i] + c], inside[i]); }
      // @unroll
      for (var k = 0u; k < TAPS; k++) {
        // @unroll
        for (var j = 0u; j < VECTORS; j++) {
          let right = wAt(newest + k, c, n0 + 4u * j);
          // @unroll
          for (var i = 0u; i < ROWS; i++) {
            let left = window[i / STEPS * SPAN + i % STEPS + TAPS - 1u - k];
            sum[i * VECTORS + j] = fma(vec4f(left), right, sum[i * VECTORS + j]);
          }
        }
      }
    }
  }

  // Sums stay in registers because only a copy of them is indexed by a variable.
  var result = sum;
  for (var i = 0u; i < SUMS; i++) {
    let phase = phase0 + i / VECTORS / STEPS;
    let t = phase + (step0 + i / VECTORS % STEPS) * p.dilation;
    let n = n0 + 4u * (i % VECTORS);
    if (b < p.B && phase < p.dilation && t < p.T && n < p.O) {
      let at = (b * p.T + t) * p.O + n;
      let v = finish(n, result[i]);
      y[at] = v.x;
      if (n + 1u < p.O) { y[at + 1u] = v.y; }
      if (n + 2u < p.O) { y[at + 2u] = v.z; }
      if (n + 3u < p.O) { y[at + 3u] = v.w; }
    }
  }
}

// w[K - 1 - back, c, n .. n + 3]; zero beyond the last tap.
fn wAt(back : u32, c : u32, n : u32) -> vec4f {
  let row = ((p.K - 1u - min(back, p.K - 1u)) * p.C + c) * p.O;
  let last = p.O - 1u;
  var v : vec4f;
  if (ALIGNED) { v = w[(row + min(n, p.O - 4u)) >> 2u]; }
  else { v = vec4f(w1(row + min(n, last)), w1(row + min(n + 1u, last)), w1(row + min(n + 2u, last)), w1(row + min(n + 3u, last))); }
  if (RAGGED) { v = select(vec4f(0.0), v, back < p.taps); }
  return v;
}

fn w1(i : u32) -> f32 { return w[i >> 2u][i & 3u]; }

// The epilogue of columns n .. n + 3.
fn finish(n : u32, sum : vec4f) -> vec4f {
  let last = p.O - 1u;
  var v = sum;
  if (BIAS) { v += vec4f(bias[n], bias[min(n + 1u, last)], bias[min(n + 2u, last)], bias[min(n + 3u, last)]); }
  if (ACTIVATION == RELU) { v = select(v, vec4f(0.0), v < vec4f(0.0)); }
  if (ACTIVATION == TANH) { v = tanhOf(v); }
  if (ACTIVATION == SIGMOID) { v = sigmoidOf(v); }
  return v;
}

fn sigmoidOf(v : vec4f) -> vec4f { return select(1.0 / (1.0 + exp(-v)), v, isNan(v)); }  // as in elementwise/chain.wgsl

// To 5e-7 of its value, also of the smallest; a NaN is not beyond 7.5 and goes through.
fn tanhOf(v : vec4f) -> vec4f {  // as in elementwise/chain.wgsl
  let s = v * v;
  let upper = fma(s, fma(s, vec4f(1.1993428e-5), vec4f(0.0030021467)), vec4f(0.12972917));
  let lower = fma(s, fma(s, fma(s, vec4f(2.6429075e-7), vec4f(2.4596154e-4)), vec4f(0.024023622)), vec4f(0.46306205));
  let value = v * fma(s, upper, vec4f(1.0)) / fma(s, lower, vec4f(1.0));
  let one = bitcast<vec4f>((bitcast<vec4u>(v) & vec4u(0x80000000u)) | vec4u(0x3f800000u));
  return select(value, one, s > vec4f(56.25));
}

// By its bits: a compiler may take any comparison with a NaN for false or true.
fn isNan(v : vec4f) -> vec4<bool> { return (bitcast<vec4i>(v) & vec4i(0x7fffffff)) > vec4i(0x7f800000); }  // as in elementwise/chain.wgsl
