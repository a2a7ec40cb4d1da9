// copyProbe — y = x, to learn how many bytes an adapter moves in a second.
//
//   x, y  [N]   N a multiple of 16 · WORKGROUP
//
//   thread      EACH vec4, a workgroup apart, so that neighbours load neighbours
//   workgroup   WORKGROUP · EACH vec4
//   grid        [N / 4 / WORKGROUP / EACH] workgroups; a long row of them is folded into y

const WORKGROUP = 256u;
const EACH = 4u;

@group(0) @binding(0) var<storage, read>       x : array<vec4f>;
@group(0) @binding(1) var<storage, read_write> y : array<vec4f>;

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(local_invocation_id) lid : vec3u,
  @builtin(workgroup_id) wid : vec3u,
  @builtin(num_workgroups) groups : vec3u,
) {
  let first = (wid.y * groups.x + wid.x) * WORKGROUP * EACH + lid.x;
  // @unroll
  for (var i = 0u; i < EACH; i++) { y[first + i * WORKGROUP] = x[first + i * WORKGROUP]; }
}
