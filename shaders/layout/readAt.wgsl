// readAt — one place of an axis, which a number on the device names.
//
//   y[b,q] = x[b, (position + offset) mod L, q]        bit for bit, whatever the type
//
//   x         [B, L, Q]
//   position  [1]
//   y         [B, Q], size elements
//
//   thread      one element of y
//   grid        [size] threads; a long row of workgroups is folded into y

const WORKGROUP = 64u;

struct Params { size : u32, L : u32, Q : u32, offset : u32 }

@group(0) @binding(0) var<uniform>             p : Params;
@group(0) @binding(1) var<storage, read>       x : array<u32>;
@group(0) @binding(2) var<storage, read>       position : array<u32>;
@group(0) @binding(3) var<storage, read_write> y : array<u32>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) gid : vec3u, @builtin(num_workgroups) groups : vec3u) {
  let i = gid.y * groups.x * WORKGROUP + gid.x;
  if (i >= p.size) { return; }
  let at = (position[0] + p.offset) % p.L;
  y[i] = x[(i / p.Q * p.L + at) * p.Q + i % p.Q];
}
