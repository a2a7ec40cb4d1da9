// matmulTiled — y = act(a·b + bias), batched, each operand plain or transposed; tiles in workgroup memory.
//
//   y[s,m,n] = act( Σ_k a[s,m,k] · b[s,k,n] + bias[n] )
//
//   a     [S, M, K], or [S, K, M] when TRANSPOSE_A     (stride 0 in s: one matrix for all)
//   b     [S, K, N], or [S, N, K] when TRANSPOSE_B
//   bias  [N]        bound but not read unless BIAS
//   y     [S, M, N]
//
//   With strideK > 0, s counts the parts of a split sum instead: k runs from s·strideK on, `length` long.
//
//   workgroup   a tile of y, 8·TM × 8·TN, by 8 × 8 threads; SLAB of k at a time
//   thread      TM × TN of it, in quads of rows and of columns that lie 32 apart
//   grid        [tiles · S] workgroups, along n first, then m, s; a long row of them is folded into y
//
// Beyond the edge, rows repeat the last one, columns are anything, and neither is stored; beyond K, a is zero.

const NONE = 0u;
const RELU = 1u;
const TANH = 2u;
const SIGMOID = 3u;

const TM = 8u;             // 4 or 8
const TN = 8u;             // 4 or 8
const SLAB = 16u;
const TRANSPOSE_A = false;
const TRANSPOSE_B = false;
const ALIGNED_A = false;   // rows of a, as stored, are a multiple of 4 long
const ALIGNED_B = false;
const BIAS = false;
const ACTIVATION = NONE;
const THREADS = 64u;
const DEEP = SLAB / 4u;    // quads of k in a slab
const HIGH = 2u * TM;      // quads of rows in a tile
const WIDE = 2u * TN;      // quads of columns in a tile
const PITCH_A = HIGH + 1u; // one more than needed: neighbours in k lie in different banks
const PITCH_B = WIDE + 1u;
const LEFT = SLAB * PITCH_A;
const RIGHT = SLAB * PITCH_B;
const COLUMNS = TN / 4u;   // of vec4s in a thread
const SUMS = TM * COLUMNS;

struct Params { S : u32, M : u32, K : u32, N : u32, strideA : u32, strideB : u32, strideK : u32, length : u32 }

@group(0) @binding(0) var<uniform>             p : Params;
@group(0) @binding(1) var<storage, read>       a : array<vec4f>;
@group(0) @binding(2) var<storage, read>       b : array<vec4f>;
@group(0) @binding(3) var<storage, read>       bias : array<f32>;
@group(0) @binding(4) var<storage, read_write> y : array<f32>;

var<workgroup> left : array<vec4f, LEFT>;      // [k, m]
var<workgroup> right : array<vec4f, RIGHT>;    // [k, n]

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) wid : vec3u, @builtin(num_workgroups) groups : vec3u, @builtin(local_invocation_index) local : u32) {
  let across = (p.N + 8u * TN - 1u) / (8u * TN);
  let tiles = across * ((p.M + 8u * TM - 1u) / (8u * TM));
  let place = wid.y * groups.x + wid.x;
  let tile = place % tiles;
  let s = place / tiles;
  if (s >= p.S) { return; }    // of a folded row, the last workgroups may be too many
  let m0 = (tile / across) * 8u * TM;
  let n0 = (tile % across) * 8u * TN;
  let down = local / 8u;
  let right0 = local % 8u;
  let first = s * p.strideK;
  var sum : array<vec4f, SUMS>;

  for (var k = first; k < min(first + p.length, p.K); k += SLAB) {
    // Four by four elements at a time, so that both operands, plain or transposed, are read along their rows.
    for (var i = local; i < DEEP * HIGH; i += THREADS) {
      let kq = select(i % DEEP, i / HIGH, TRANSPOSE_A);
      let mq = select(i / DEEP, i % HIGH, TRANSPOSE_A);
      let quads = aQuads(s, m0 + 4u * mq, k + 4u * kq);
      // @unroll
      for (var l = 0u; l < 4u; l++) {
        left[(4u * kq + l) * PITCH_A + mq] = select(vec4f(0.0), quads[l], k + 4u * kq + l < p.K);
      }
    }
    for (var i = local; i < DEEP * WIDE; i += THREADS) {
      let kq = select(i / WIDE, i % DEEP, TRANSPOSE_B);
      let nq = select(i % WIDE, i / DEEP, TRANSPOSE_B);
      let quads = bQuads(s, k + 4u * kq, n0 + 4u * nq);
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
      if (m < p.M && n < p.N) { y[(s * p.M + m) * p.N + n] = finish(n, right[row * PITCH_B + column / 4u][column % 4u]); }
    }
    workgroupBarrier();
  }
}

