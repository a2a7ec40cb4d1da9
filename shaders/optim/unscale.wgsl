// unscale — g ← g · s, what loss scaling takes back from all gradients of a model at once, in place.
//
//   g  [size]   gradients
//   s  [1]      1 / the loss scale, a power of two: nothing is rounded
//
//   thread      EACH times four consecutive elements, a workgroup apart
//   grid        [size / 4 / WORKGROUP / EACH] workgroups; a long row of them is folded into y

const WORKGROUP = 64u;
const EACH = 1u;          // vec4s of a thread
const WHOLE = false;      // all threads have work: size is a multiple of 4 · WORKGROUP · EACH

struct Params { size : u32 }

@group(0) @binding(0) var<uniform>             p : Params;
@group(0) @binding(1) var<storage, read_write> g : array<vec4f>;
@group(0) @binding(2) var<storage, read>       s : array<f32>;

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(local_invocation_id) lid : vec3u,
  @builtin(workgroup_id) wid : vec3u,
  @builtin(num_workgroups) groups : vec3u,
) {
  let first = (wid.y * groups.x + wid.x) * WORKGROUP * EACH + lid.x;
  let scale = s[0];
  for (var e = 0u; e < EACH; e++) {
    let i = first + e * WORKGROUP;
    if (WHOLE || i * 4u < p.size) { g[i] = scale * g[i]; }
  }
}
