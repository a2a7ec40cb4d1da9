// layerNorm — every row with mean 0 and variance 1, then scaled and shifted by column.
//
//   y[n,c] = (x[n,c] − mean[n]) · inverse[n] · scale[c] + shift[c]        inverse = 1 / √(variance + epsilon)
//
//   x y           [N, C]
//   scale shift   [C]      bound but not read unless SCALE, SHIFT
//   mean inverse  [N]      for the gradient
//
//   thread      ROWS rows, read twice: sums are taken around the row's first value, which is at most √C deviations
//               from the mean, so that little precision is lost
//   grid        [N / ROWS] threads; a long row of workgroups is folded into y

const SCALE = false;
const SHIFT = false;
const ALIGNED = false;     // C is a multiple of 4
const ROWS = 1u;
const WORKGROUP = 64u;

struct Params { N : u32, C : u32, epsilon : f32 }

@group(0) @binding(0) var<uniform>             p : Params;
@group(0) @binding(1) var<storage, read>       x : array<vec4f>;
@group(0) @binding(2) var<storage, read>       scale : array<f32>;
@group(0) @binding(3) var<storage, read>       shift : array<f32>;
@group(0) @binding(4) var<storage, read_write> y : array<f32>;
@group(0) @binding(5) var<storage, read_write> mean : array<f32>;
@group(0) @binding(6) var<storage, read_write> inverse : array<f32>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) gid : vec3u, @builtin(num_workgroups) groups : vec3u) {
  let first = (gid.y * groups.x * WORKGROUP + gid.x) * ROWS;
  if (first >= p.N) { return; }
  let whole = p.C / 4u * 4u;
  var row : array<u32, ROWS>;
  // Four sums hide the latency of the loads and lose less precision than one.
  var sum : array<vec4f, ROWS>;
  var squares : array<vec4f, ROWS>;
  var start : array<f32, ROWS>;
  var middle : array<f32, ROWS>;
  var factor : array<f32, ROWS>;
  // @unroll
  for (var r = 0u; r < ROWS; r++) {
    row[r] = min(first + r, p.N - 1u) * p.C;
    start[r] = one(row[r]);
  }

  for (var c = 0u; c < whole; c += 4u) {
    // @unroll
    for (var r = 0u; r < ROWS; r++) {
      let d = four(row[r] + c) - start[r];
      sum[r] += d;
      squares[r] = fma(d, d, squares[r]);
    }
  }
  // @unroll
  for (var r = 0u; r < ROWS; r++) {
    for (var c = whole; c < p.C; c++) {
      let d = one(row[r] + c) - start[r];
      sum[r].x += d;
      squares[r].x = fma(d, d, squares[r].x);
    }
    let away = dot(sum[r], vec4f(1.0)) / f32(p.C);
    let variance = max(0.0, dot(squares[r], vec4f(1.0)) / f32(p.C) - away * away);
    middle[r] = start[r] + away;
    factor[r] = 1.0 / sqrt(variance + p.epsilon);
  }

  for (var c = 0u; c < whole; c += 4u) {
    var by = vec4f(1.0);
    var plus = vec4f(0.0);
    if (SCALE) { by = vec4f(scale[c], scale[c + 1u], scale[c + 2u], scale[c + 3u]); }
    if (SHIFT) { plus = vec4f(shift[c], shift[c + 1u], shift[c + 2u], shift[c + 3u]); }
    // @unroll
    for (var r = 0u; r < ROWS; r++) {
      let v = (four(row[r] + c) - middle[r]) * factor[r] * by + plus;
      if (first + r < p.N) {
        y[row[r] + c] = v.x;
        y[row[r] + c + 1u] = v.y;
        y[row[r] + c + 2u] = v.z;
        y[row[r] + c + 3u] = v.w;
      }
    }
  }
  // @unroll
  for (var r = 0u; r < ROWS; r++) {
    if (first + r < p.N) {
      for (var c = whole; c < p.C; c++) {
        var v = (one(row[r] + c) - middle[r]) * factor[r];
        if (SCALE) { v *= scale[c]; }
        if (SHIFT) { v += shift[c]; }
        y[row[r] + c] = v;
      }
      mean[first + r] = middle[r];
      inverse[first + r] = factor[r];
    }
  }
}

fn one(i : u32) -> f32 { return x[i >> 2u][i & 3u]; }

fn four(i : u32) -> vec4f {
  if (ALIGNED) { return x[i >> 2u]; }
  return vec4f(one(i), one(i + 1u), one(i + 2u), one(i + 3u));
}
