// quadProbe — what each thread hears from its quad, to learn whether quads are four neighbours, in order.
//
//   y  [64]   the index of the thread beside it, plus 64 times that of the one above or below
//
//   thread      one number
//   workgroup   WORKGROUP threads

enable subgroups;

const WORKGROUP = 64u;

@group(0) @binding(0) var<storage, read_write> y : array<u32>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(local_invocation_index) i : u32) {
  y[i] = quadSwapX(i) + 64u * quadSwapY(i);
}
