// matmul — y = act(a·b + bias), batched, each operand plain or transposed; registers only, no barriers.
//
//   y[s,m,n] = act( Σ_k a[s,m,k] · b[s,k,n] + bias[n] )
//
//   a     [S, M, K], or [S, K, M] when TRANSPOSE_A     (stride 0 in s: one matrix for all)
//   b     [S, K, N], or [S, N, K] when TRANSPOSE_B
//   bias  [N]        bound but not read unless BIAS
//   y     [S, M, N]
//
//   thread      a TM × TN block of y: TM·TN sums in registers, fed by TM + TN vec4 loads per four k
//   workgroup   WORKGROUP blocks, along n first
//   grid        [blocks, 1, S] threads; a long row of workgroups is folded into y
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

struct Params { M : u32, K : u32, N : u32, strideA : u32, strideB : u32 }

@group(0) @binding(0) var<uniform>             p : Params;
@group(0) @binding(1) var<storage, read>       a : array<vec4f>;
@group(0) @binding(2) var<storage, read>       b : array<vec4f>;
@group(0) @binding(3) var<storage, read>       bias : array<f32>;
@group(0) @binding(4) var<storage, read_write> y : array<f32>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) gid : vec3u, @builtin(num_workgroups) groups : vec3u) {
  let across = (p.N + TN - 1u) / TN;
  let tile = gid.y * groups.x * WORKGROUP + gid.x;
  let m0 = (tile / across) * TM;
  let n0 = (tile % across) * TN;
  let a0 = gid.z * p.strideA;
  let b0 = gid.z * p.strideB;
  var sum : array<vec4f, SUMS>;

  for (var k = 0u; k < p.K; k += 4u) {
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
      for (var i = 0u; i < TM; i++) { left[i] = aAlong(a0, min(m0 + i, p.M - 1u), k); }
    }
    // @unroll
    for (var j = 0u; j < VECTORS; j++) {
      let n = n0 + 4u * j;
      if (TRANSPOSE_B) {
        let turned = transpose(mat4x4f(bAlong(b0, n, k), bAlong(b0, n + 1u, k), bAlong(b0, n + 2u, k), bAlong(b0, n + 3u, k)));
        right[4u * j] = turned[0];
        right[4u * j + 1u] = turned[1];
        right[4u * j + 2u] = turned[2];
        right[4u * j + 3u] = turned[3];
      } else {
        right[4u * j] = bAcross(b0, k, n);
        right[4u * j + 1u] = bAcross(b0, k + 1u, n);
        right[4u * j + 2u] = bAcross(b0, k + 2u, n);
        right[4u * j + 3u] = bAcross(b0, k + 3u, n);
      }
    }
    // @unroll
    for (var i = 0u; i < TM; i++) {
      // @unroll
      for (var j = 0u; j < VECTORS; j++) {
        var s = sum[i * VECTORS + j];
        s = fma(vec4f(left[i].x), right[4u * j], s);
        s = fma(vec4f(left[i].y), right[4u * j + 1u], s);
        s = fma(vec4f(left[i].z), right[4u * j + 2u], s);
        s = fma(vec4f(left[i].w), right[4u * j + 3u], s);
        sum[i * VECTORS + j] = s;
      }
    }
  }

  // @unroll
  for (var i = 0u; i < TM; i++) {
    // @unroll
    for (var j = 0u; j < VECTORS; j++) { store(gid.z, m0 + i, n0 + 4u * j, sum[i * VECTORS + j]); }
  }
}

// a[m, k .. k + 3] from rows along k; zero beyond K.
fn aAlong(a0 : u32, m : u32, k : u32) -> vec4f {
  let row = a0 + m * p.K;
  if (ALIGNED_A) { return a[(row + k) >> 2u]; }
  let last = p.K - 1u;
  let v = vec4f(a1(row + k), a1(row + min(k + 1u, last)), a1(row + min(k + 2u, last)), a1(row + min(k + 3u, last)));
  return select(vec4f(0.0), v, k + vec4u(0u, 1u, 2u, 3u) < vec4u(p.K));
}

// a[m .. m + 3, k] from rows along m; zero beyond K.
fn aAcross(a0 : u32, k : u32, m : u32) -> vec4f {
  let row = a0 + min(k, p.K - 1u) * p.M;
  let last = p.M - 1u;
  var v : vec4f;
  if (ALIGNED_A) { v = a[(row + min(m, p.M - 4u)) >> 2u]; }
  else { v = vec4f(a1(row + min(m, last)), a1(row + min(m + 1u, last)), a1(row + min(m + 2u, last)), a1(row + min(m + 3u, last))); }
  if (RAGGED) { v = select(vec4f(0.0), v, k < p.K); }
  return v;
}

// b[k, n .. n + 3] from rows along n.
fn bAcross(b0 : u32, k : u32, n : u32) -> vec4f {
  let row = b0 + min(k, p.K - 1u) * p.N;
  let last = p.N - 1u;
  if (ALIGNED_B) { return b[(row + min(n, p.N - 4u)) >> 2u]; }
  return vec4f(b1(row + min(n, last)), b1(row + min(n + 1u, last)), b1(row + min(n + 2u, last)), b1(row + min(n + 3u, last)));
}

// b[k .. k + 3, n] from rows along k.
fn bAlong(b0 : u32, n : u32, k : u32) -> vec4f {
  let row = b0 + min(n, p.N - 1u) * p.K;
  if (ALIGNED_B) { return b[(row + k) >> 2u]; }
  let last = p.K - 1u;
  return vec4f(b1(row + k), b1(row + min(k + 1u, last)), b1(row + min(k + 2u, last)), b1(row + min(k + 3u, last)));
}

fn a1(i : u32) -> f32 { return a[i >> 2u][i & 3u]; }
fn b1(i : u32) -> f32 { return b[i >> 2u][i & 3u]; }

fn store(s : u32, m : u32, n : u32, value : vec4f) {
  if (m >= p.M) { return; }
  let row = (s * p.M + m) * p.N;
  if (n < p.N) { y[row + n] = finish(n, value.x); }
  if (n + 1u < p.N) { y[row + n + 1u] = finish(n + 1u, value.y); }
  if (n + 2u < p.N) { y[row + n + 2u] = finish(n + 2u, value.z); }
  if (n + 3u < p.N) { y[row + n + 3u] = finish(n + 3u, value.w); }
}

// The epilogue.
fn finish(n : u32, sum : f32) -> f32 {
  var v = sum;
  if (BIAS) { v += bias[n]; }
  if (ACTIVATION == RELU) { v = max(v, 0.0); }
  if (ACTIVATION == TANH) { v = 2.0 / (1.0 + exp(-2.0 * v)) - 1.0; }
  if (ACTIVATION == SIGMOID) { v = 1.0 / (1.0 + exp(-v)); }
  return v;
}
