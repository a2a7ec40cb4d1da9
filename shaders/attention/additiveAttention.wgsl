// additiveAttention — for every query the mean of the values that it sees, weighted by a small network of it and their keys.
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
//   thread      ROWS queries of a row of the batch, KEYS keys at a time; then ACROSS vec4s of y at a time
//   grid        [B · T / ROWS] threads; a long row of workgroups is folded into y

const ROWS = 2u;
const KEYS = 4u;
const ACROSS = 4u;
const LENGTHS = false;     // a row of the batch has so many keys
const LOWEST = -3.4028234663852886e38;    // no finite number is less; not −∞: −∞ − −∞ is NaN
const WORKGROUP = 64u;

struct Params { B : u32, T : u32, S : u32, A4 : u32, C4 : u32 }

@group(0) @binding(0) var<uniform>             p : Params;
@group(0) @binding(1) var<storage, read>       q : array<vec4f>;
@group(0) @binding(2) var<storage, read>       k : array<vec4f>;
@group(0) @binding(3) var<storage, read>       v : array<vec4f>;
@group(0) @binding(4) var<storage, read>       u : array<vec4f>;
@group(0) @binding(5) var<storage, read>       lengths : array<u32>;
@group(0) @binding(6) var<storage, read_write> y : array<vec4f>;
@group(0) @binding(7) var<storage, read_write> weights : array<f32>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) gid : vec3u, @builtin(num_workgroups) groups : vec3u) {
  let i = gid.y * groups.x * WORKGROUP + gid.x;
  let blocks = (p.T + ROWS - 1u) / ROWS;
  let b = i / blocks;
  if (b >= p.B) { return; }
  var seen = p.S;
  if (LENGTHS) { seen = min(seen, lengths[b]); }

  var row : array<u32, ROWS>;        // of queries, among all of the batch
  var there : array<bool, ROWS>;
  var key : array<u32, KEYS>;
  var score : array<vec4f, ROWS * KEYS>;
  var top : array<f32, ROWS>;
  var sum : array<f32, ROWS>;
  // @unroll
  for (var r = 0u; r < ROWS; r++) {
    let t = i % blocks * ROWS + r;
    row[r] = b * p.T + min(t, p.T - 1u);
    there[r] = t < p.T;
    top[r] = LOWEST;
  }

  for (var j = 0u; j < seen; j += KEYS) {
    // @unroll
    for (var o = 0u; o < KEYS; o++) {
      key[o] = (b * p.S + min(j + o, seen - 1u)) * p.A4;
      // @unroll
      for (var r = 0u; r < ROWS; r++) { score[r * KEYS + o] = vec4f(0.0); }
    }
    for (var a = 0u; a < p.A4; a++) {
      let factor = u[a];
      // @unroll
      for (var r = 0u; r < ROWS; r++) {
        let query = q[row[r] * p.A4 + a];
        // @unroll
        for (var o = 0u; o < KEYS; o++) { score[r * KEYS + o] = fma(tanhOf(query + k[key[o] + a]), factor, score[r * KEYS + o]); }
      }
    }
    // @unroll
    for (var r = 0u; r < ROWS; r++) {
      // @unroll
      for (var o = 0u; o < KEYS; o++) {
        let s = dot(score[r * KEYS + o], vec4f(1.0));
        if (j + o < seen) {
          let above = s - top[r];
          let e = exp(-abs(above));
          sum[r] = select(sum[r] + e, sum[r] * e + 1.0, above > 0.0);
          top[r] = max(top[r], s);    // the sum has a NaN
          if (there[r]) { weights[row[r] * p.S + j + o] = s; }
        }
      }
    }
  }

  // @unroll
  for (var r = 0u; r < ROWS; r++) {
    // A sum is above 0 and finite unless a score was not, whatever exp makes of NaN. The set bits are NaN.
    let bits = bitcast<u32>(sum[r]);
    let fine = bits - 1u < 0x7f7fffffu && top[r] <= -LOWEST;
    let inverse = select(bitcast<f32>(bits | 0x7fc00000u), 1.0 / sum[r], fine);
    let first = row[r] * p.S;
    if (there[r]) {
      for (var j = 0u; j < seen; j++) { weights[first + j] = exp(weights[first + j] - top[r]) * inverse; }
      for (var j = seen; j < p.S; j++) { weights[first + j] = 0.0; }
    }
  }

  var mean : array<vec4f, ROWS * ACROSS>;
  for (var c = 0u; c < p.C4; c += ACROSS) {
    // @unroll
    for (var m = 0u; m < ROWS * ACROSS; m++) { mean[m] = vec4f(0.0); }
    for (var j = 0u; j < seen; j++) {
      let first = (b * p.S + j) * p.C4;
      // @unroll
      for (var r = 0u; r < ROWS; r++) {
        let weight = vec4f(weights[row[r] * p.S + j]);
        // @unroll
        for (var n = 0u; n < ACROSS; n++) { mean[r * ACROSS + n] = fma(weight, v[first + min(c + n, p.C4 - 1u)], mean[r * ACROSS + n]); }
      }
    }
    // @unroll
    for (var r = 0u; r < ROWS; r++) {
      // @unroll
      for (var n = 0u; n < ACROSS; n++) {
        if (there[r] && c + n < p.C4) { y[row[r] * p.C4 + c + n] = mean[r * ACROSS + n]; }
      }
    }
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
