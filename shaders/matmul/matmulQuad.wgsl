// matmulQuad — y = act(a·b + bias) as in matmul.wgsl; four neighbouring threads share what they load.
//
//   y[s,m,n] = act( Σ_k a[s,m,k] · b[s,k,n] + bias[n] )
//
//   a     [S, M, K], or [S, K, M] when TRANSPOSE_A     (stride 0 in s: one matrix for all); a4: by fours
//   b     [S, K, N], or [S, N, K] when TRANSPOSE_B
//   bias  [N]        bound but not read unless BIAS
//   y     [S, M, N]
//
//   With strideK > 0, s counts the parts of a split sum instead: k runs from s·strideK on, `length` long.
//
//   thread      a TM × TN block of y, all sums in registers
//   quad        2 × 2 blocks: every four k, each thread loads half of its rows of a and half of its columns of b, and
//               has the other half from its neighbour beside it, or below
//   workgroup   WORKGROUP / 4 quads, along n first, then m, then s
//   grid        [quads · 4] threads; a long row of workgroups is folded into y
//
// Where its rows are a multiple of four long (ALIGNED_A), a is read as vec4: a load of one costs a CPU adapter nearly
// as much. Beyond the edge, rows and columns repeat the last one and are not stored; beyond K, a is zero.

enable subgroups;

const NONE = 0u;
const RELU = 1u;
const TANH = 2u;
const SIGMOID = 3u;

const TM = 16u;            // rows of a block
const TN = 8u;             // columns of a block, a multiple of 4
const GROUP = 2u;          // rows of a that are loaded before they are multiplied, a multiple of 2; of which TM is one
const WORKGROUP = 32u;
const TRANSPOSE_A = false;
const TRANSPOSE_B = false;
const ALIGNED_A = false;   // a is not transposed, and its rows are a multiple of 4 long
const ALIGNED_B = false;   // rows of b, as stored, are a multiple of 4 long
const RAGGED = true;       // `length` is not a multiple of 4, or the last part is shorter
const BIAS = false;
const ACTIVATION = NONE;
const GROUPS = TM / GROUP;
const PAIRS = GROUP / 2u;
const ROWS = TM / 2u;
const VECTORS = TN / 4u;
const SUMS = TM * VECTORS;

struct Params { S : u32, M : u32, K : u32, N : u32, strideA : u32, strideB : u32, strideK : u32, length : u32 }

