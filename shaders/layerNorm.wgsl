// layerNorm — every row with mean 0 and variance 1, then scaled and shifted by column.
//
//   y[n,c] = (x[n,c] − mean[n]) · inverse[n] · scale[c] + shift[c]        inverse = 1 / √(variance + epsilon)
//
//   x y           [N, C]
//   scale shift   [C]      bound but not read unless SCALE, SHIFT
//   mean inverse  [N]      for the gradient
//
//   thread      one row, read three times: the variance is taken around the mean
//   grid        [N] threads; a long row of workgroups is folded into y

const SCALE = false;
const SHIFT = false;
const WORKGROUP = 64u;

struct Params { N : u32, C : u32, epsilon : f32 }

@group(0) @binding(0) var<uniform>             p : Params;
@group(0) @binding(1) var<storage, read>       x : array<f32>;
@group(0) @binding(2) var<storage, read>       scale : array<f32>;
@group(0) @binding(3) var<storage, read>       shift : array<f32>;
@group(0) @binding(4) var<storage, read_write> y : array<f32>;
@group(0) @binding(5) var<storage, read_write> mean : array<f32>;
@group(0) @binding(6) var<storage, read_write> inverse : array<f32>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) gid : vec3u, @builtin(num_workgroups) groups : vec3u) {
  let n = gid.y * groups.x * WORKGROUP + gid.x;
  if (n >= p.N) { return; }
  let row = n * p.C;
  let whole = p.C / 4u * 4u;

  // Four sums hide the latency of the loads and lose less precision than one.
  var sum = vec4f(0.0);
  for (var c = 0u; c < whole; c += 4u) { sum += at(row + c); }
  for (var c = whole; c < p.C; c++) { sum.x += x[row + c]; }
  let middle = ((sum.x + sum.y) + (sum.z + sum.w)) / f32(p.C);

  var squares = vec4f(0.0);
  for (var c = 0u; c < whole; c += 4u) {
    let d = at(row + c) - middle;
    squares = fma(d, d, squares);
  }
  for (var c = whole; c < p.C; c++) { squares.x += (x[row + c] - middle) * (x[row + c] - middle); }
  let variance = ((squares.x + squares.y) + (squares.z + squares.w)) / f32(p.C);

  let factor = 1.0 / sqrt(variance + p.epsilon);
  for (var c = 0u; c < p.C; c++) {
    var v = (x[row + c] - middle) * factor;
    if (SCALE) { v *= scale[c]; }
    if (SHIFT) { v += shift[c]; }
    y[row + c] = v;
  }
  mean[n] = middle;
  inverse[n] = factor;
}

fn at(i : u32) -> vec4f { return vec4f(x[i], x[i + 1u], x[i + 2u], x[i + 3u]); }
