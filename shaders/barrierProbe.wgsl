// barrierProbe — passes a number round a workgroup, with or without barriers, to learn what a barrier costs.
//
//   y  [64]   the number each thread ends with
//
//   thread      one number
//   workgroup   a ring of 64 threads, ROUNDS rounds

const BARRIERS = true;
const ROUNDS = 64u;
const WORKGROUP = 64u;

@group(0) @binding(0) var<storage, read_write> y : array<f32>;

var<workgroup> ring : array<f32, WORKGROUP>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(local_invocation_id) lid : vec3u) {
  var value = f32(lid.x);
  for (var i = 0u; i < ROUNDS; i++) {
    ring[lid.x] = value;
    if (BARRIERS) { workgroupBarrier(); }
    value = 0.5 * value + ring[(lid.x + i) % WORKGROUP];
  }
  y[lid.x] = value;
}
