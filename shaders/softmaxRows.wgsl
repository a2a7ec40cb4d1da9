// softmaxRows — softmax with a workgroup for every row, for long rows.
//
//   y[n,v] = exp(x[n,v] − lse)       or x[n,v] − lse when LOG;  lse = log Σ_v exp(x[n,v])
//
//   x y  [N, V]
//
//   thread      every WORKGROUP-th value of a row
//   workgroup   one row; maxima and sums are joined in a tree
//   grid        [N] workgroups; a long row of them is folded into y

const LOG = false;
const LOWEST = -3.4e38;    // not −∞: −∞ − −∞ is NaN
const WORKGROUP = 128u;    // a power of two

struct Params { N : u32, V : u32 }

@group(0) @binding(0) var<uniform>             p : Params;
@group(0) @binding(1) var<storage, read>       x : array<f32>;
@group(0) @binding(2) var<storage, read_write> y : array<f32>;

var<workgroup> tops : array<f32, WORKGROUP>;
var<workgroup> sums : array<f32, WORKGROUP>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) wid : vec3u, @builtin(num_workgroups) groups : vec3u,
        @builtin(local_invocation_id) lid : vec3u) {
  let n = wid.y * groups.x + wid.x;
  if (n >= p.N) { return; }
  let first = n * p.V + lid.x;
  let end = (n + 1u) * p.V;
  var top = LOWEST;
  var sum = 0.0;
  for (var i = first; i < end; i += WORKGROUP) {
    let above = x[i] - top;
    let e = exp(-abs(above));
    sum = select(sum + e, sum * e + 1.0, above > 0.0);
    top = max(top, x[i]);
  }
  tops[lid.x] = top;
  sums[lid.x] = sum;
  for (var half = WORKGROUP / 2u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (lid.x < half) {
      let other = tops[lid.x + half];
      let most = max(tops[lid.x], other);
      sums[lid.x] = sums[lid.x] * exp(tops[lid.x] - most) + sums[lid.x + half] * exp(other - most);
      tops[lid.x] = most;
    }
  }
  workgroupBarrier();
  let scale = 1.0 / sums[0];
  let lse = tops[0] + log(sums[0]);
  for (var i = first; i < end; i += WORKGROUP) {
    if (LOG) { y[i] = x[i] - lse; } else { y[i] = scale * exp(x[i] - tops[0]); }
  }
}
