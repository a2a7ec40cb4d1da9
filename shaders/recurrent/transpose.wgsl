// transpose — rows become columns.
//
//   y[c,r] = x[r,c]
//
//   x  [R, C]
//   y  [C, R]
//
//   thread      one element of y
//   grid        [R·C] threads; a long row of workgroups is folded into y

const WORKGROUP = 64u;

struct Params { R : u32, C : u32 }

@group(0) @binding(0) var<uniform>             p : Params;
@group(0) @binding(1) var<storage, read>       x : array<f32>;
@group(0) @binding(2) var<storage, read_write> y : array<f32>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) gid : vec3u, @builtin(num_workgroups) groups : vec3u) {
  let i = gid.y * groups.x * WORKGROUP + gid.x;
  if (i < p.R * p.C) { y[i] = x[i % p.R * p.C + i / p.R]; }
}
