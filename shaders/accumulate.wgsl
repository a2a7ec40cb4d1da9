// accumulate — y = a + b, for two gradients of one tensor.
//
//   a b y  [size]
//
//   thread      four consecutive elements
//   grid        [size / 4] threads; a long row of workgroups is folded into y

const WORKGROUP = 64u;

struct Params { size : u32 }

@group(0) @binding(0) var<uniform>             p : Params;
@group(0) @binding(1) var<storage, read>       a : array<vec4f>;
@group(0) @binding(2) var<storage, read>       b : array<vec4f>;
@group(0) @binding(3) var<storage, read_write> y : array<vec4f>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) gid : vec3u, @builtin(num_workgroups) groups : vec3u) {
  let i = gid.y * groups.x * WORKGROUP + gid.x;
  if (i * 4u < p.size) {
    let lane = i * 4u + vec4u(0u, 1u, 2u, 3u);
    y[i] = select(vec4f(0.0), a[i] + b[i], lane < vec4u(p.size));
  }
}
