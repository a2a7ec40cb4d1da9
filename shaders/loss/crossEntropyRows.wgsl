// crossEntropyRows — crossEntropy with a workgroup for every row, for long rows.
//
//   tops[n]  = (top, sum)          top = max_v x[n,v], sum = Σ_v exp(x[n,v] − top)
//   pairs[n] = (log sum + top − x[n, targets[n]], 1)       when SMOOTH, (log sum + top − Σ_v w[v] · x[n,v], 1):
//   w[v]     = smoothing / V + (1 − smoothing) · [v = targets[n]]
//
//   (0, 0), or (0, 1) when ALL, where the target is `ignore`; NaN where it is not below V, and where the row has NaN
//   or +∞, or nothing above −∞: sum is NaN then, too
//
//   x        [N, V]
//   targets  [N]
//   pairs    [N, 2]   loss and how much it counts
//   tops     [N, 2]   for the gradient
//
//   thread      every WORKGROUP-th logit of a row
//   workgroup   one row; maxima and sums are joined in a tree
//   grid        [N] workgroups; a long row of them is folded into y

const LOWEST = -3.4028234663852886e38;    // no finite number is less; not −∞: −∞ − −∞ is NaN
const ALL = false;         // what does not count has a weight too
const SMOOTH = false;      // a part of every target is spread over all classes
const WORKGROUP = 128u;    // a power of two

struct Params { N : u32, V : u32, ignore : u32, nan : u32, smoothing : f32 }

@group(0) @binding(0) var<uniform>             p : Params;
@group(0) @binding(1) var<storage, read>       x : array<f32>;
@group(0) @binding(2) var<storage, read>       targets : array<u32>;
@group(0) @binding(3) var<storage, read_write> pairs : array<vec2f>;
@group(0) @binding(4) var<storage, read_write> tops : array<vec2f>;

var<workgroup> most : array<f32, WORKGROUP>;
var<workgroup> sums : array<f32, WORKGROUP>;
var<workgroup> means : array<f32, WORKGROUP>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) wid : vec3u, @builtin(num_workgroups) groups : vec3u,
        @builtin(local_invocation_id) lid : vec3u) {
  let n = wid.y * groups.x + wid.x;
  if (n >= p.N) { return; }
  let row = n * p.V;
  var top = LOWEST;
  var sum = 0.0;
  // For the mean of all logits, relative to the first one and as parts of it: their sum may be too large.
  // A NaN that max passes over is in the sum of exponentials.
  let base = max(x[row], LOWEST);
  let part = 1.0 / f32(p.V);
  var mean = 0.0;
  for (var v = lid.x; v < p.V; v += WORKGROUP) {
    let value = x[row + v];
    let above = value - top;
    let e = exp(-abs(above));
    sum = select(sum + e, sum * e + 1.0, above > 0.0);
    top = max(top, value);    // the sum has a NaN
    if (SMOOTH) { mean = fma(part, value - base, mean); }
  }
  most[lid.x] = top;
  sums[lid.x] = sum;
  if (SMOOTH) { means[lid.x] = mean; }
  for (var half = WORKGROUP / 2u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (lid.x < half) {
      let other = most[lid.x + half];
      let larger = max(most[lid.x], other);    // the sum has a NaN
      sums[lid.x] = sums[lid.x] * exp(most[lid.x] - larger) + sums[lid.x + half] * exp(other - larger);
      most[lid.x] = larger;
      if (SMOOTH) { means[lid.x] += means[lid.x + half]; }
    }
  }
  if (lid.x > 0u) { return; }

  let all = sums[0];
  // Above 0 and finite unless something in the row was not, whatever exp makes of NaN.
  let fine = bitcast<u32>(all) - 1u < 0x7f7fffffu && most[0] <= -LOWEST;
  let t = targets[n];
  // NaN comes from the host: WGSL has no way to write it.
  let nan = bitcast<f32>(p.nan);
  let counted = t != p.ignore;
  let valid = fine && (!counted || t < p.V);
  // Apart from log sum, which would be lost beside a large logit.
  var missing = most[0] - x[row + min(t, p.V - 1u)];
  if (SMOOTH) { missing = mix(missing, (most[0] - base) - means[0], p.smoothing); }
  let loss = select(nan, missing + log(all), valid);
  pairs[n] = vec2f(select(0.0, loss, counted), select(0.0, 1.0, ALL || counted));
  tops[n] = vec2f(most[0], select(nan, all, valid));
}
