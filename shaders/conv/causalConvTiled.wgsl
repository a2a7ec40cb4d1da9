// causalConvTiled — y = act(x ∗ w + bias), a dilated convolution over time; tiles in workgroup memory.
//
//   y[b,t,o] = act( Σ_k Σ_c  x[b, t + ahead - (K-1-k)·dilation, c] · w[k,c,o]  + bias[o] )       x = 0 outside 0 .. T - 1
//
//   x     [B, T, C]
//   w     [K, C, O]   tap K-1 is the newest: "now" where it is causal, which has ahead = 0
//   bias  [O]         bound but not read unless BIAS
//   y     [B, T, O]
//
//   workgroup   a tile of 8·TM positions × 8·TN channels, by 8 × 8 threads; SLAB of c at a time
//   thread      TM × TN of it, in quads of rows and of columns that lie 32 apart
//   grid        [tiles] workgroups, along o first; a long row of them is folded into y
//
// A tap is a matrix product whose rows are shifted. Beyond the edge, rows and columns repeat the last one and are
// not stored.

const NONE = 0u;
const RELU = 1u;
const TANH = 2u;
const SIGMOID = 3u;

const TM = 8u;             // 4 or 8
const TN = 8u;             // 4 or 8
const SLAB = 16u;
const ALIGNED_C = false;   // C is a multiple of 4
const ALIGNED_O = false;
const BIAS = false;
const ACTIVATION = NONE;
const THREADS = 64u;
const DEEP = SLAB / 4u;    // quads of a slab
const HIGH = 2u * TM;      // quads of rows in a tile
const WIDE = 2u * TN;      // quads of columns in a tile
const PITCH_A = HIGH + 1u; // one more than needed: neighbours in a slab lie in different banks
const PITCH_B = WIDE + 1u;
const LEFT = SLAB * PITCH_A;
const RIGHT = SLAB * PITCH_B;
const COLUMNS = TN / 4u;   // of vec4s in a thread
const SUMS = TM * COLUMNS;

// taps: those, counted from the newest, that reach back no further than t = 0 from some position.
struct Params { B : u32, T : u32, C : u32, O : u32, K : u32, taps : u32, dilation : u32, ahead : u32 }

@group(0) @binding(0) var<uniform>             p : Params;
@group(0) @binding(1) var<storage, read>       x : array<vec4f>;
@group(0) @binding(2) var<storage, read>       w : array<vec4f>;
@group(0) @binding(3) var<storage, read>       bias : array<f32>;
@group(0) @binding(4) var<storage, read_write> y : array<f32>;

var<workgroup> left : array<vec4f, LEFT>;      // [c, position]
var<workgroup> right : array<vec4f, RIGHT>;    // [c, o]

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) wid : vec3u, @builtin(num_workgroups) groups : vec3u, @builtin(local_invocation_index) local : u32) {
  let across = (p.O + 8u * TN - 1u) / (8u * TN);
  let tile = wid.y * groups.x + wid.x;
  let m0 = (tile / across) * 8u * TM;
  let n0 = (tile % across) * 8u * TN;
  let down = local / 8u;
  let right0 = local % 8u;
  var sum : array<vec4f, SUMS>;

  for (var back = 0u; back < p.taps; back++) {
    for (var c = 0u; c < p.C; c += SLAB) {
      for (var i = local; i < DEEP * HIGH; i += THREADS) {
        let kq = i % DEEP;
        let mq = i / DEEP;
        let quads = xQuads(m0 + 4u * mq, c + 4u * kq, i32(p.ahead) - i32(back * p.dilation));
        // @unroll
        for (var l = 0u; l < 4u; l++) { left[(4u * kq + l) * PITCH_A + mq] = quads[l]; }
      }
      for (var i = local; i < DEEP * WIDE; i += THREADS) {
        let kq = i / WIDE;
        let nq = i % WIDE;
        let quads = wQuads(p.K - 1u - back, c + 4u * kq, n0 + 4u * nq);
        // @unroll
        for (var l = 0u; l < 4u; l++) { right[(4u * kq + l) * PITCH_B + nq] = quads[l]; }
      }
      workgroupBarrier();
      for (var l = 0u; l < SLAB; l++) {
        var over : array<vec4f, COLUMNS>;
        // @unroll
        for (var j = 0u; j < COLUMNS; j++) { over[j] = right[l * PITCH_B + right0 + 8u * j]; }
        // @unroll
        for (var q = 0u; q < TM / 4u; q++) {
          let four = left[l * PITCH_A + down + 8u * q];
          // @unroll
          for (var i = 0u; i < 4u * COLUMNS; i++) {
            let at = 4u * q * COLUMNS + i;
            sum[at] = fma(vec4f(four[i / COLUMNS]), over[i % COLUMNS], sum[at]);
          }
        }
      }
      workgroupBarrier();
    }
  }

  // Sixteen rows at a time go through workgroup memory, so that neighbours store neighbours.
  // @unroll
  for (var h = 0u; h < TM / 2u; h++) {
    // @unroll
    for (var i = 0u; i < 2u * COLUMNS; i++) {
      right[(2u * down + i / COLUMNS) * PITCH_B + right0 + 8u * (i % COLUMNS)] = sum[2u * h * COLUMNS + i];
    }
    workgroupBarrier();
    for (var i = local; i < 64u * WIDE; i += THREADS) {
      let row = i / (8u * TN);
      let column = i % (8u * TN);
      let m = m0 + 32u * (h / 2u) + 4u * (row / 2u) + 2u * (h % 2u) + row % 2u;
      let n = n0 + column;
      if (m < p.B * p.T && n < p.O) { y[m * p.O + n] = finish(n, right[row * PITCH_B + column / 4u][column % 4u]); }
    }
    workgroupBarrier();
  }
}

