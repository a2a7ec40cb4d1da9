// lossScale — the loss scale of the next step: halved behind an update that was skipped, doubled behind `interval`
// updates in a row that were not.
//
//   norm     [1]   of all gradients; the update is skipped, or soon will be, where it is NaN or above `bound`
//   scale    [1]   from 1 to `most`; in place
//   inverse  [1]   1 / scale; in place: both are powers of two, so halving and doubling round nothing
//   good     [1]   updates since the last change that happened; in place
//
//   thread      the only one
//   grid        [1] thread
//
// Micikevicius et al. 2018, with the rule of PyTorch's GradScaler.

const WORKGROUP = 1u;

struct Params { interval : u32, most : f32, bound : f32 }

@group(0) @binding(0) var<uniform>             p : Params;
@group(0) @binding(1) var<storage, read>       norm : array<f32>;
@group(0) @binding(2) var<storage, read_write> scale : array<f32>;
@group(0) @binding(3) var<storage, read_write> inverse : array<f32>;
@group(0) @binding(4) var<storage, read_write> good : array<u32>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) gid : vec3u, @builtin(num_workgroups) groups : vec3u) {
  let i = gid.y * groups.x * WORKGROUP + gid.x;
  if (i > 0u) { return; }
  let now = scale[0];
  // As bits, which order a NaN behind ∞.
  let happened = (bitcast<u32>(norm[0]) & 0x7fffffffu) <= bitcast<u32>(p.bound);
  let run = good[0] + 1u;
  var factors = vec2f(1.0);
  if (!happened && now > 1.0) { factors = vec2f(0.5, 2.0); }
  if (happened && run >= p.interval && now < p.most) { factors = vec2f(2.0, 0.5); }
  scale[0] = now * factors.x;
  inverse[0] = inverse[0] * factors.y;
  good[0] = select(0u, run, happened && run < p.interval);
}
