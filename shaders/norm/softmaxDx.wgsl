// softmaxDx — the gradient of softmax, from its result.
//
//   dx[n,v] = y[n,v] · (dy[n,v] − Σ_u dy[n,u]·y[n,u])       or dy[n,v] − exp(y[n,v]) · Σ_u dy[n,u] when LOG
//
//   y dy dx  [N, V]
//
//   thread      one row, read twice
//   grid        [N] threads; a long row of workgroups is folded into y

const LOG = false;
const WORKGROUP = 64u;

struct Params { N : u32, V : u32 }

@group(0) @binding(0) var<uniform>             p : Params;
@group(0) @binding(1) var<storage, read>       y : array<f32>;
@group(0) @binding(2) var<storage, read>       dy : array<f32>;
@group(0) @binding(3) var<storage, read_write> dx : array<f32>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) gid : vec3u, @builtin(num_workgroups) groups : vec3u) {
  let n = gid.y * groups.x * WORKGROUP + gid.x;
  if (n >= p.N) { return; }
  let first = n * p.V;
  let end = first + p.V;
  var sum = 0.0;
  for (var i = first; i < end; i++) {
    if (LOG) { sum += dy[i]; } else { sum = fma(dy[i], y[i], sum); }
  }
  for (var i = first; i < end; i++) {
    if (LOG) { dx[i] = dy[i] - exp(y[i]) * sum; } else { dx[i] = y[i] * (dy[i] - sum); }
  }
}
