// maskPadding — zeros behind the positions that a row has.
//
//   y[b,t,c] = x[b,t,c]  for t < lengths[b],  0 from there on
//
//   x y      [B, T, C], size elements
//   lengths  [B]
//
//   thread      four consecutive elements of y
//   grid        [size / 4] threads; a long row of workgroups is folded into y

const ALIGNED = false;     // C is a multiple of 4
const WORKGROUP = 64u;

struct Params { size : u32, T : u32, C : u32 }

@group(0) @binding(0) var<uniform>             p : Params;
@group(0) @binding(1) var<storage, read>       x : array<vec4f>;
@group(0) @binding(2) var<storage, read>       lengths : array<u32>;
@group(0) @binding(3) var<storage, read_write> y : array<vec4f>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) gid : vec3u, @builtin(num_workgroups) groups : vec3u) {
  let i = gid.y * groups.x * WORKGROUP + gid.x;
  if (i * 4u >= p.size) { return; }
  if (ALIGNED) {
    let row = i * 4u / p.C;
    y[i] = select(vec4f(0.0), x[i], row % p.T < lengths[row / p.T]);
  } else {
    let lane = i * 4u + vec4u(0u, 1u, 2u, 3u);
    let row = min(lane, vec4u(p.size - 1u)) / p.C;
    let b = row / p.T;
    let there = row % p.T < vec4u(lengths[b.x], lengths[b.y], lengths[b.z], lengths[b.w]);
    y[i] = select(vec4f(0.0), x[i], there & (lane < vec4u(p.size)));
  }
}
