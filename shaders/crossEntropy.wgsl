// crossEntropy — the loss of every row of logits, in log space, in one pass over the row.
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
//   thread      one row: the maximum so far and the sum of exp relative to it
//   grid        [N] threads; a long row of workgroups is folded into y

const ALIGNED = false;     // V is a multiple of 4
const LOWEST = -3.4e38;    // not −∞: −∞ − −∞ is NaN
const ALL = false;         // what does not count has a weight too
const SMOOTH = false;      // a part of every target is spread over all classes
const WORKGROUP = 64u;

struct Params { N : u32, V : u32, ignore : u32, nan : u32, smoothing : f32 }

@group(0) @binding(0) var<uniform>             p : Params;
@group(0) @binding(1) var<storage, read>       x : array<f32>;
@group(0) @binding(2) var<storage, read>       targets : array<u32>;
@group(0) @binding(3) var<storage, read_write> pairs : array<vec2f>;
@group(0) @binding(4) var<storage, read_write> lse : array<f32>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) gid : vec3u, @builtin(num_workgroups) groups : vec3u) {
  let n = gid.y * groups.x * WORKGROUP + gid.x;
  if (n >= p.N) { return; }
  let row = n * p.V;
  var top = vec4f(LOWEST);
  var sum = vec4f(0.0);
  var plain = vec4f(0.0);
  let whole = p.V / 4u * 4u;
  for (var v = 0u; v < whole; v += 4u) {
    let value = four(row + v);
    take(value, &top, &sum);
    if (SMOOTH) { plain += value; }
  }
  if (!ALIGNED) {
    let value = rest(row, whole);
    take(value, &top, &sum);
    if (SMOOTH) { plain += select(vec4f(0.0), value, whole + vec4u(0u, 1u, 2u, 3u) < vec4u(p.V)); }
  }
  let most = max(max(top.x, top.y), max(top.z, top.w));
  let all = most + log(dot(sum, exp(top - most)));

  let t = targets[n];
  let there = row + min(t, p.V - 1u);
  // NaN comes from the host: WGSL has no way to write it.
  let nan = bitcast<f32>(p.nan);
  let counted = t != p.ignore;
  let valid = !counted || t < p.V;
  var wanted = x[there];
  if (SMOOTH) { wanted = mix(wanted, dot(plain, vec4f(1.0)) / f32(p.V), p.smoothing); }
  let loss = select(0.0, all - wanted, counted);
  pairs[n] = vec2f(select(nan, loss, valid), select(0.0, 1.0, ALL || counted));
  lse[n] = select(nan, all, valid);
}

// Adds exp(value) to a sum that is relative to the largest value so far.
fn take(value : vec4f, top : ptr<function, vec4f>, sum : ptr<function, vec4f>) {
  let above = value - *top;
  let e = exp(-abs(above));
  *sum = select(*sum + e, *sum * e + 1.0, above > vec4f(0.0));
  *top = max(*top, value);
}

fn four(i : u32) -> vec4f {
  return vec4f(x[i], x[i + 1u], x[i + 2u], x[i + 3u]);
}

// The last logits of a row; behind its end LOWEST, which adds nothing.
fn rest(row : u32, v : u32) -> vec4f {
  let lane = v + vec4u(0u, 1u, 2u, 3u);
  let i = row + min(lane, vec4u(p.V - 1u));
  return select(vec4f(LOWEST), vec4f(x1(i.x), x1(i.y), x1(i.z), x1(i.w)), lane < vec4u(p.V));
}

fn x1(i : u32) -> f32 { return x[i]; }
