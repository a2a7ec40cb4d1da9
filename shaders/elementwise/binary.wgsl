// binary — y = a ∘ b with broadcasting; ∘ chosen by OPERATION.
//
//   y  [D0, D1, D2, D3]   shorter shapes have leading ones
//   a  as y, an axis of length 1 repeated (its stride is 0)
//   b  likewise
//
//   thread      EACH times four consecutive elements of y, a workgroup apart
//   grid        [size / 4 / WORKGROUP / EACH] workgroups; a long row of them is folded into y
//
// SAME: a, b and y have one shape and are read four at a time; otherwise each element finds its own place.

const ADD = 0u;
const SUB = 1u;
const MUL = 2u;
const DIV = 3u;

const OPERATION = ADD;
const SAME = false;
const WORKGROUP = 64u;
const EACH = 1u;          // vec4s of a thread
const WHOLE = false;      // all threads have work: size is a multiple of 4 · WORKGROUP · EACH

struct Params {
  size : u32, D1 : u32, D2 : u32, D3 : u32,
  a0 : u32, a1 : u32, a2 : u32, a3 : u32,     // strides of a, in elements
  b0 : u32, b1 : u32, b2 : u32, b3 : u32,
}

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
    var v : vec4f;
    if (SAME) { v = f(a[i], b[i]); }
    else { v = vec4f(at(lane.x), at(lane.y), at(lane.z), at(lane.w)); }
    y[i] = select(vec4f(0.0), v, vec4<bool>(WHOLE) | (lane < vec4u(p.size)));
  }
}

fn at(i : u32) -> f32 {
  let i3 = i % p.D3;
  let i2 = i / p.D3 % p.D2;
  let i1 = i / (p.D3 * p.D2) % p.D1;
  let i0 = i / (p.D3 * p.D2 * p.D1);
  let inA = i0 * p.a0 + i1 * p.a1 + i2 * p.a2 + i3 * p.a3;
  let inB = i0 * p.b0 + i1 * p.b1 + i2 * p.b2 + i3 * p.b3;
  return f(vec4f(a[inA >> 2u][inA & 3u]), vec4f(b[inB >> 2u][inB & 3u])).x;
}

fn f(u : vec4f, v : vec4f) -> vec4f {
  switch OPERATION {
    case ADD: { return u + v; }
    case SUB: { return u - v; }
    case MUL: { return u * v; }
    default: { return u / v; }
  }
}
