// spectralShift — the symmetric part of a matrix, less λ on the diagonal; and the same scaled to eigenvalues in [-1, 1].
//
//   d = ½(h + hᵀ) − λ·1        y = d / max(λ, norm^¼ − λ)
//
//   h     [N, N]   with eigenvalues between 0 and norm^¼
//   norm  [1]
//   d y   [N, N]
//
//   thread      one element
//   grid        [N²] threads; a long row of workgroups is folded into y

const WORKGROUP = 64u;

struct Params { N : u32, lambda : f32 }

@group(0) @binding(0) var<uniform>             p    : Params;
@group(0) @binding(1) var<storage, read>       h    : array<f32>;
@group(0) @binding(2) var<storage, read>       norm : array<f32>;
@group(0) @binding(3) var<storage, read_write> d    : array<f32>;
@group(0) @binding(4) var<storage, read_write> y    : array<f32>;

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
  let shifted = 0.5 * (h[i] + h[column * p.N + row]) - select(0.0, p.lambda, row == column);
  d[i] = shifted;
  y[i] = shifted / max(p.lambda, 1.0001 * sqrt(sqrt(norm[0])) - p.lambda);
}
