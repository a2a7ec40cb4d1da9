// causalConvQuad — causalConv.wgsl, or its input gradient; four neighbouring threads share what they load.
//
//   y[b,t,o] = act( Σ_k Σ_i  x[b, t + ahead - (K-1-k)·dilation, i] · w[k,i,o]  + bias[o] )
//   BACKWARD:   y[b,t,o] = Σ_k Σ_i  x[b, t - ahead + (K-1-k)·dilation, i] · w[k,o,i]
//
//   x     [B, T, I], 0 outside 0 .. T - 1; x4: by fours
//   w     [K, I, O], or [K, O, I] when BACKWARD     tap K-1 is the newest
//   bias  [O]         bound but not read unless BIAS
//   y     [B, T, O]
//
//   thread      TM positions × TN channels of y, all sums in registers
//   quad        2 × 2 blocks: every four channels of x, each thread loads half of its rows of x and half of its
//               columns of w, and has the other half from its neighbour beside it, or below
//   workgroup   WORKGROUP / 4 quads, along o first
//   grid        [quads · 4] threads; a long row of workgroups is folded into y
//
// A product for every tap: the rows of x, shifted, times w[k]. Where I is a multiple of four, x is read as vec4.
// Beyond the edge, rows and channels repeat the last one and are not stored.

enable subgroups;

const NONE = 0u;
const RELU = 1u;
const TANH = 2u;
const SIGMOID = 3u;

const TM = 16u;
const TN = 8u;             // a multiple of 4
const GROUP = 2u;          // rows of x that are loaded before they are multiplied, as in matmul/matmulQuad.wgsl
const WORKGROUP = 32u;
const BACKWARD = false;
const ALIGNED = false;     // rows of w, as stored, are a multiple of 4 long
const RAGGED = true;       // I is not a multiple of 4
const BIAS = false;
const ACTIVATION = NONE;
const GROUPS = TM / GROUP;
const PAIRS = GROUP / 2u;
const ROWS = TM / 2u;
const VECTORS = TN / 4u;
const SUMS = TM * VECTORS;

// taps: those, counted from the newest, that reach back no further than t = 0 from some position.
struct Params { B : u32, T : u32, I : u32, O : u32, K : u32, taps : u32, dilation : u32, ahead : u32 }

