// softmax — every row becomes probabilities, or their logarithms.
//
//   y[n,v] = exp(x[n,v] − lse)       or x[n,v] − lse when LOG;  lse = log Σ_v exp(x[n,v])
//   NaN all through where the row has NaN or +∞, or nothing above −∞
//
//   x y  [N, V]
//
//   thread      one row, read twice: first for the maximum so far and the sum of exp relative to it
//   grid        [N] threads; a long row of workgroups is folded into y

const LOG = false;
const LOWEST = -3.4028234663852886e38;    // no finite number is less; not −∞: −∞ − −∞ is NaN
const WORKGROUP = 64u;

struct Params { N : u32, V : u32 }

@group(0) @binding(0) var<uniform>             p : Params;
@group(0) @binding(1) var<storage, read>       x : array<f32>;
@group(0) @binding(2) var<storage, read_write> y : array<f32>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) gid : vec3u, @builtin(num_workgroups) groups : vec3u) {
  let n = gid.y * groups.x * WORKGROUP + gid.x;
  if (n >= p.N) { return; }
  let first = n * p.V;
  let end = first + p.V;
  var top = LOWEST;
  var sum = 0.0;
  for (var i = first; i < end; i++) {
    let above = x[i] - top;
    let e = exp(-abs(above));
    sum = select(sum + e, sum * e + 1.0, above > 0.0);
    top = max(top, x[i]);    // the sum has a NaN
  }
  // A sum is above 0 and finite unless something in the row was not, whatever exp makes of NaN. The set bits are NaN.
  let bits = bitcast<u32>(sum);
  let fine = bits - 1u < 0x7f7fffffu && top <= -LOWEST;
  let nan = bitcast<f32>(bits | 0x7fc00000u);
  let scale = select(nan, 1.0 / sum, fine);
  let logSum = select(nan, log(sum), fine);
  for (var i = first; i < end; i++) {
    let away = x[i] - top;
    if (LOG) { y[i] = away - logSum; } else { y[i] = scale * exp(away); }
  }
}
