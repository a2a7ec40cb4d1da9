// softmaxDxRows — softmaxDx with a workgroup for every row, for long rows.
//
//   dx[n,v] = y[n,v] · (dy[n,v] − Σ_u dy[n,u]·y[n,u])       or dy[n,v] − exp(y[n,v]) · Σ_u dy[n,u] when LOG
//
//   y dy dx  [N, V]
//
//   thread      every WORKGROUP-th value of a row
//   workgroup   one row; the threads' sums are joined in a tree
//   grid        [N] workgroups; a long row of them is folded into y

const LOG = false;
const WORKGROUP = 128u;    // a power of two

struct Params { N : u32, V : u32 }

@group(0) @binding(0) var<uniform>             p : Params;
@group(0) @binding(1) var<storage, read>       y : array<f32>;
@group(0) @binding(2) var<storage, read>       dy : array<f32>;
@group(0) @binding(3) var<storage, read_write> dx : array<f32>;

var<workgroup> sums : array<f32, WORKGROUP>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) wid : vec3u, @builtin(num_workgroups) groups : vec3u,
        @builtin(local_invocation_id) lid : vec3u) {
  let n = wid.y * groups.x + wid.x;
  if (n >= p.N) { return; }
  let first = n * p.V + lid.x;
  let end = (n + 1u) * p.V;
  var sum = 0.0;
  for (var i = first; i < end; i += WORKGROUP) {
    if (LOG) { sum += dy[i]; } else { sum = fma(dy[i], y[i], sum); }
  }
  sums[lid.x] = sum;
  for (var half = WORKGROUP / 2u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (lid.x < half) { sums[lid.x] += sums[lid.x + half]; }
  }
  workgroupBarrier();
  for (var i = first; i < end; i += WORKGROUP) {
    if (LOG) { dx[i] = dy[i] - exp(y[i]) * sums[0]; } else { dx[i] = y[i] * (dy[i] - sums[0]); }
  }
}
