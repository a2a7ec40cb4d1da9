// rmsProp — one step of RMSprop, for all parameters of a model at once, in place.
//
//   d = c·g + weightDecay·p            c = min(1, clipNorm / (norm + 1e-6))
//   v ← v − fresh·v + fresh·d²         fresh = 1 − α
//   m ← momentum·m + d / (√v + ε)
//   p ← p − learningRate·m
//
//   p g v m  [size]   parameters, gradients, second moment, momentum
//   go       [4]      (norm, whether the update happens, …): see updateGuard.wgsl
//   hyper    [6]      learningRate, fresh, ε, weightDecay, momentum, clipNorm
//   decays            1, or 0 where weightDecay is 0 for these parameters
//
//   thread      EACH times four parameters, a workgroup apart
//   grid        [size / 4 / WORKGROUP / EACH] workgroups; a long row of them is folded into y
//
// Hinton 2012 (lecture 6e of his course), in PyTorch's form: ε is outside the root. 1 − α comes from the host, in double precision.

const WORKGROUP = 64u;
const EACH = 1u;          // vec4s of a thread, one after the other
const WHOLE = false;      // all threads have work: size is a multiple of 4 · WORKGROUP · EACH
const CLIP = false;       // clipNorm > 0

struct Params { size : u32, decays : f32 }

struct Hyper {
  learningRate : f32,
  fresh : f32,
  epsilon : f32,
  weightDecay : f32,
  momentum : f32,
  clipNorm : f32,
}

@group(0) @binding(0) var<uniform>             params : Params;
@group(0) @binding(1) var<storage, read_write> p : array<vec4f>;
@group(0) @binding(2) var<storage, read>       g : array<vec4f>;
@group(0) @binding(3) var<storage, read_write> v : array<vec4f>;
@group(0) @binding(4) var<storage, read_write> m : array<vec4f>;
@group(0) @binding(5) var<storage, read>       go : array<vec4f>;
@group(0) @binding(6) var<uniform>             hyper : Hyper;

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(local_invocation_id) lid : vec3u,
  @builtin(workgroup_id) wid : vec3u,
  @builtin(num_workgroups) groups : vec3u,
) {
  let first = (wid.y * groups.x + wid.x) * WORKGROUP * EACH + lid.x;
  let fresh = vec4f(hyper.fresh);
  let weightDecay = params.decays * hyper.weightDecay;
  let now = go[0];
  if (now.y == 0.0) { return; }
  var clip = 1.0;
  if (CLIP) { clip = min(1.0, hyper.clipNorm / (now.x + 1e-6)); }    // of a NaN nothing is done
  for (var e = 0u; e < EACH; e++) {
    let i = first + e * WORKGROUP;
    if (WHOLE || i * 4u < params.size) {
      let before = p[i];
      let d = clip * g[i] + weightDecay * before;
      let oldSecond = v[i];
      let oldVelocity = m[i];
      let second = fma(fresh * d, d, fma(-fresh, oldSecond, oldSecond));
      let velocity = hyper.momentum * oldVelocity + d / (sqrt(second) + hyper.epsilon);
      v[i] = second;
      m[i] = velocity;
      p[i] = before - hyper.learningRate * velocity;
    }
  }
}
