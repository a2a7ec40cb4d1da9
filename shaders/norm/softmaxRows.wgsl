// softmaxRows — softmax with a workgroup for every row, for long rows.
//
//   y[n,v] = exp(x[n,v] − lse)       or x[n,v] − lse when LOG;  lse = log Σ_v exp(x[n,v])
//   NaN all through where the row has NaN or +∞, or nothing above −∞
//
//   x y  [N, V]
//
//   thread      every WORKGROUP-th value of a row
//   workgroup   one row; maxima and sums are joined in a tree
//   grid        [N] workgroups; a long row of them is folded into y

const LOG = false;
const LOWEST = -3.4028234663852886e38;    // no finite number is less; not −∞: −∞ − −∞ is NaN
const WORKGROUP = 128u;    // a power of two

struct Params { N : u32, V : u32 }

@group(0) @binding(0) var<uniform>             p : Params;
@group(0) @binding(1) var<storage, read>       x : array<f32>;
@group(0) @binding(2) var<storage, read_write> y : array<f32>;

var<workgroup> tops : array<f32, WORKGROUP>;
var<workgroup> sums : array<f32, WORKGROUP>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) wid : vec3u, @builtin(num_workgroups) groups : vec3u,
        @builtin(local_invocation_id) lid : vec3u) {
  let n = wid.y * groups.x + wid.x;
  if (n >= p.N) { return; }
  let first = n * p.V + lid.x;
  let end = (n + 1u) * p.V;
  var top = LOWEST;
  var sum = 0.0;
  for (var i = first; i < end; i += WORKGROUP) {
    let above = x[i] - top;
    let e = exp(-abs(above));
    sum = select(sum + e, sum * e + 1.0, above > 0.0);
    top = max(top, x[i]);    // the sum has a NaN
  }
  tops[lid.x] = top;
  sums[lid.x] = sum;
  for (var half = WORKGROUP / 2u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (lid.x < half) {
      let other = tops[lid.x + half];
      let most = max(tops[lid.x], other);    // the sum has a NaN
      sums[lid.x] = sums[lid.x] * exp(tops[lid.x] - most) + sums[lid.x + half] * exp(other - most);
      tops[lid.x] = most;
    }
  }
  workgroupBarrier();
  let largest = tops[0];
  let total = sums[0];
  // A sum is above 0 and finite unless something in the row was not, whatever exp makes of NaN. The set bits are NaN.
  let bits = bitcast<u32>(total);
  let fine = bits - 1u < 0x7f7fffffu && largest <= -LOWEST;
  let nan = bitcast<f32>(bits | 0x7fc00000u);
  let scale = select(nan, 1.0 / total, fine);
  let logSum = select(nan, log(total), fine);
  for (var i = first; i < end; i += WORKGROUP) {
    let away = x[i] - largest;
    if (LOG) { y[i] = away - logSum; } else { y[i] = scale * exp(away); }
  }
}