// x[m + shift .. m + shift + 3, c + l] for l = 0 .. 3, of rows of [B·T, C]; zero outside a sequence and beyond C.
fn xQuads(m : u32, c : u32, shift : i32) -> mat4x4f {
  var v : mat4x4f;
  // @unroll
  for (var i = 0u; i < 4u; i++) {
    let row = min(m + i, p.B * p.T - 1u);
    let t = i32(row % p.T) + shift;
    let outside = (t < 0) | (t >= i32(p.T));
    let quad = select(x4(u32(i32(row) + select(shift, 0, outside)) * p.C, c), vec4f(0.0), outside);
    v[i] = select(vec4f(0.0), quad, c + vec4u(0u, 1u, 2u, 3u) < vec4u(p.C));
  }
  return transpose(v);
}

// w[k, c + l, n .. n + 3] for l = 0 .. 3.
fn wQuads(k : u32, c : u32, n : u32) -> mat4x4f {
  var v : mat4x4f;
  // @unroll
  for (var l = 0u; l < 4u; l++) { v[l] = w4((k * p.C + min(c + l, p.C - 1u)) * p.O, n); }
  return v;
}

// x[row + c .. row + c + 3]; behind a row anything.
fn x4(row : u32, c : u32) -> vec4f {
  if (ALIGNED_C) { return x[(row + min(c, p.C - 4u)) / 4u]; }
  return neighbours(x[(row + c) / 4u], x[(row + c) / 4u + 1u], (row + c) % 4u);
}

// w[row + c .. row + c + 3]; behind a row anything.
fn w4(row : u32, c : u32) -> vec4f {
  if (ALIGNED_O) { return w[(row + min(c, p.O - 4u)) / 4u]; }
  return neighbours(w[(row + c) / 4u], w[(row + c) / 4u + 1u], (row + c) % 4u);
}

// Four neighbours of two vec4s side by side, from their place `first` on.
fn neighbours(lo : vec4f, hi : vec4f, first : u32) -> vec4f {  // as in matmul/matmulTiled.wgsl
  let v = select(lo, vec4f(lo.zw, hi.xy), first > 1u);
  return select(v, vec4f(v.yzw, select(hi.x, hi.z, first > 1u)), first % 2u == 1u);
}

// The epilogue.
fn finish(n : u32, sum : f32) -> f32 {  // as in matmul/matmulTiled.wgsl
  var v = sum;
  if (BIAS) { v += bias[n]; }
  if (ACTIVATION == RELU) { v = select(v, 0.0, v < 0.0); }
  if (ACTIVATION == TANH) { v = tanhOf(v); }
  if (ACTIVATION == SIGMOID) { v = sigmoidOf(v); }
  return v;
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
