// crossEntropyDx — the gradient of the mean cross-entropy with respect to the logits.
//
//   dx[n,v] = (exp(x[n,v] − lse[n]) − [v = targets[n]]) · dy / total[1]      0 where the target is `ignore`
//   and NaN, which lse then is, where it is not below V: exp of NaN is a number on some adapters
//
//   x        [N, V], size elements
//   targets  [N]
//   lse      [N]      log Σ_v exp(x[n,v])
//   total    [2]      sum of losses, number of targets that count
//   dy       []
//   dx       [N, V]
//
//   thread      `length` vec4s of one row; where V is not a multiple of 4, four consecutive elements
//   grid        [N · strips] threads, or [size / 4]; a long row of workgroups is folded into y

const ALIGNED = false;     // V is a multiple of 4
const WORKGROUP = 64u;

struct Params { N : u32, V : u32, size : u32, ignore : u32, strips : u32, length : u32 }

@group(0) @binding(0) var<uniform>             p : Params;
@group(0) @binding(1) var<storage, read>       x : array<vec4f>;
@group(0) @binding(2) var<storage, read>       targets : array<u32>;
@group(0) @binding(3) var<storage, read>       lse : array<f32>;
@group(0) @binding(4) var<storage, read>       total : array<f32>;
@group(0) @binding(5) var<storage, read>       dy : array<f32>;
@group(0) @binding(6) var<storage, read_write> dx : array<vec4f>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) gid : vec3u, @builtin(num_workgroups) groups : vec3u) {
  let i = gid.y * groups.x * WORKGROUP + gid.x;
  let factor = select(0.0, dy[0] / total[1], total[1] != 0.0);
  if (ALIGNED) {
    let n = i / p.strips;
    if (n >= p.N) { return; }
    let t = targets[n];
    let logSum = lse[n];
    let counted = t != p.ignore;
    let first = i % p.strips * p.length;
    let end = min(first + p.length, p.V / 4u);
    for (var q = first; q < end; q++) {
      let at = n * (p.V / 4u) + q;
      let hit = vec4u(4u * q) + vec4u(0u, 1u, 2u, 3u) == vec4u(t);
      let slope = select(exp(x[at] - logSum) - select(vec4f(0.0), vec4f(1.0), hit), vec4f(logSum), t >= p.V);
      dx[at] = select(vec4f(0.0), factor * slope, counted);
    }
  } else if (i * 4u < p.size) {
    let lane = i * 4u + vec4u(0u, 1u, 2u, 3u);
    let v = x[i];
    let slope = vec4f(slopeAt(lane.x, v.x), slopeAt(lane.y, v.y), slopeAt(lane.z, v.z), slopeAt(lane.w, v.w));
    dx[i] = select(vec4f(0.0), factor * slope, lane < vec4u(p.size));
  }
}

fn slopeAt(i : u32, value : f32) -> f32 {
  let n = min(i / p.V, p.N - 1u);
  let t = targets[n];
  let slope = select(exp(value - lse[n]) - select(0.0, 1.0, i % p.V == t), lse[n], t >= p.V);
  return select(0.0, slope, t != p.ignore);
}
