// softmax — every row becomes probabilities, or their logarithms.
//
//   y[n,v] = exp(x[n,v] − lse)       or x[n,v] − lse when LOG;  lse = log Σ_v exp(x[n,v])
//
//   x y  [N, V]
//
//   thread      one row, read twice: first for the maximum so far and the sum of exp relative to it
//   grid        [N] threads; a long row of workgroups is folded into y

const LOG = false;
const LOWEST = -3.4e38;    // not −∞: −∞ − −∞ is NaN
const WORKGROUP = 64u;

struct Params { N : u32, V : u32 }

@group(0) @binding(0) var<uniform>             p : Params;
@group(0) @binding(1) var<storage, read>       x : array<f32>;
@group(0) @binding(2) var<storage, read_write> y : array<f32>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) gid : vec3u, @builtin(num_workgroups) groups : vec3u) {
  let n = gid.y * groups.x * WORKGROUP + gid.x;
  if (n >= p.N) { return; }
  let first = n * p.V;
  let end = first + p.V;
  var top = LOWEST;
  var sum = 0.0;
  for (var i = first; i < end; i++) {
    let above = x[i] - top;
    let e = exp(-abs(above));
    sum = select(sum + e, sum * e + 1.0, above > 0.0);
    top = max(top, x[i]);
  }
  let scale = 1.0 / sum;
  let lse = top + log(sum);
  for (var i = first; i < end; i++) {
    if (LOG) { y[i] = x[i] - lse; } else { y[i] = scale * exp(x[i] - top); }
  }
}
