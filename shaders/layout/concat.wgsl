// concat — two tensors one behind the other along the middle one of three axes.
//
//   y[p,r,q] = a[p,r,q]  for r < A,  b[p, r − A, q]  from there on
//
//   a  [P, A, Q]
//   b  [P, B, Q]
//   y  [P, A + B, Q], size elements
//
//   thread      four consecutive elements of y
//   grid        [size / 4] threads; a long row of workgroups is folded into y
//
// Bits are copied, whatever they mean.

const WIDE = false;        // A·Q and B·Q are multiples of 4
const WORKGROUP = 64u;

struct Params { size : u32, inA : u32, inB : u32 }    // A·Q and B·Q

@group(0) @binding(0) var<uniform>             p : Params;
@group(0) @binding(1) var<storage, read>       a : array<vec4u>;
@group(0) @binding(2) var<storage, read>       b : array<vec4u>;
@group(0) @binding(3) var<storage, read_write> y : array<vec4u>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) gid : vec3u, @builtin(num_workgroups) groups : vec3u) {
  let i = gid.y * groups.x * WORKGROUP + gid.x;
  if (i * 4u >= p.size) { return; }
  if (WIDE) {
    let s = i * 4u / (p.inA + p.inB);
    let r = i * 4u % (p.inA + p.inB);
    if (r < p.inA) { y[i] = a[(s * p.inA + r) >> 2u]; } else { y[i] = b[(s * p.inB + r - p.inA) >> 2u]; }
  } else {
    let lane = i * 4u + vec4u(0u, 1u, 2u, 3u);
    y[i] = select(vec4u(0u), vec4u(at(lane.x), at(lane.y), at(lane.z), at(lane.w)), lane < vec4u(p.size));
  }
}

fn at(i : u32) -> u32 {
  let s = i / (p.inA + p.inB);
  let r = i % (p.inA + p.inB);
  if (r < p.inA) {
    let origin = s * p.inA + r;
    return a[origin >> 2u][origin & 3u];
  }
  let origin = s * p.inB + r - p.inA;
  return b[origin >> 2u][origin & 3u];
}
