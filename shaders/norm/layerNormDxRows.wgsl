// layerNormDxRows — layerNormDx with a workgroup for every row.
//
//   dx[n,c] = inverse[n] · (g[c] − Σ_k g[k] / C − h[c] · Σ_k g[k]·h[k] / C)
//   g[c] = dy[n,c] · scale[c]        h[c] = ((x[n,c] − start) − away) · inverse[n],  (start, away) = mean[n]
//
//   x dy dx       [N, C]
//   scale         [C]      bound but not read unless SCALE
//   mean          [N, 2]
//   inverse       [N]
//
//   thread      every WORKGROUP-th value of a row
//   workgroup   one row; both sums are joined in one tree
//   grid        [N] workgroups; a long row of them is folded into y

const SCALE = false;
const WORKGROUP = 64u;     // a power of two

struct Params { N : u32, C : u32 }

@group(0) @binding(0) var<uniform>             p : Params;
@group(0) @binding(1) var<storage, read>       x : array<f32>;
@group(0) @binding(2) var<storage, read>       scale : array<f32>;
@group(0) @binding(3) var<storage, read>       mean : array<vec2f>;
@group(0) @binding(4) var<storage, read>       inverse : array<f32>;
@group(0) @binding(5) var<storage, read>       dy : array<f32>;
@group(0) @binding(6) var<storage, read_write> dx : array<f32>;

var<workgroup> sums : array<vec2f, WORKGROUP>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) wid : vec3u, @builtin(num_workgroups) groups : vec3u,
        @builtin(local_invocation_id) lid : vec3u) {
  let n = wid.y * groups.x + wid.x;
  if (n >= p.N) { return; }
  let row = n * p.C;
  let middle = mean[n];
  let factor = inverse[n];
  var sum = vec2f(0.0);
  for (var c = lid.x; c < p.C; c += WORKGROUP) {
    sum += gAt(row, c) * vec2f(1.0, ((x[row + c] - middle.x) - middle.y) * factor);
  }
  sums[lid.x] = sum;
  for (var half = WORKGROUP / 2u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (lid.x < half) { sums[lid.x] += sums[lid.x + half]; }
  }
  workgroupBarrier();
  let means = sums[0] / f32(p.C);
  for (var c = lid.x; c < p.C; c += WORKGROUP) {
    let h = ((x[row + c] - middle.x) - middle.y) * factor;
    dx[row + c] = factor * (gAt(row, c) - means.x - h * means.y);
  }
}

fn gAt(row : u32, c : u32) -> f32 {  // as in norm/layerNormDx.wgsl
  var g = dy[row + c];
  if (SCALE) { g *= scale[c]; }
  return g;
}
