// summary — what a tensor holds, in a few numbers: for step.check and print.
//
//   y[r] = (least, greatest, Σ x / size, finite values, NaNs, infinities, place of the first that is not finite, 0)
//          over every rows-th element from r on; the first four are of the finite ones; numbers as their bits
//
//   x  [size]     bits of f32, or u32 where integers is 1
//   y  [rows, 8]  the host joins the rows
//
//   thread      one row
//   grid        [rows] threads; a long row of workgroups is folded into y

const WORKGROUP = 64u;
const LARGEST = 0x1.fffffep+127f;
const NOWHERE = 0xffffffffu;

struct Params { size : u32, rows : u32, integers : u32 }

@group(0) @binding(0) var<uniform>             p : Params;
@group(0) @binding(1) var<storage, read>       x : array<u32>;
@group(0) @binding(2) var<storage, read_write> y : array<u32>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) gid : vec3u, @builtin(num_workgroups) groups : vec3u) {
  let row = gid.y * groups.x * WORKGROUP + gid.x;
  if (row >= p.rows) { return; }
  var least = LARGEST;
  var greatest = -LARGEST;
  var mean = 0.0;
  var finite = 0u;
  var nans = 0u;
  var infinities = 0u;
  var first = NOWHERE;
  for (var i = row; i < p.size; i += p.rows) {
    let bits = x[i];
    // By the bits: an adapter may assume that there is no NaN.
    if (p.integers == 0u && (bits & 0x7f800000u) == 0x7f800000u) {
      if ((bits & 0x007fffffu) != 0u) { nans++; } else { infinities++; }
      first = min(first, i);
      continue;
    }
    let v = select(bitcast<f32>(bits), f32(bits), p.integers == 1u);
    least = select(least, v, v < least);
    greatest = select(greatest, v, v > greatest);
    mean += v / f32(p.size);
    finite++;
  }
  let at = row * 8u;
  y[at] = bitcast<u32>(least);
  y[at + 1u] = bitcast<u32>(greatest);
  y[at + 2u] = bitcast<u32>(mean);
  y[at + 3u] = finite;
  y[at + 4u] = nans;
  y[at + 5u] = infinities;
  y[at + 6u] = first;
  y[at + 7u] = 0u;
}