@group(0) @binding(0) var<uniform>             p : Params;
@group(0) @binding(1) var<storage, read>       a : array<f32>;
@group(0) @binding(2) var<storage, read>       b : array<vec4f>;
@group(0) @binding(3) var<storage, read>       bias : array<f32>;
@group(0) @binding(4) var<storage, read_write> y : array<f32>;
@group(0) @binding(5) var<storage, read>       a4 : array<vec4f>;

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(global_invocation_id) gid : vec3u,
  @builtin(num_workgroups) groups : vec3u,
  @builtin(subgroup_invocation_id) lane : u32,
) {
  let across = (p.N + 2u * TN - 1u) / (2u * TN);
  let down = (p.M + 2u * TM - 1u) / (2u * TM);
  let quad = (gid.y * groups.x * WORKGROUP + gid.x) / 4u;
  let side = lane % 2u;                             // 0: the left blocks of the quad, 1: the right ones
  let half = lane / 2u % 2u;                        // 0: the upper blocks, 1: the lower ones
  let n0 = (quad % across * 2u + side) * TN;
  let m0 = (quad / across % down * 2u + half) * TM;
  let s = quad / across / down;
  let layer = min(s, p.S - 1u);
  let first = layer * p.strideK;
  let end = min(first + p.length, p.K);
  let stepA = select(1u, p.M, TRANSPOSE_A);
  var row : array<u32, ROWS>;                       // where a[m0 + 2·i + side, first] is, which this thread loads
  // @unroll
  for (var i = 0u; i < ROWS; i++) {
    let m = min(m0 + 2u * i + side, p.M - 1u);
    row[i] = layer * p.strideA + first * stepA + m * select(p.K, 1u, TRANSPOSE_A);
  }
  var sum : array<vec4f, SUMS>;

  // The same number of rounds for all, or neighbours could not share.
  for (var k = 0u; k < p.length; k += 4u) {
    var right : array<vec4f, TN>;                   // right[4·j + l] = b[first + k + l, n0 + 4·j .. n0 + 4·j + 3]
    // @unroll
    for (var j = 0u; j < VECTORS; j++) {
      let n = n0 + 4u * j;
      let r = select(first + k, n, TRANSPOSE_B) + 2u * half;
      let here0 = bRow(layer * p.strideB, r, select(n, first + k, TRANSPOSE_B));
      let here1 = bRow(layer * p.strideB, r + 1u, select(n, first + k, TRANSPOSE_B));
      let there0 = quadSwapY(here0);
      let there1 = quadSwapY(here1);
      let lower = half == 1u;
      let low = mat2x4f(select(here0, there0, lower), select(here1, there1, lower));
      var square = mat4x4f(low[0], low[1], select(there0, here0, lower), select(there1, here1, lower));
      if (TRANSPOSE_B) { square = transpose(square); }
      right[4u * j] = square[0];
      right[4u * j + 1u] = square[1];
      right[4u * j + 2u] = square[2];
      right[4u * j + 3u] = square[3];
    }
    // @unroll
    for (var g = 0u; g < GROUPS; g++) {
      var left : array<vec4f, GROUP>;               // left[i] = a[m0 + g·GROUP + i, first + k .. first + k + 3]
      // @unroll
      for (var i = 0u; i < PAIRS; i++) {
        let at = row[g * PAIRS + i] + k * stepA;
        var here = a4[at / 4u];
        if (!ALIGNED_A) { here = vec4f(a[at], a[at + stepA], a[at + 2u * stepA], a[at + 3u * stepA]); }
        if (RAGGED) { here = select(vec4f(0.0), here, first + k + vec4u(0u, 1u, 2u, 3u) < vec4u(end)); }
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

  // Sums stay in registers because only a copy of them is indexed by a variable.
  var result = sum;
  for (var i = 0u; i < SUMS; i++) {
    let m = m0 + i / VECTORS;
    let n = n0 + 4u * (i % VECTORS);
    if (s < p.S && m < p.M && n < p.N) {
      let at = (s * p.M + m) * p.N + n;
      let v = finish(n, result[i]);
      y[at] = v.x;
      if (n + 1u < p.N) { y[at + 1u] = v.y; }
      if (n + 2u < p.N) { y[at + 2u] = v.z; }
      if (n + 3u < p.N) { y[at + 3u] = v.w; }
    }
  }
}

// Four neighbours in row r of b as it is stored.
fn bRow(b0 : u32, r : u32, c : u32) -> vec4f {
  let rows = select(p.K, p.N, TRANSPOSE_B);
  let columns = select(p.N, p.K, TRANSPOSE_B);
  let row = b0 + min(r, rows - 1u) * columns;
  if (ALIGNED_B) { return b[(row + min(c, columns - 4u)) / 4u]; }
  // Two vec4s hold them. What lies behind the row is no part of the sum over k, and not stored as a column.
  let v = neighbours(b[(row + c) / 4u], b[(row + c) / 4u + 1u], (row + c) % 4u);
  return select(v, vec4f(0.0), vec4<bool>(TRANSPOSE_B) & (c + vec4u(0u, 1u, 2u, 3u) >= vec4u(columns)));
}

// Four neighbours of two vec4s side by side, from their place `first` on.
fn neighbours(lo : vec4f, hi : vec4f, first : u32) -> vec4f {  // as in matmul/matmulTiled.wgsl
  let v = select(lo, vec4f(lo.zw, hi.xy), first > 1u);
  return select(v, vec4f(v.yzw, select(hi.x, hi.z, first > 1u)), first % 2u == 1u);
}

// The epilogue of columns n .. n + 3.
fn finish(n : u32, sum : vec4f) -> vec4f {  // as in matmul/matmul.wgsl
  let last = p.N - 1u;
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
