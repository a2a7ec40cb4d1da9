// rowNorm — the length of every row: Euclidean, or its largest absolute value.
//
//   y[n] = √Σ_c x[n,c]²       or max_c |x[n,c]| when LARGEST
//
//   x  [N, C]
//   y  [N]
//
//   thread      one row, read twice: squares are taken relative to the largest value, so that a gradient of 1e-30 has
//               a length and one of 1e30 too
//   grid        [N] threads; a long row of workgroups is folded into y

const LARGEST = false;
const CHUNK = 64u;         // terms summed before the sum is added to the others: few roundings
const WORKGROUP = 64u;

struct Params { N : u32, C : u32 }

@group(0) @binding(0) var<uniform>             p : Params;
@group(0) @binding(1) var<storage, read>       x : array<f32>;
@group(0) @binding(2) var<storage, read_write> y : array<f32>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) gid : vec3u, @builtin(num_workgroups) groups : vec3u) {
  let n = gid.y * groups.x * WORKGROUP + gid.x;
  if (n >= p.N) { return; }
  let first = n * p.C;
  let end = first + p.C;
  // As bits, of which those of NaN are the largest.
  var bits = 0u;
  for (var i = first; i < end; i++) { bits = max(bits, bitcast<u32>(x[i]) & 0x7fffffffu); }
  let top = bitcast<f32>(bits);
  if (LARGEST || bits >= 0x7f800000u) {
    y[n] = top;
  } else {
    // Where all are 0 or too small for a division, the sum is 0.
    let scale = select(0.0, 1.0 / top, top > 1.2e-38);
    var sum = 0.0;
    for (var chunk = first; chunk < end; chunk += CHUNK) {
      let last = min(chunk + CHUNK, end);
      var squares = 0.0;
      for (var i = chunk; i < last; i++) {
        let part = x[i] * scale;
        squares += part * part;
      }
      sum += squares;
    }
    y[n] = top * sqrt(sum);
  }
}
