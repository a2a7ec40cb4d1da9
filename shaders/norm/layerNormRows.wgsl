// layerNormRows — layerNorm with a workgroup for every row.
//
//   y[n,c] = ((x[n,c] − start) − away) · inverse[n] · scale[c] + shift[c]        inverse = 1 / √(variance + epsilon)
//
//   (start, away) = mean[n]: the mean is their sum, which one f32 does not hold where all of a row is far from zero
//
//   x y           [N, C]
//   scale shift   [C]      bound but not read unless SCALE, SHIFT
//   mean          [N, 2]   for the gradient
//   inverse       [N]      likewise
//
//   thread      every WORKGROUP-th value of a row
//   workgroup   one row; the threads' sums are joined in a tree, first around the row's first value, for about the mean
//               and the largest deviation, then around that mean and as parts of that deviation
//   grid        [N] workgroups; a long row of them is folded into y

const SCALE = false;
const SHIFT = false;
const WORKGROUP = 64u;     // a power of two

struct Params { N : u32, C : u32, epsilon : f32 }

@group(0) @binding(0) var<uniform>             p : Params;
@group(0) @binding(1) var<storage, read>       x : array<f32>;
@group(0) @binding(2) var<storage, read>       scale : array<f32>;
@group(0) @binding(3) var<storage, read>       shift : array<f32>;
@group(0) @binding(4) var<storage, read_write> y : array<f32>;
@group(0) @binding(5) var<storage, read_write> mean : array<vec2f>;
@group(0) @binding(6) var<storage, read_write> inverse : array<f32>;

var<workgroup> sums : array<vec2f, WORKGROUP>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) wid : vec3u, @builtin(num_workgroups) groups : vec3u,
        @builtin(local_invocation_id) lid : vec3u) {
  let n = wid.y * groups.x + wid.x;
  if (n >= p.N) { return; }
  let row = n * p.C;

  let value = x[row];
  let part = 1.0 / f32(p.C);
  var sum = 0.0;
  var largest = 0.0;
  for (var c = lid.x; c < p.C; c += WORKGROUP) {
    let d = x[row + c] - value;
    sum = fma(part, d, sum);
    largest = max(largest, abs(d));    // the sum has a NaN
  }
  let rough = joined(lid.x, vec2f(sum, largest), true);
  let start = value + rough.x;
  // A power of two, such that squares of deviations are within f32.
  let s = bitcast<f32>((254u - clamp(bitcast<u32>(rough.y) >> 23u, 87u, 253u)) << 23u);

  sum = 0.0;
  var squares = 0.0;
  for (var c = lid.x; c < p.C; c += WORKGROUP) {
    let d = s * x[row + c] - s * start;
    sum = fma(part, d, sum);
    squares = fma(part * d, d, squares);
  }
  let means = joined(lid.x, vec2f(sum, squares), false);
  let away = means.x / s;
  let variance = means.y - means.x * means.x;

  let factor = s / sqrt(select(variance, 0.0, variance < 0.0) + p.epsilon * s * s);
  for (var c = lid.x; c < p.C; c += WORKGROUP) {
    var v = ((x[row + c] - start) - away) * factor;
    if (SCALE) { v *= scale[c]; }
    if (SHIFT) { v += shift[c]; }
    y[row + c] = v;
  }
  if (lid.x == 0u) {
    mean[n] = vec2f(start, away);
    inverse[n] = factor;
  }
}

// The sums over all threads, in all of them; with `most`, of the second the largest.
fn joined(thread : u32, value : vec2f, most : bool) -> vec2f {
  workgroupBarrier();
  sums[thread] = value;
  for (var half = WORKGROUP / 2u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (thread < half) {
      let other = sums[thread + half];
      let own = sums[thread];
      // A NaN that max passes over is in the sum.
      sums[thread] = vec2f(own.x + other.x, select(own.y + other.y, max(own.y, other.y), most));
    }
  }
  workgroupBarrier();
  return sums[0];
}
