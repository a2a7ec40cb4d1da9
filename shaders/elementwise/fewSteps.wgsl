// fewSteps — chain.wgsl with the steps that any model has: what a page downloads that uses no function of tensors.
//
//   y = sₙ(… s₂(s₁(x))), element by element; tensors and threads as there
//
//   x y      [size]
//   a b c    [size]   what steps take beside the running value; x where there are fewer
//   key [2]           seed and step for dropout; bound but not read without
//
//   thread      EACH times four consecutive elements, a workgroup apart
//   grid        [size / 4 / WORKGROUP / EACH] workgroups; a long row of them is folded into y

const OPERANDS = 1u;      // how many of a, b, c are read
const WORKGROUP = 64u;
const EACH = 1u;          // vec4s of a thread
const WHOLE = false;      // all threads have work: size is a multiple of 4 · WORKGROUP · EACH

struct Params {
  size : u32,
  call : u32, threshold : u32, keep : f32,    // of dropout
}

@group(0) @binding(0) var<uniform>             p : Params;
@group(0) @binding(1) var<storage, read>       x : array<vec4f>;
@group(0) @binding(2) var<storage, read>       a : array<vec4f>;
@group(0) @binding(3) var<storage, read>       b : array<vec4f>;
@group(0) @binding(4) var<storage, read>       c : array<vec4f>;
@group(0) @binding(5) var<storage, read>       key : array<u32>;
@group(0) @binding(6) var<storage, read_write> y : array<vec4f>;

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
    var u : array<vec4f, 3>;
    if (OPERANDS > 0u) { u[0] = a[i]; }
    if (OPERANDS > 1u) { u[1] = b[i]; }
    if (OPERANDS > 2u) { u[2] = c[i]; }
    var v = x[i];
    // @steps
    v = dropout(reluDx(add(v, u[0]), u[0]), i);
    y[i] = select(vec4f(0.0), v, vec4<bool>(WHOLE) | (lane < vec4u(p.size)));
  }
}

fn add(v : vec4f, u : vec4f) -> vec4f { return v + u; }  // as in elementwise/chain.wgsl

// v times the derivative, which is written in u: y.
fn reluDx(v : vec4f, u : vec4f) -> vec4f { return v * select(u, vec4f(1.0), u > vec4f(0.0)); }  // as in elementwise/chain.wgsl
fn tanhDx(v : vec4f, u : vec4f) -> vec4f { return v * (1.0 - u * u); }  // as in elementwise/chain.wgsl
fn sigmoidDx(v : vec4f, u : vec4f) -> vec4f { return v * (u * (1.0 - u)); }  // as in elementwise/chain.wgsl

// Keeps an element where a hash of its place says so; four words for four elements.
fn dropout(v : vec4f, i : u32) -> vec4f { return select(vec4f(0.0), p.keep * v, hash(i) >= vec4u(p.threshold)); }  // as in elementwise/chain.wgsl

fn hash(quad : u32) -> vec4u { return pcg4d(vec4u(quad, p.call, key[1], key[0])); }  // as in elementwise/chain.wgsl

// Four words of noise from four (Jarzynski & Olano 2020).
fn pcg4d(start : vec4u) -> vec4u {  // as in elementwise/chain.wgsl
  var v = start * 1664525u + 1013904223u;
  v.x += v.y * v.w;
  v.y += v.z * v.x;
  v.z += v.x * v.y;
  v.w += v.y * v.z;
  v ^= v >> vec4u(16u);
  v.x += v.y * v.w;
  v.y += v.z * v.x;
  v.z += v.x * v.y;
  v.w += v.y * v.z;
  return v;
}
