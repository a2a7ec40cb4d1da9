// quadProbe — what each thread hears from its quad, to learn whether quads are four neighbours, in order.
//
//   y  [64]   the index of the quad's first thread, plus 64 times that of its last
//
//   thread      one number
//   workgroup   WORKGROUP threads

enable subgroups;

const WORKGROUP = 64u;

@group(0) @binding(0) var<storage, read_write> y : array<u32>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(local_invocation_index) i : u32) {
  y[i] = quadBroadcast(i, 0u) + 64u * quadBroadcast(i, 3u);
}
