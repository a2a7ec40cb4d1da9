// quintic — the even part of an odd polynomial of degree five of a matrix X: X·y is that polynomial.
//
//   y = s · (α·1 + β·s²·b + γ·s⁴·c)        b = XᵀX, c = b·b
//
//   b c   [N, N]
//   norm  [1]      of c (Frobenius), when SCALED: s = 1 / norm^¼, so that X·s has no singular value above 1
//   y     [N, N]
//
//   thread      one element
//   grid        [N²] threads; a long row of workgroups is folded into y
//
// The Schatten 4-norm of b, ‖b²‖_F^½, is at least its spectral norm, and at most N^¼ times it.

const SCALED = false;     // otherwise s = 1 and norm is not read
const WORKGROUP = 64u;

struct Params { N : u32, alpha : f32, beta : f32, gamma : f32 }

@group(0) @binding(0) var<uniform>             p    : Params;
@group(0) @binding(1) var<storage, read>       b    : array<f32>;
@group(0) @binding(2) var<storage, read>       c    : array<f32>;
@group(0) @binding(3) var<storage, read>       norm : array<f32>;
@group(0) @binding(4) var<storage, read_write> y    : array<f32>;

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(local_invocation_id) lid : vec3u,
  @builtin(workgroup_id) wid : vec3u,
  @builtin(num_workgroups) groups : vec3u,
) {
  let i = (wid.y * groups.x + wid.x) * WORKGROUP + lid.x;
  if (i >= p.N * p.N) { return; }
  var s = 1.0;
  // A matrix of zeros stays one. Where the norm is NaN, b is.
  if (SCALED) { s = 1.0 / max(1.0001 * sqrt(sqrt(norm[0])), 1e-8); }
  let s2 = s * s;
  let one = select(0.0, p.alpha, i / p.N == i % p.N);
  y[i] = s * (one + p.beta * (s2 * b[i]) + p.gamma * (s2 * (s2 * c[i])));
}
