// adam — one step of Adam or AdamW, for all parameters of a model at once, in place.
//
//   p ← p − decay·p
//   d = c·g + weightDecay·p            c = min(1, clipNorm / (norm + 1e-6))
//   m ← β₁·m + fresh₁·d                fresh = 1 − β
//   v ← v + fresh₂·(d² − v)
//   p ← p − stepSize·m / (√v·rootScale + ε)
//
//   p g m v  [size]   parameters, gradients, first and second moments
//   go       [4]      (norm, whether the update happens, …): see updateGuard.wgsl
//   hyper    [9]      stepSize = learningRate / (1 − β₁ᵗ), rootScale = 1 / √(1 − β₂ᵗ), β₁, fresh₁, fresh₂, ε, weightDecay,
//                     decay = learningRate·decoupled, clipNorm
//   decays            1, or 0 where weightDecay and decay are 0 for these parameters
//
//   thread      EACH times four parameters, a workgroup apart
//   grid        [size / 4 / WORKGROUP / EACH] workgroups; a long row of them is folded into y
//
// Kingma & Ba 2015; Loshchilov & Hutter 2019 for the decoupled decay. The bias corrections and 1 − β come from
// the host, in double precision: a β of 0.9999999 less 1 would be 1.2e-7 here. Neither is 1 less a decay of 1e-5 taken.

const WORKGROUP = 64u;
const EACH = 1u;          // vec4s of a thread, one after the other
const WHOLE = false;      // all threads have work: size is a multiple of 4 · WORKGROUP · EACH
const CLIP = false;       // clipNorm > 0

struct Params { size : u32, decays : f32 }

struct Hyper {
  stepSize : f32,
  rootScale : f32,
  keep1 : f32,
  fresh1 : f32,
  fresh2 : f32,
  epsilon : f32,
  weightDecay : f32,
  decay : f32,
  clipNorm : f32,
}

@group(0) @binding(0) var<uniform>             params : Params;
@group(0) @binding(1) var<storage, read_write> p : array<vec4f>;
@group(0) @binding(2) var<storage, read>       g : array<vec4f>;
@group(0) @binding(3) var<storage, read_write> m : array<vec4f>;
@group(0) @binding(4) var<storage, read_write> v : array<vec4f>;
@group(0) @binding(5) var<storage, read>       go : array<vec4f>;
@group(0) @binding(6) var<uniform>             hyper : Hyper;

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(local_invocation_id) lid : vec3u,
  @builtin(workgroup_id) wid : vec3u,
  @builtin(num_workgroups) groups : vec3u,
) {
  let first = (wid.y * groups.x + wid.x) * WORKGROUP * EACH + lid.x;
  let keep1 = hyper.keep1;
  let fresh1 = hyper.fresh1;
  let fresh2 = hyper.fresh2;
  let weightDecay = params.decays * hyper.weightDecay;
  let decay = params.decays * hyper.decay;
  let now = go[0];
  let stepSize = hyper.stepSize * now.z;
  let rootScale = hyper.rootScale * now.w;
  if (now.y == 0.0) { return; }
  var clip = 1.0;
  if (CLIP) { clip = min(1.0, hyper.clipNorm / (now.x + 1e-6)); }    // of a NaN nothing is done
  for (var e = 0u; e < EACH; e++) {
    let i = first + e * WORKGROUP;
    if (WHOLE || i * 4u < params.size) {
      let before = p[i];
      let oldFirst = m[i];
      let oldSecond = v[i];
      let d = clip * g[i] + weightDecay * before;
      let first = keep1 * oldFirst + fresh1 * d;
      let second = oldSecond + fresh2 * (d * d - oldSecond);
      m[i] = first;
      v[i] = second;
      let step = stepSize * first / (sqrt(second) * rootScale + hyper.epsilon);
      p[i] = before - (decay * before + step);
    }
  }
}
