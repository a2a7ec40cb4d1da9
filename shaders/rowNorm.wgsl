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
  var top = 0.0;
  var nan = 0.0;
  for (var i = first; i < end; i++) {
    top = max(top, abs(x[i]));
    nan = select(nan, x[i], isNan(x[i]));
  }
  if (LARGEST) {
    y[n] = top + nan;
  } else {
    // Where all are 0 or too small for a division, the sum is 0.
    let scale = select(0.0, 1.0 / top, top > 1.2e-38);
    var sum = 0.0;
    for (var i = first; i < end; i++) {
      let part = x[i] * scale;
      sum += part * part;
    }
    y[n] = top * sqrt(sum);
  }
}

// By its bits: a compiler may take any comparison with a NaN for false or true.
fn isNan(v : f32) -> bool { return (bitcast<i32>(v) & 0x7fffffff) > 0x7f800000; }
