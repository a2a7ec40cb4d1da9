// crossEntropyRows — crossEntropy with a workgroup for every row, for long rows.
//
//   lse[n]   = log Σ_v exp(x[n,v])
//   pairs[n] = (lse[n] − x[n, targets[n]], 1)       when SMOOTH, (lse[n] − Σ_v w[v] · x[n,v], 1):
//   w[v]     = smoothing / V + (1 − smoothing) · [v = targets[n]]
//
//   (0, 0), or (0, 1) when ALL, where the target is `ignore`; NaN where it is not below V
//
//   x        [N, V]
//   targets  [N]
//   pairs    [N, 2]   loss and how much it counts
//   lse      [N]      for the gradient
//
//   thread      every WORKGROUP-th logit of a row
//   workgroup   one row; maxima and sums are joined in a tree
//   grid        [N] workgroups; a long row of them is folded into y

const LOWEST = -3.4e38;    // not −∞: −∞ − −∞ is NaN
const ALL = false;         // what does not count has a weight too
const SMOOTH = false;      // a part of every target is spread over all classes
const WORKGROUP = 128u;    // a power of two

struct Params { N : u32, V : u32, ignore : u32, nan : u32, smoothing : f32 }

@group(0) @binding(0) var<uniform>             p : Params;
@group(0) @binding(1) var<storage, read>       x : array<f32>;
@group(0) @binding(2) var<storage, read>       targets : array<u32>;
@group(0) @binding(3) var<storage, read_write> pairs : array<vec2f>;
@group(0) @binding(4) var<storage, read_write> lse : array<f32>;

var<workgroup> tops : array<f32, WORKGROUP>;
var<workgroup> sums : array<f32, WORKGROUP>;
var<workgroup> plains : array<f32, WORKGROUP>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) wid : vec3u, @builtin(num_workgroups) groups : vec3u,
        @builtin(local_invocation_id) lid : vec3u) {
  let n = wid.y * groups.x + wid.x;
  if (n >= p.N) { return; }
  let row = n * p.V;
  var top = LOWEST;
  var sum = 0.0;
  var plain = 0.0;
  for (var v = lid.x; v < p.V; v += WORKGROUP) {
    let value = x[row + v];
    let above = value - top;
    let e = exp(-abs(above));
    sum = select(sum + e, sum * e + 1.0, above > 0.0);
    top = max(top, value);
    if (SMOOTH) { plain += value; }
  }
  tops[lid.x] = top;
  sums[lid.x] = sum;
  if (SMOOTH) { plains[lid.x] = plain; }
  for (var half = WORKGROUP / 2u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (lid.x < half) {
      let other = tops[lid.x + half];
      let most = max(tops[lid.x], other);
      sums[lid.x] = sums[lid.x] * exp(tops[lid.x] - most) + sums[lid.x + half] * exp(other - most);
      tops[lid.x] = most;
      if (SMOOTH) { plains[lid.x] += plains[lid.x + half]; }
    }
  }
  if (lid.x > 0u) { return; }

  let all = tops[0] + log(sums[0]);
  let t = targets[n];
  // NaN comes from the host: WGSL has no way to write it.
  let nan = bitcast<f32>(p.nan);
  let counted = t != p.ignore;
  let valid = !counted || t < p.V;
  var wanted = x[row + min(t, p.V - 1u)];
  if (SMOOTH) { wanted = mix(wanted, plains[0] / f32(p.V), p.smoothing); }
  let loss = select(0.0, all - wanted, counted);
  pairs[n] = vec2f(select(nan, loss, valid), select(0.0, 1.0, ALL || counted));
  lse[n] = select(nan, all, valid);
}
