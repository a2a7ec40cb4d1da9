// clusterTargets — what the head and every tail of an adaptive softmax are to answer.
//
//   head[n]    = t  where t < ends[0];  ends[0] + i  where ends[i] ≤ t < ends[i+1];  else NONE − 1
//   tails[i,n] = t − ends[i]  where ends[i] ≤ t < ends[i+1];  else NONE
//   counts[n]  = 0  where t = NONE;  else 1
//
//   with t = targets[n], and i from 0
//
//   targets  [N]
//   ends     [E]          where the words of the head end, then those of every tail
//   head     [N]
//   tails    [E - 1, N]
//   counts   [N]
//
//   thread      one target
//   grid        [N] threads; a long row of workgroups is folded into y

const NONE = 0xffffffffu;  // counts for nothing
const WORKGROUP = 64u;

struct Params { N : u32, E : u32 }

@group(0) @binding(0) var<uniform>             p : Params;
@group(0) @binding(1) var<storage, read>       targets : array<u32>;
@group(0) @binding(2) var<storage, read>       ends : array<u32>;
@group(0) @binding(3) var<storage, read_write> head : array<u32>;
@group(0) @binding(4) var<storage, read_write> tails : array<u32>;
@group(0) @binding(5) var<storage, read_write> counts : array<f32>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) gid : vec3u, @builtin(num_workgroups) groups : vec3u) {
  let n = gid.y * groups.x * WORKGROUP + gid.x;
  if (n >= p.N) { return; }
  let t = targets[n];
  // A target that is no word at all is none of the head's either: its loss is NaN.
  var answer = select(NONE - 1u, t, t < ends[0]);
  if (t == NONE) { answer = NONE; }
  for (var i = 0u; i + 1u < p.E; i++) {
    let inside = t >= ends[i] && t < ends[i + 1u];
    if (inside) { answer = ends[0] + i; }
    tails[i * p.N + n] = select(NONE, t - ends[i], inside);
  }
  head[n] = answer;
  counts[n] = select(1.0, 0.0, t == NONE);
}
