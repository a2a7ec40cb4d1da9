// layerNorm — every row with mean 0 and variance 1, then scaled and shifted by column.
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
//   thread      ROWS rows, read twice: sums are taken around the row's first value. Rows whose first value is far from
//               the mean, or whose squares are beyond f32, are read once more.
//   grid        [N / ROWS] threads; a long row of workgroups is folded into y

const SCALE = false;
const SHIFT = false;
const ALIGNED = false;     // C is a multiple of 4
const ROWS = 1u;
const CHUNK = 256u;        // columns summed before the sum is added to that of the row: few roundings
const MOST = 3.4028234663852886e38;
const WORKGROUP = 64u;

struct Params { N : u32, C : u32, epsilon : f32 }

@group(0) @binding(0) var<uniform>             p : Params;
@group(0) @binding(1) var<storage, read>       x : array<vec4f>;
@group(0) @binding(2) var<storage, read>       scale : array<f32>;
@group(0) @binding(3) var<storage, read>       shift : array<f32>;
@group(0) @binding(4) var<storage, read_write> y : array<f32>;
@group(0) @binding(5) var<storage, read_write> mean : array<vec2f>;
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
  var away : array<f32, ROWS>;
  var factor : array<f32, ROWS>;
  // @unroll
  for (var r = 0u; r < ROWS; r++) {
    row[r] = min(first + r, p.N - 1u) * p.C;
    start[r] = one(row[r]);
  }

  for (var chunk = 0u; chunk < whole; chunk += CHUNK) {
    var chunkSum : array<vec4f, ROWS>;
    var chunkSquares : array<vec4f, ROWS>;
    // @unroll
    for (var r = 0u; r < ROWS; r++) {
      chunkSum[r] = vec4f(0.0);
      chunkSquares[r] = vec4f(0.0);
    }
    let end = min(chunk + CHUNK, whole);
    for (var c = chunk; c < end; c += 4u) {
      // @unroll
      for (var r = 0u; r < ROWS; r++) {
        let d = four(row[r] + c) - start[r];
        chunkSum[r] += d;
        chunkSquares[r] = fma(d, d, chunkSquares[r]);
      }
    }
    // @unroll
    for (var r = 0u; r < ROWS; r++) {
      sum[r] += chunkSum[r];
      squares[r] += chunkSquares[r];
    }
  }
  // @unroll
  for (var r = 0u; r < ROWS; r++) {
    for (var c = whole; c < p.C; c++) {
      let d = one(row[r] + c) - start[r];
      sum[r].x += d;
      squares[r].x = fma(d, d, squares[r].x);
    }
    away[r] = dot(sum[r], vec4f(1.0)) / f32(p.C);
    let variance = dot(squares[r], vec4f(1.0)) / f32(p.C) - away[r] * away[r];
    factor[r] = 1.0 / sqrt(variance + p.epsilon);
    let told = variance + p.epsilon > 1e-30 && variance < 1e30;
    if (!(told && away[r] * away[r] <= 16.0 * variance)) {
      let moments = again(row[r], start[r], away[r], variance);
      start[r] = moments.x;
      away[r] = moments.y;
      factor[r] = moments.z;
    }
  }

  for (var c = 0u; c < whole; c += 4u) {
    var by = vec4f(1.0);
    var plus = vec4f(0.0);
    if (SCALE) { by = vec4f(scale[c], scale[c + 1u], scale[c + 2u], scale[c + 3u]); }
    if (SHIFT) { plus = vec4f(shift[c], shift[c + 1u], shift[c + 2u], shift[c + 3u]); }
    // @unroll
    for (var r = 0u; r < ROWS; r++) {
      let v = ((four(row[r] + c) - start[r]) - away[r]) * factor[r] * by + plus;
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
        var v = ((one(row[r] + c) - start[r]) - away[r]) * factor[r];
        if (SCALE) { v *= scale[c]; }
        if (SHIFT) { v += shift[c]; }
        y[row[r] + c] = v;
      }
      mean[first + r] = vec2f(start[r], away[r]);
      inverse[first + r] = factor[r];
    }
  }
}

// Start, away and inverse of a row from sums around its mean, times a power of two if their squares are beyond f32.
fn again(row : u32, start : f32, away : f32, variance : f32) -> vec3f {
  let near = select(start, start + away, abs(away) <= MOST);
  var s = 1.0;
  if (variance + p.epsilon <= 1e-30) { s = 18446744073709551616.0; }
  if (!(variance <= 1e30)) { s = 5.421010862427522e-20; }
  var sum = 0.0;
  var squares = 0.0;
  for (var chunk = 0u; chunk < p.C; chunk += CHUNK) {
    var chunkSum = 0.0;
    var chunkSquares = 0.0;
    let end = min(chunk + CHUNK, p.C);
    for (var c = chunk; c < end; c++) {
      let d = s * one(row + c) - s * near;
      chunkSum += d;
      chunkSquares = fma(d, d, chunkSquares);
    }
    sum += chunkSum;
    squares += chunkSquares;
  }
  let rest = sum / f32(p.C);
  let scaled = squares / f32(p.C) - rest * rest;
  return vec3f(near, rest / s, s / sqrt(select(scaled, 0.0, scaled < 0.0) + p.epsilon * s * s));
}

fn one(i : u32) -> f32 { return x[i >> 2u][i & 3u]; }

fn four(i : u32) -> vec4f {
  if (ALIGNED) { return x[i >> 2u]; }
  return vec4f(one(i), one(i + 1u), one(i + 2u), one(i + 3u));
}
