// spectralShift — the symmetric part of a matrix, less a bound on the diagonal; the same scaled to eigenvalues in [-1, 1].
//
//   d = ½(h + hᵀ) − bound·1        y = d / max(bound, top − bound)
//
//   top = norm^¼, bound = λ / size between top / most and 2·top
//
//   h     [N, N]   with eigenvalues between 0 and top
//   norm  [1]
//   size  [1]      what the matrix has been divided by, so that all this is within the range of f32
//   d y   [N, N]
//
//   thread      one element
//   grid        [N²] threads; a long row of workgroups is folded into y

const WORKGROUP = 64u;

struct Params { N : u32, lambda : f32, most : f32 }

@group(0) @binding(0) var<uniform>             p    : Params;
@group(0) @binding(1) var<storage, read>       h    : array<f32>;
@group(0) @binding(2) var<storage, read>       norm : array<f32>;
@group(0) @binding(3) var<storage, read>       size : array<f32>;
@group(0) @binding(4) var<storage, read_write> d    : array<f32>;
@group(0) @binding(5) var<storage, read_write> y    : array<f32>;

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(local_invocation_id) lid : vec3u,
  @builtin(workgroup_id) wid : vec3u,
  @builtin(num_workgroups) groups : vec3u,
) {
  let i = (wid.y * groups.x + wid.x) * WORKGROUP + lid.x;
  if (i >= p.N * p.N) { return; }
  let row = i / p.N;
  let column = i % p.N;
  let top = 1.0001 * sqrt(sqrt(norm[0]));
  // Where the norm is NaN, h is.
  let bound = clamp(p.lambda / size[0], top / p.most, 2.0 * top);
  let shifted = 0.5 * (h[i] + h[column * p.N + row]) - select(0.0, bound, row == column);
  d[i] = shifted;
  y[i] = shifted / max(bound, top - bound);    // shifted keeps a NaN of h
}