@group(0) @binding(0) var<uniform>             p : Params;
@group(0) @binding(1) var<storage, read>       x : array<f32>;
@group(0) @binding(2) var<storage, read>       w : array<vec4f>;
@group(0) @binding(3) var<storage, read>       bias : array<f32>;
@group(0) @binding(4) var<storage, read_write> y : array<f32>;
@group(0) @binding(5) var<storage, read>       x4 : array<vec4f>;

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(global_invocation_id) gid : vec3u,
  @builtin(num_workgroups) groups : vec3u,
  @builtin(subgroup_invocation_id) lane : u32,
) {
  let across = (p.O + 2u * TN - 1u) / (2u * TN);
  let quad = (gid.y * groups.x * WORKGROUP + gid.x) / 4u;
  let side = lane % 2u;                           // 0: the left blocks of the quad, 1: the right ones
  let half = lane / 2u % 2u;                      // 0: the upper blocks, 1: the lower ones
  let n0 = (quad % across * 2u + side) * TN;
  let m0 = (quad / across * 2u + half) * TM;
  let last = p.B * p.T - 1u;
  var sum : array<vec4f, SUMS>;

  for (var back = 0u; back < p.taps; back++) {
    let shift = (i32(p.ahead) - i32(back * p.dilation)) * select(1, -1, BACKWARD);   // from a position of y to one of x
    let base = (p.K - 1u - back) * p.I * p.O;
    var row : array<u32, ROWS>;                   // where the shifted row m0 + 2·i + side of x begins
    var inside : array<bool, ROWS>;
    var t = min(m0 + side, last) % p.T;           // a division a row would cost a tenth of all
    // @unroll
    for (var i = 0u; i < ROWS; i++) {
      let m = min(m0 + 2u * i + side, last);
      let seen = i32(t) + shift;
      inside[i] = (seen >= 0) & (seen < i32(p.T));
      row[i] = min(u32(i32(m) + select(0, shift, inside[i])), last) * p.I;
      t = select(t + 1u, 0u, t + 1u == p.T);
      t = select(t + 1u, 0u, t + 1u == p.T);
    }
    for (var c = 0u; c < p.I; c += 4u) {
      var right : array<vec4f, TN>;               // right[4·j + l] = w[k, c + l, n0 + 4·j .. n0 + 4·j + 3]
      // @unroll
      for (var j = 0u; j < VECTORS; j++) {
        let n = n0 + 4u * j;
        let r = select(c, n, BACKWARD) + 2u * half;
        let here0 = wRow(base, r, select(n, c, BACKWARD));
        let here1 = wRow(base, r + 1u, select(n, c, BACKWARD));
        let there0 = quadSwapY(here0);
        let there1 = quadSwapY(here1);
        let lower = half == 1u;
        let low0 = select(here0, there0, lower);
        let low1 = select(here1, there1, lower);
        var square = mat4x4f(low0, low1, select(there0, here0, lower), select(there1, here1, lower));
        if (BACKWARD) { square = transpose(square); }
        right[4u * j] = square[0];
        right[4u * j + 1u] = square[1];
        right[4u * j + 2u] = square[2];
        right[4u * j + 3u] = square[3];
      }
      // @unroll
      for (var g = 0u; g < GROUPS; g++) {
        var left : array<vec4f, GROUP>;           // left[i] = x[row of m0 + g·GROUP + i, c .. c + 3]
        // @unroll
        for (var i = 0u; i < PAIRS; i++) {
          let here = select(vec4f(0.0), four(row[g * PAIRS + i] + c, c), inside[g * PAIRS + i]);
          let there = quadSwapX(here);
          left[2u * i] = select(here, there, side == 1u);
          left[2u * i + 1u] = select(there, here, side == 1u);
        }
        // @unroll
        for (var i = 0u; i < GROUP; i++) {
          // @unroll
          for (var j = 0u; j < VECTORS; j++) {
            var v = sum[(g * GROUP + i) * VECTORS + j];
            v = fma(vec4f(left[i].x), right[4u * j], v);
            v = fma(vec4f(left[i].y), right[4u * j + 1u], v);
            v = fma(vec4f(left[i].z), right[4u * j + 2u], v);
            v = fma(vec4f(left[i].w), right[4u * j + 3u], v);
            sum[(g * GROUP + i) * VECTORS + j] = v;
          }
        }
      }
    }
  }

  // Sums stay in registers because only a copy of them is indexed by a variable.
  var result = sum;
  for (var i = 0u; i < SUMS; i++) {
    let m = m0 + i / VECTORS;
    let n = n0 + 4u * (i % VECTORS);
    if (m < p.B * p.T && n < p.O) {
      let at = m * p.O + n;
      let v = finish(n, result[i]);
      y[at] = v.x;
      if (n + 1u < p.O) { y[at + 1u] = v.y; }
      if (n + 2u < p.O) { y[at + 2u] = v.z; }
      if (n + 3u < p.O) { y[at + 3u] = v.w; }
    }
  }
}

// Four channels of x from c on; zero beyond I.
fn four(at : u32, c : u32) -> vec4f {
  if (!RAGGED) { return x4[at / 4u]; }
  let v = vec4f(x[at], x[at + 1u], x[at + 2u], x[at + 3u]);
  return select(vec4f(0.0), v, c + vec4u(0u, 1u, 2u, 3u) < vec4u(p.I));
}

// Four neighbours in row r of a tap of w, as it is stored.
fn wRow(base : u32, r : u32, c : u32) -> vec4f {
  let rows = select(p.I, p.O, BACKWARD);
  let columns = select(p.O, p.I, BACKWARD);
  let row = base + min(r, rows - 1u) * columns;
  if (ALIGNED) { return w[(row + min(c, columns - 4u)) / 4u]; }
  let i = row + min(c + vec4u(0u, 1u, 2u, 3u), vec4u(columns - 1u));
  return vec4f(w[i.x / 4u][i.x % 4u], w[i.y / 4u][i.y % 4u], w[i.z / 4u][i.z % 4u], w[i.w / 4u][i.w % 4u]);
}

// The epilogue of columns n .. n + 3.
fn finish(n : u32, sum : vec4f) -> vec4f {  // as in conv/causalConv.wgsl
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
