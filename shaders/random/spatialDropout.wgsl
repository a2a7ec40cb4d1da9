// spatialDropout — keeps a channel where a hash of its place says so, so that no mask is stored.
//
//   y[i] = hash(p, c)  ≥  threshold  ?  scale · x[i]  :  0
//
//   x y  [size]      as [P, R, C]: one decision for all r
//   key  [2]         seed and step, given by the host at every step
//
//   thread      four consecutive elements, each with a hash of its own
//   grid        [size / 4] threads; a long row of workgroups is folded into y
//
// hash: as of single elements in elementwise/chain.wgsl, whose mask this is where R is 1.

const WORKGROUP = 64u;

struct Params { size : u32, R : u32, C : u32, call : u32, threshold : u32, scale : f32 }

@group(0) @binding(0) var<uniform>             p : Params;
@group(0) @binding(1) var<storage, read>       x : array<vec4f>;
@group(0) @binding(2) var<storage, read>       key : array<u32>;
@group(0) @binding(3) var<storage, read_write> y : array<vec4f>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) gid : vec3u, @builtin(num_workgroups) groups : vec3u) {
  let i = gid.y * groups.x * WORKGROUP + gid.x;
  if (i * 4u < p.size) {
    let lane = i * 4u + vec4u(0u, 1u, 2u, 3u);
    let place = lane / (p.R * p.C) * p.C + lane % p.C;
    let bits = vec4u(word(place.x), word(place.y), word(place.z), word(place.w));
    let kept = (bits >= vec4u(p.threshold)) & (lane < vec4u(p.size));
    y[i] = select(vec4f(0.0), p.scale * x[i], kept);
  }
}

fn word(place : u32) -> u32 { return hash(place >> 2u)[place & 3u]; }

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
