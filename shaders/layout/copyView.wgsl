// copyView — y = a strided view of x: axes in another order, part of an axis, or zeros around one.
//
//   y[i,j,k,l] = x[offset + i·s0 + j·s1 + k·s2 + l·s3]
//
//   when PAD: 0 unless start ≤ j < start + length, and j counts from start
//
//   x  any shape, of which the strides s0 … s3 tell, in elements
//   y  [D0, D1, D2, D3], size elements
//
//   thread      four consecutive elements of y
//   grid        [size / 4] threads; a long row of workgroups is folded into y
//
// Bits are copied, whatever they mean.

const WIDE = false;        // four consecutive elements of y are four of x, and a whole vec4 there
const PAD = false;
const WORKGROUP = 64u;

struct Params {
  size : u32, D1 : u32, D2 : u32, D3 : u32,
  offset : u32, s0 : u32, s1 : u32, s2 : u32, s3 : u32,
  start : u32, length : u32,
}

@group(0) @binding(0) var<uniform>             p : Params;
@group(0) @binding(1) var<storage, read>       x : array<vec4u>;
@group(0) @binding(2) var<storage, read_write> y : array<vec4u>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) gid : vec3u, @builtin(num_workgroups) groups : vec3u) {
  let i = gid.y * groups.x * WORKGROUP + gid.x;
  if (i * 4u >= p.size) { return; }
  if (WIDE) {
    let origin = place(i * 4u);
    y[i] = select(vec4u(0u), x[origin.x >> 2u], origin.y > 0u);
  } else {
    let lane = i * 4u + vec4u(0u, 1u, 2u, 3u);
    y[i] = select(vec4u(0u), vec4u(at(lane.x), at(lane.y), at(lane.z), at(lane.w)), lane < vec4u(p.size));
  }
}

fn at(i : u32) -> u32 {
  let origin = place(i);
  return select(0u, x[origin.x >> 2u][origin.x & 3u], origin.y > 0u);
}

// Where in x element i of y comes from, and 1; or any place, and 0.
fn place(i : u32) -> vec2u {
  let l = i % p.D3;
  let k = i / p.D3 % p.D2;
  let across = p.D3 * p.D2;
  var j = i / across % p.D1;
  let first = i / (across * p.D1);
  var inside = 1u;
  if (PAD) {
    // Left of start this wraps round to a large number.
    j -= p.start;
    inside = select(0u, 1u, j < p.length);
    j = min(j, p.length - 1u);
  }
  return vec2u(p.offset + first * p.s0 + j * p.s1 + k * p.s2 + l * p.s3, inside);
}
