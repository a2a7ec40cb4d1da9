// layerNormDx — the gradient of layerNorm with respect to its input.
//
//   dx[n,c] = inverse[n] · (g[c] − Σ_k g[k] / C − h[c] · Σ_k g[k]·h[k] / C)
//   g[c] = dy[n,c] · scale[c]        h[c] = ((x[n,c] − start) − away) · inverse[n],  (start, away) = mean[n]
//
//   x dy dx       [N, C]
//   scale         [C]      bound but not read unless SCALE
//   mean          [N, 2]
//   inverse       [N]
//
//   thread      one row, read twice
//   grid        [N] threads; a long row of workgroups is folded into y

const SCALE = false;
const CHUNK = 128u;        // columns summed before the sum is added to that of the row: few roundings
const WORKGROUP = 64u;

struct Params { N : u32, C : u32 }

@group(0) @binding(0) var<uniform>             p : Params;
@group(0) @binding(1) var<storage, read>       x : array<f32>;
@group(0) @binding(2) var<storage, read>       scale : array<f32>;
@group(0) @binding(3) var<storage, read>       mean : array<vec2f>;
@group(0) @binding(4) var<storage, read>       inverse : array<f32>;
@group(0) @binding(5) var<storage, read>       dy : array<f32>;
@group(0) @binding(6) var<storage, read_write> dx : array<f32>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) gid : vec3u, @builtin(num_workgroups) groups : vec3u) {
  let n = gid.y * groups.x * WORKGROUP + gid.x;
  if (n >= p.N) { return; }
  let row = n * p.C;
  let middle = mean[n];
  let factor = inverse[n];
  var sum = 0.0;
  var along = 0.0;
  for (var chunk = 0u; chunk < p.C; chunk += CHUNK) {
    var chunkSum = 0.0;
    var chunkAlong = 0.0;
    let end = min(chunk + CHUNK, p.C);
    for (var c = chunk; c < end; c++) {
      let g = gAt(row, c);
      chunkSum += g;
      chunkAlong = fma(g, ((x[row + c] - middle.x) - middle.y) * factor, chunkAlong);
    }
    sum += chunkSum;
    along += chunkAlong;
  }
  sum /= f32(p.C);
  along /= f32(p.C);
  for (var c = 0u; c < p.C; c++) {
    let h = ((x[row + c] - middle.x) - middle.y) * factor;
    dx[row + c] = factor * (gAt(row, c) - sum - h * along);
  }
}

fn gAt(row : u32, c : u32) -> f32 {
  var g = dy[row + c];
  if (SCALE) { g *= scale[c]; }
  return g;
}
