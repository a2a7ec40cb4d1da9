// bernoulli — yes or no for every logit: 1 with probability sigmoid(x / temperature), else 0.
//
//   y[i] = sigmoid(scale · x[i]) > u[i]  ?  1  :  0      u uniform in (0, 1); when GREEDY, u = ½; NaN of NaN
//
//   x y      [size]
//   seed     [1]      with `counter` and `call`: where the randomness comes from
//   counter  [1]
//
//   thread      four consecutive elements, which one hash decides
//   grid        [size / 4] threads; a long row of workgroups is folded into y
//
// hash: pcg4d of Jarzynski & Olano 2020, as in chain.wgsl, on (place / 4, call, counter, seed).

const GREEDY = false;
const WORKGROUP = 64u;

struct Params { size : u32, call : u32, scale : f32 }

@group(0) @binding(0) var<uniform>             p : Params;
@group(0) @binding(1) var<storage, read>       x : array<vec4f>;
@group(0) @binding(2) var<storage, read>       seed : array<u32>;
@group(0) @binding(3) var<storage, read>       counter : array<u32>;
@group(0) @binding(4) var<storage, read_write> y : array<vec4f>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) gid : vec3u, @builtin(num_workgroups) groups : vec3u) {
  let i = gid.y * groups.x * WORKGROUP + gid.x;
  if (i * 4u < p.size) {
    let lane = i * 4u + vec4u(0u, 1u, 2u, 3u);
    var u = vec4f(0.5);
    if (!GREEDY) { u = (vec4f(hash(i)) + 0.5) * 2.3283064365386963e-10; }
    // u · (1 + exp(−x)) < 1; an exp that is too large for a number is no less than 1.
    let yes = u * (1.0 + exp(-p.scale * x[i])) < vec4f(1.0);
    let nan = (bitcast<vec4u>(x[i]) & vec4u(0x7fffffffu)) > vec4u(0x7f800000u);
    let drawn = select(select(vec4f(0.0), vec4f(1.0), yes), x[i], nan);
    y[i] = select(vec4f(0.0), drawn, lane < vec4u(p.size));
  }
}

fn hash(quad : u32) -> vec4u { return pcg4d(vec4u(quad, p.call, counter[0], seed[0])); }  // as in random/sample.wgsl

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