// a[m .. m + 3, k + l] for l = 0 .. 3.
fn aQuads(s : u32, m : u32, k : u32) -> mat4x4f {
  let a0 = s * p.strideA;
  if (TRANSPOSE_A) { return mat4x4f(aRow(a0, k, m), aRow(a0, k + 1u, m), aRow(a0, k + 2u, m), aRow(a0, k + 3u, m)); }
  return transpose(mat4x4f(aRow(a0, m, k), aRow(a0, m + 1u, k), aRow(a0, m + 2u, k), aRow(a0, m + 3u, k)));
}

// b[k + l, n .. n + 3] for l = 0 .. 3.
fn bQuads(s : u32, k : u32, n : u32) -> mat4x4f {
  let b0 = s * p.strideB;
  if (TRANSPOSE_B) { return transpose(mat4x4f(bRow(b0, n, k), bRow(b0, n + 1u, k), bRow(b0, n + 2u, k), bRow(b0, n + 3u, k))); }
  return mat4x4f(bRow(b0, k, n), bRow(b0, k + 1u, n), bRow(b0, k + 2u, n), bRow(b0, k + 3u, n));
}

// Four neighbours in row r of a as it is stored. What lies behind the row is left out where it is multiplied.
fn aRow(a0 : u32, r : u32, c : u32) -> vec4f {
  let rows = select(p.M, p.K, TRANSPOSE_A);
  let columns = select(p.K, p.M, TRANSPOSE_A);
  let row = a0 + min(r, rows - 1u) * columns;
  if (ALIGNED_A) { return a[(row + min(c, columns - 4u)) / 4u]; }
  return neighbours(a[(row + c) / 4u], a[(row + c) / 4u + 1u], (row + c) % 4u);
}

// Four neighbours in row r of b as it is stored.
fn bRow(b0 : u32, r : u32, c : u32) -> vec4f {  // as in matmul/matmulQuad.wgsl
  let rows = select(p.K, p.N, TRANSPOSE_B);
  let columns = select(p.N, p.K, TRANSPOSE_B);
  let row = b0 + min(r, rows - 1u) * columns;
  if (ALIGNED_B) { return b[(row + min(c, columns - 4u)) / 4u]; }
  // Two vec4s hold them. What lies behind the row is no part of the sum over k, and not stored as a column.
  let v = neighbours(b[(row + c) / 4u], b[(row + c) / 4u + 1u], (row + c) % 4u);
  return select(v, vec4f(0.0), vec4<bool>(TRANSPOSE_B) & (c + vec4u(0u, 1u, 2u, 3u) >= vec4u(columns)));
}

// Four neighbours of two vec4s side by side, from their place `first` on.
fn neighbours(lo : vec4f, hi : vec4f, first : u32) -> vec4f {
  let v = select(lo, vec4f(lo.zw, hi.xy), first > 1u);
  return select(v, vec4f(v.yzw, select(hi.x, hi.z, first > 1u)), first % 2u == 1u);
}

// The epilogue.
fn finish(n : u32, sum : f32) -> f32 {
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
