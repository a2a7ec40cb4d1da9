// embeddingStarts — where in the sorted positions each id begins.
//
//   starts[v] = number of n with ids[n] < v
//
//   ids     [N]
//   order   [N]       positions, sorted by their ids
//   starts  [V + 1]
//
//   thread      one v, by bisection
//   grid        [V + 1] threads; a long row of workgroups is folded into y

const WORKGROUP = 64u;

struct Params { N : u32, V : u32 }

@group(0) @binding(0) var<uniform>             p : Params;
@group(0) @binding(1) var<storage, read>       ids : array<u32>;
@group(0) @binding(2) var<storage, read>       order : array<u32>;
@group(0) @binding(3) var<storage, read_write> starts : array<u32>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) gid : vec3u, @builtin(num_workgroups) groups : vec3u) {
  let v = gid.y * groups.x * WORKGROUP + gid.x;
  if (v > p.V) { return; }
  var low = 0u;
  var high = p.N;
  while (low < high) {
    let middle = (low + high) / 2u;
    if (ids[order[middle]] < v) { low = middle + 1u; } else { high = middle; }
  }
  starts[v] = low;
}
