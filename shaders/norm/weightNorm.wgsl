// weightNorm — every column of v scaled to a given length.
//
//   w[r,o] = g[o] · v[r,o] / norm[o]        norm[o] = √ Σ_s parts[s,o]²
//
//   v      [R, O]
//   g      [O]
//   parts  [S, O]   norms of `length` rows of v each
//   w      [R, O]
//   norm   [O]
//
//   thread      `length` elements of one column, of rows s·length up to (s+1)·length
//   grid        [S·O] threads; a long row of workgroups is folded into y

const WORKGROUP = 64u;

struct Params { R : u32, O : u32, S : u32, length : u32 }

@group(0) @binding(0) var<uniform>             p : Params;
@group(0) @binding(1) var<storage, read>       v : array<f32>;
@group(0) @binding(2) var<storage, read>       g : array<f32>;
@group(0) @binding(3) var<storage, read>       parts : array<f32>;
@group(0) @binding(4) var<storage, read_write> w : array<f32>;
@group(0) @binding(5) var<storage, read_write> norm : array<f32>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) gid : vec3u, @builtin(num_workgroups) groups : vec3u) {
  let i = gid.y * groups.x * WORKGROUP + gid.x;
  if (i >= p.S * p.O) { return; }
  let o = i % p.O;
  let s = i / p.O;
  // Relative to the largest, whose square may be beyond the range of f32.
  var top = 0.0;
  for (var j = 0u; j < p.S; j++) { top = max(top, parts[j * p.O + o]); }    // the sum has a NaN
  let whole = 1.0 / top;
  var sum = 0.0;
  for (var j = 0u; j < p.S; j++) {
    let part = whole * parts[j * p.O + o];
    sum = fma(part, part, sum);
  }
  let size = top * sqrt(sum);
  if (s == 0u) { norm[o] = size; }
  let inverse = 1.0 / size;
  let end = min((s + 1u) * p.length, p.R);
  for (var r = s * p.length; r < end; r++) { w[r * p.O + o] = g[o] * (inverse * v[r * p.O + o]); }
}
