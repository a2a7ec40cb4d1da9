// layerNormRows — layerNorm with a workgroup for every row.
//
//   y[n,c] = (x[n,c] − mean[n]) · inverse[n] · scale[c] + shift[c]        inverse = 1 / √(variance + epsilon)
//
//   x y           [N, C]
//   scale shift   [C]      bound but not read unless SCALE, SHIFT
//   mean inverse  [N]      for the gradient
//
//   thread      every WORKGROUP-th value of a row
//   workgroup   one row; the threads' sums are joined in a tree, first for the mean, then for the variance
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
@group(0) @binding(5) var<storage, read_write> mean : array<f32>;
@group(0) @binding(6) var<storage, read_write> inverse : array<f32>;

var<workgroup> sums : array<f32, WORKGROUP>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) wid : vec3u, @builtin(num_workgroups) groups : vec3u,
        @builtin(local_invocation_id) lid : vec3u) {
  let n = wid.y * groups.x + wid.x;
  if (n >= p.N) { return; }
  let row = n * p.C;

  var sum = 0.0;
  for (var c = lid.x; c < p.C; c += WORKGROUP) { sum += x[row + c]; }
  let middle = total(lid.x, sum) / f32(p.C);

  var squares = 0.0;
  for (var c = lid.x; c < p.C; c += WORKGROUP) {
    let d = x[row + c] - middle;
    squares = fma(d, d, squares);
  }
  let variance = total(lid.x, squares) / f32(p.C);

  let factor = 1.0 / sqrt(variance + p.epsilon);
  for (var c = lid.x; c < p.C; c += WORKGROUP) {
    var v = (x[row + c] - middle) * factor;
    if (SCALE) { v *= scale[c]; }
    if (SHIFT) { v += shift[c]; }
    y[row + c] = v;
  }
  if (lid.x == 0u) {
    mean[n] = middle;
    inverse[n] = factor;
  }
}

// The sum over all threads, in all of them.
fn total(thread : u32, value : f32) -> f32 {
  workgroupBarrier();
  sums[thread] = value;
  for (var half = WORKGROUP / 2u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (thread < half) { sums[thread] += sums[thread + half]; }
  }
  workgroupBarrier();
  return sums[0];
}
