// crossEntropy — the loss of every row of logits, in log space, in one pass over the row.
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
//   thread      one row: the maximum so far and the sum of exp relative to it
//   grid        [N] threads; a long row of workgroups is folded into y

const ALIGNED = false;     // V is a multiple of 4
const LOWEST = -3.4028234663852886e38;    // no finite number is less; not −∞: −∞ − −∞ is NaN
const ALL = false;         // what does not count has a weight too
const SMOOTH = false;      // a part of every target is spread over all classes
const WORKGROUP = 64u;

struct Params { N : u32, V : u32, ignore : u32, nan : u32, smoothing : f32 }

@group(0) @binding(0) var<uniform>             p : Params;
@group(0) @binding(1) var<storage, read>       x : array<f32>;
@group(0) @binding(2) var<storage, read>       targets : array<u32>;
@group(0) @binding(3) var<storage, read_write> pairs : array<vec2f>;
@group(0) @binding(4) var<storage, read_write> tops : array<vec2f>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) gid : vec3u, @builtin(num_workgroups) groups : vec3u) {
  let n = gid.y * groups.x * WORKGROUP + gid.x;
  if (n >= p.N) { return; }
  let row = n * p.V;
  var top = vec4f(LOWEST);
  var sum = vec4f(0.0);
  // For the mean of all logits, relative to the first one and as parts of it: their sum may be too large.
  // A NaN that max passes over is in the sum of exponentials.
  let base = max(x[row], LOWEST);
  let part = 1.0 / f32(p.V);
  var mean = vec4f(0.0);
  let whole = p.V / 4u * 4u;
  if (!ALIGNED) {
    // The last logits of the row come first, alone.
    let lane = whole + vec4u(0u, 1u, 2u, 3u);
    let there = lane < vec4u(p.V);
    let i = row + min(lane, vec4u(p.V - 1u));
    let value = vec4f(x[i.x], x[i.y], x[i.z], x[i.w]);
    top = select(top, max(top, value), there);    // the sum has a NaN
    sum = select(sum, exp(value - top), there);
    if (SMOOTH) { mean = select(mean, part * (value - base), there); }
  }
  for (var v = 0u; v < whole; v += 4u) {
    let i = row + v;
    let value = vec4f(x[i], x[i + 1u], x[i + 2u], x[i + 3u]);
    let above = value - top;
    let e = exp(-abs(above));
    sum = select(sum + e, sum * e + 1.0, above > vec4f(0.0));
    top = max(top, value);    // the sum has a NaN
    if (SMOOTH) { mean = fma(vec4f(part), value - base, mean); }
  }
  let most = max(max(top.x, top.y), max(top.z, top.w));    // the sum has a NaN
  let all = dot(sum, exp(top - most));
  // Above 0 and finite unless something in the row was not, whatever exp makes of NaN.
  let fine = bitcast<u32>(all) - 1u < 0x7f7fffffu && most <= -LOWEST;

  let t = targets[n];
  // NaN comes from the host: WGSL has no way to write it.
  let nan = bitcast<f32>(p.nan);
  let counted = t != p.ignore;
  let valid = fine && (!counted || t < p.V);
  // Apart from log sum, which would be lost beside a large logit.
  var missing = most - x[row + min(t, p.V - 1u)];
  if (SMOOTH) { missing = mix(missing, (most - base) - dot(mean, vec4f(1.0)), p.smoothing); }
  let loss = select(nan, missing + log(all), valid);
  pairs[n] = vec2f(select(0.0, loss, counted), select(0.0, 1.0, ALL || counted));
  tops[n] = vec2f(most, select(nan, all, valid));
}
