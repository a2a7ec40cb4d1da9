// accumulate — y = a + b, for two gradients of one tensor.
//
//   a b y  [size]
//
//   thread      EACH times four consecutive elements, a workgroup apart
//   grid        [size / 4 / WORKGROUP / EACH] workgroups; a long row of them is folded into y

const WORKGROUP = 64u;
const EACH = 1u;          // vec4s of a thread
const WHOLE = false;      // all threads have work: size is a multiple of 4 · WORKGROUP · EACH

struct Params { size : u32 }

@group(0) @binding(0) var<uniform>             p : Params;
@group(0) @binding(1) var<storage, read>       a : array<vec4f>;
@group(0) @binding(2) var<storage, read>       b : array<vec4f>;
@group(0) @binding(3) var<storage, read_write> y : array<vec4f>;

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(local_invocation_id) lid : vec3u,
  @builtin(workgroup_id) wid : vec3u,
  @builtin(num_workgroups) groups : vec3u,
) {
  let first = (wid.y * groups.x + wid.x) * WORKGROUP * EACH + lid.x;
  // @unroll
  for (var e = 0u; e < EACH; e++) { four(first + e * WORKGROUP); }
}

fn four(i : u32) {
  if (WHOLE || i * 4u < p.size) {
    let lane = i * 4u + vec4u(0u, 1u, 2u, 3u);
    y[i] = select(vec4f(0.0), a[i] + b[i], vec4<bool>(WHOLE) | (lane < vec4u(p.size)));
  }
}
