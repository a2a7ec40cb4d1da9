// causalConvQuad — causalConv.wgsl, or its input gradient; four neighbouring threads share what they load of x.
//
//   y[b,t,o] = act( Σ_k Σ_i  x[b, t - (K-1-k)·dilation, i] · w[k,i,o]  + bias[o] )       x = 0 before t = 0
//   BACKWARD:   y[b,t,o] = Σ_k Σ_i  x[b, t + (K-1-k)·dilation, i] · w[k,o,i]             x = 0 from t = T on
//
//   x     [B, T, I]
//   w     [K, I, O], or [K, O, I] when BACKWARD     tap K-1 is "now", tap 0 is the oldest
//   bias  [O]         bound but not read unless BIAS
//   y     [B, T, O]
//
//   thread      TM positions × TN channels of y, all sums in registers
//   quad        TM × 4·TN: every four channels of x, each thread loads a quarter of the TM × 4 values
//   workgroup   WORKGROUP blocks, along o first
//   grid        [blocks] threads, whole quads in a row of blocks; a long row of workgroups is folded into y
//
// A product for every tap: the rows of x, shifted, times w[k]. Beyond the edge, rows and channels repeat the
// last one and are not stored.

enable subgroups;

const NONE = 0u;
const RELU = 1u;
const TANH = 2u;
const SIGMOID = 3u;

const TM = 16u;
const TN = 8u;             // a multiple of 4
const WORKGROUP = 32u;
const BACKWARD = false;
const ALIGNED = false;     // rows of w, as stored, are a multiple of 4 long
const RAGGED = true;       // I is not a multiple of 4
const BIAS = false;
const ACTIVATION = NONE;
const VECTORS = TN / 4u;
const SUMS = TM * VECTORS;

// dilation is at most T; taps: those, counted from the newest, that reach no further than the sequence is long.
struct Params { B : u32, T : u32, I : u32, O : u32, K : u32, taps : u32, dilation : u32 }

@group(0) @binding(0) var<uniform>             p : Params;
@group(0) @binding(1) var<storage, read>       x : array<f32>;
@group(0) @binding(2) var<storage, read>       w : array<vec4f>;
@group(0) @binding(3) var<storage, read>       bias : array<f32>;
@group(0) @binding(4) var<storage, read_write> y : array<f32>;

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(global_invocation_id) gid : vec3u,
  @builtin(num_workgroups) groups : vec3u,
  @builtin(subgroup_invocation_id) lane : u32,
) {
  let across = (p.O + 4u * TN - 1u) / (4u * TN) * 4u;
  let tile = gid.y * groups.x * WORKGROUP + gid.x;
  let n0 = (tile % across) * TN;
  let m0 = (tile / across) * TM;
  let own = lane % 4u;                            // the channel of this thread, of every four
  let last = p.B * p.T - 1u;
  var sum : array<vec4f, SUMS>;

  for (var back = 0u; back < p.taps; back++) {
    let shift = back * p.dilation;
    let base = (p.K - 1u - back) * p.I * p.O;
    var row : array<u32, TM>;                     // where the shifted row of x begins
    var inside : array<bool, TM>;
    var t = m0 % p.T;                             // a division a row would cost a tenth of all
    // @unroll
    for (var i = 0u; i < TM; i++) {
      let m = min(m0 + i, last);
      inside[i] = select(t >= shift, t + shift < p.T, BACKWARD);
      row[i] = select(m, select(m - shift, min(m + shift, last), BACKWARD), inside[i]) * p.I + own;
      t = select(t + 1u, 0u, t + 1u == p.T);
    }
    for (var c = 0u; c < p.I; c += 4u) {
      var right : array<vec4f, TN>;               // right[4·j + l] = w[k, c + l, n0 + 4·j .. n0 + 4·j + 3]
      // @unroll
      for (var j = 0u; j < VECTORS; j++) {
        let n = n0 + 4u * j;
        if (BACKWARD) {
          let turned = transpose(mat4x4f(wRow(base, n, c), wRow(base, n + 1u, c), wRow(base, n + 2u, c), wRow(base, n + 3u, c)));
          right[4u * j] = turned[0];
          right[4u * j + 1u] = turned[1];
          right[4u * j + 2u] = turned[2];
          right[4u * j + 3u] = turned[3];
        } else {
          right[4u * j] = wRow(base, c, n);
          right[4u * j + 1u] = wRow(base, c + 1u, n);
          right[4u * j + 2u] = wRow(base, c + 2u, n);
          right[4u * j + 3u] = wRow(base, c + 3u, n);
        }
      }
      // @unroll
      for (var i = 0u; i < TM; i++) {
        var left = select(0.0, x[row[i] + c], inside[i]);
        if (RAGGED) { left = select(0.0, left, c + own < p.I); }
        let l0 = vec4f(quadBroadcast(left, 0u));
        let l1 = vec4f(quadBroadcast(left, 1u));
        let l2 = vec4f(quadBroadcast(left, 2u));
        let l3 = vec4f(quadBroadcast(left, 3u));
        // @unroll
        for (var j = 0u; j < VECTORS; j++) {
          var v = sum[i * VECTORS + j];
          v = fma(l0, right[4u * j], v);
          v = fma(l1, right[4u * j + 1u], v);
          v = fma(l2, right[4u * j + 2u], v);
          v = fma(l3, right[4u * j + 3u], v);
          sum[i * VECTORS + j] = v;
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
fn finish(n : u32, sum : vec4f) -> vec4f {
  let last = p.O - 1u;
  var v = sum;
  if (BIAS) { v += vec4f(bias[n], bias[min(n + 1u, last)], bias[min(n + 2u, last)], bias[min(n + 3u, last)]); }
  if (ACTIVATION == RELU) { v = max(v, vec4f(0.0)); }
  if (ACTIVATION == TANH) { v = 2.0 / (1.0 + exp(-2.0 * v)) - 1.0; }
  if (ACTIVATION == SIGMOID) { v = 1.0 / (1.0 + exp(-v)); }
  return v;
}
