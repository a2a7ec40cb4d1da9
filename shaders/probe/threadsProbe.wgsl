// threadsProbe — keeps the first few threads of a workgroup busy, to learn how many of them run at once.
//
//   y  [2 + WORKGROUP]   y[0] rounds to go, y[1] threads to keep busy; then the number each thread ends with
//
//   thread      one chain of multiply-adds, each of which waits for the one before
//   workgroup   WORKGROUP threads, of which the first y[1] do so

const WORKGROUP = 256u;
const UNROLL = 16u;

@group(0) @binding(0) var<storage, read_write> y : array<f32>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(local_invocation_index) local : u32) {
  let rounds = select(0u, u32(y[0]), local < u32(y[1]));
  var value = f32(local);
  for (var round = 0u; round < rounds; round++) {
    // @unroll
    for (var i = 0u; i < UNROLL; i++) { value = fma(value, 0.999, 0.001); }
  }
  y[2u + local] = value;
}
