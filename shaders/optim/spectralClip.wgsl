// spectralClip — a matrix less what it has above a bound; itself, bit by bit, where it has nothing there.
//
//   y = w                          where size · top ≤ λ
//   y = w − ½·size·above           where λ / size ≥ top / most
//   y = λ / bound · (w / size − ½·above)        else, with bound = top / most: w is too large by more than can be told
//
//   w      [N, N]
//   above  [N, N]   twice what w / size has above the bound
//   norm   [1]      top = norm^¼ is at least the largest singular value of w / size
//   size   [1]
//   y      [N, N]
//
//   thread      one element
//   grid        [N²] threads; a long row of workgroups is folded into y

const WORKGROUP = 64u;

struct Params { N : u32, lambda : f32, most : f32 }

@group(0) @binding(0) var<uniform>             p     : Params;
@group(0) @binding(1) var<storage, read>       w     : array<f32>;
@group(0) @binding(2) var<storage, read>       above : array<f32>;
@group(0) @binding(3) var<storage, read>       norm  : array<f32>;
@group(0) @binding(4) var<storage, read>       size  : array<f32>;
@group(0) @binding(5) var<storage, read_write> y     : array<f32>;

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(local_invocation_id) lid : vec3u,
  @builtin(workgroup_id) wid : vec3u,
  @builtin(num_workgroups) groups : vec3u,
) {
  let i = (wid.y * groups.x + wid.x) * WORKGROUP + lid.x;
  if (i >= p.N * p.N) { return; }
  let top = 1.0001 * sqrt(sqrt(norm[0]));
  let bound = p.lambda / size[0];
  let least = top / p.most;
  var value = w[i] - 0.5 * size[0] * above[i];
  if (bound < least) { value = p.lambda / least * (w[i] / size[0] - 0.5 * above[i]); }
  y[i] = select(value, w[i], top <= bound);
}
