// layerNormDscale — the gradients of layerNorm's scale and shift, in S parts.
//
//   scales[s,c] = Σ_n dy[n,c] · ((x[n,c] − start) − away) · inverse[n]        (start, away) = mean[n]
//   shifts[s,c] = Σ_n dy[n,c]        n from s·length up to (s+1)·length, at most N
//
//   x dy           [N, C]
//   mean           [N, 2]
//   inverse        [N]
//   scales shifts  [S, C]
//
//   thread      one element of both results
//   grid        [S·C] threads; a long row of workgroups is folded into y

const CHUNK = 128u;        // rows summed before the sum is added to that of the part: few roundings
const WORKGROUP = 64u;

struct Params { N : u32, C : u32, S : u32, length : u32 }

@group(0) @binding(0) var<uniform>             p : Params;
@group(0) @binding(1) var<storage, read>       x : array<f32>;
@group(0) @binding(2) var<storage, read>       mean : array<vec2f>;
@group(0) @binding(3) var<storage, read>       inverse : array<f32>;
@group(0) @binding(4) var<storage, read>       dy : array<f32>;
@group(0) @binding(5) var<storage, read_write> scales : array<f32>;
@group(0) @binding(6) var<storage, read_write> shifts : array<f32>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) gid : vec3u, @builtin(num_workgroups) groups : vec3u) {
  let i = gid.y * groups.x * WORKGROUP + gid.x;
  if (i >= p.S * p.C) { return; }
  let c = i % p.C;
  let s = i / p.C;
  let end = min((s + 1u) * p.length, p.N);
  var scale = 0.0;
  var shift = 0.0;
  for (var chunk = s * p.length; chunk < end; chunk += CHUNK) {
    var chunkScale = 0.0;
    var chunkShift = 0.0;
    let last = min(chunk + CHUNK, end);
    for (var n = chunk; n < last; n++) {
      let slope = dy[n * p.C + c];
      let middle = mean[n];
      chunkScale = fma(slope, ((x[n * p.C + c] - middle.x) - middle.y) * inverse[n], chunkScale);
      chunkShift += slope;
    }
    scale += chunkScale;
    shift += chunkShift;
  }
  scales[i] = scale;
  shifts[i] = shift;
}
