// advance — counters go on: y[i] += by, modulo 2^32.
//
//   y  [size]   in place
//
//   thread      one counter
//   grid        [size] threads; a long row of workgroups is folded into y

const WORKGROUP = 64u;

struct Params { size : u32, by : u32 }

@group(0) @binding(0) var<uniform>             p : Params;
@group(0) @binding(1) var<storage, read_write> y : array<u32>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) gid : vec3u, @builtin(num_workgroups) groups : vec3u) {
  let i = gid.y * groups.x * WORKGROUP + gid.x;
  if (i < p.size) { y[i] += p.by; }
}
