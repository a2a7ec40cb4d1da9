// matmul — y = act(a·b + bias), batched, each operand plain or transposed; registers only, no barriers.
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
//   thread      a TM × TN block of y: TM·TN sums in registers, fed by TM + TN vec4 loads per four k
//   workgroup   WORKGROUP blocks, along n first, then m, then s
//   grid        [blocks] threads; a long row of workgroups is folded into y
//
// Bound as vec4; where a row is not a multiple of four long (ALIGNED_x false) it is read element by element.
// Beyond the edge, rows and columns repeat the last one and are not stored; beyond K, a is zero.

const NONE = 0u;
const RELU = 1u;
const TANH = 2u;
const SIGMOID = 3u;

const TM = 8u;             // rows of a block
const TN = 8u;             // columns of a block, a multiple of 4
const WORKGROUP = 32u;
const TRANSPOSE_A = false;
const TRANSPOSE_B = false;
const ALIGNED_A = false;   // rows of a, as stored, are a multiple of 4 long (and TM is, if transposed)
const ALIGNED_B = false;
const RAGGED = true;       // K is not a multiple of 4
const BIAS = false;
const ACTIVATION = NONE;
const VECTORS = TN / 4u;
const QUADS = (TM + 3u) / 4u;
const LEFT = QUADS * 4u;
const SUMS = TM * VECTORS;

struct Params { S : u32, M : u32, K : u32, N : u32, strideA : u32, strideB : u32, strideK : u32, length : u32 }

@group(0) @binding(0) var<uniform>             p : Params;
@group(0) @binding(1) var<storage, read>       a : array<vec4f>;
@group(0) @binding(2) var<storage, read>       b : array<vec4f>;
@group(0) @binding(3) var<storage, read>       bias : array<f32>;
@group(0) @binding(4) var<storage, read_write> y : array<f32>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) gid : vec3u, @builtin(num_workgroups) groups : vec3u) {
  let across = (p.N + TN - 1u) / TN;
  let down = (p.M + TM - 1u) / TM;
  let tile = gid.y * groups.x * WORKGROUP + gid.x;
  let n0 = (tile % across) * TN;
  let m0 = (tile / across % down) * TM;
  let s = tile / across / down;
  let layer = min(s, p.S - 1u);
  let a0 = layer * p.strideA;
  let b0 = layer * p.strideB;
  let first = layer * p.strideK;
  let end = min(first + p.length, p.K);
  var sum : array<vec4f, SUMS>;

  for (var k = first; k < end; k += 4u) {
    var left : array<vec4f, LEFT>;     // left[i] = a[m0 + i, k .. k + 3]
    var right : array<vec4f, TN>;      // right[4·j + l] = b[k + l, n0 + 4·j .. n0 + 4·j + 3]
    if (TRANSPOSE_A) {
      // @unroll
      for (var q = 0u; q < QUADS; q++) {
        let m = m0 + 4u * q;
        let turned = transpose(mat4x4f(aAcross(a0, k, m), aAcross(a0, k + 1u, m), aAcross(a0, k + 2u, m), aAcross(a0, k + 3u, m)));
        left[4u * q] = turned[0];
        left[4u * q + 1u] = turned[1];
        left[4u * q + 2u] = turned[2];
        left[4u * q + 3u] = turned[3];
      }
    } else {
      // @unroll
      for (var i = 0u; i < TM; i++) { left[i] = aAlong(a0, m0 + i, k); }
    }
    // @unroll
    for (var j = 0u; j < VECTORS; j++) {
      let n = n0 + 4u * j;
      if (TRANSPOSE_B) {
        let turned = transpose(mat4x4f(bRow(b0, n, k), bRow(b0, n + 1u, k), bRow(b0, n + 2u, k), bRow(b0, n + 3u, k)));
        right[4u * j] = turned[0];
        right[4u * j + 1u] = turned[1];
        right[4u * j + 2u] = turned[2];
        right[4u * j + 3u] = turned[3];
      } else {
        right[4u * j] = bRow(b0, k, n);
        right[4u * j + 1u] = bRow(b0, k + 1u, n);
        right[4u * j + 2u] = bRow(b0, k + 2u, n);
        right[4u * j + 3u] = bRow(b0, k + 3u, n);
      }
    }
    // @unroll
    for (var i = 0u; i < TM; i++) {
      // @unroll
      for (var j = 0u; j < VECTORS; j++) {
        var v = sum[i * VECTORS + j];
        v = fma(vec4f(left[i].x), right[4u * j], v);
        v = fma(vec4f(left[i].y), right[4u * j + 1u], v);
        v = fma(vec4f(left[i].z), right[4u * j + 2u], v);
        v = fma(vec4f(left[i].w), right[4u * j + 3u], v);
        sum[i * VECTORS + j] = v;
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

// a[m, k .. k + 3] from a row along k; zero beyond K.
fn aAlong(a0 : u32, m : u32, k : u32) -> vec4f {
  let v = aRow(a0, m, k);
  if (RAGGED) { return select(vec4f(0.0), v, k + vec4u(0u, 1u, 2u, 3u) < vec4u(p.K)); }
  return v;
}

// a[m .. m + 3, k] from a row along m; zero beyond K.
fn aAcross(a0 : u32, k : u32, m : u32) -> vec4f {
  let v = aRow(a0, k, m);
  if (RAGGED) { return select(vec4f(0.0), v, k < p.K); }
  return v;
}

// Four neighbours in row r of a as it is stored.
fn aRow(a0 : u32, r : u32, c : u32) -> vec4f {
  let rows = select(p.M, p.K, TRANSPOSE_A);
  let columns = select(p.K, p.M, TRANSPOSE_A);
  let row = a0 + min(r, rows - 1u) * columns;
  if (ALIGNED_A) { return a[(row + min(c, columns - 4u)) / 4u]; }
  let i = row + min(c + vec4u(0u, 1u, 2u, 3u), vec4u(columns - 1u));
  return vec4f(a[i.x / 4u][i.x % 4u], a[i.y / 4u][i.y % 4u], a[i.z / 4u][i.z % 4u], a[i.w / 4u][i.w % 4u]);
}

// Four neighbours in row r of b as it is stored.
fn bRow(b0 : u32, r : u32, c : u32) -> vec4f {
  let rows = select(p.K, p.N, TRANSPOSE_B);
  let columns = select(p.N, p.K, TRANSPOSE_B);
  let row = b0 + min(r, rows - 1u) * columns;
  if (ALIGNED_B) { return b[(row + min(c, columns - 4u)) / 4u]; }
  let i = row + min(c + vec4u(0u, 1u, 2u, 3u), vec4u(columns - 1u));
  return vec4f(b[i.x / 4u][i.x % 4u], b[i.y / 4u][i.y % 4u], b[i.z / 4u][i.z % 4u], b[i.w / 4u][i.w % 4u]);
}

// The epilogue of columns n .. n + 3.
fn finish(n : u32, sum : vec4f) -> vec4f {
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
