// weightNormDv — the gradients of weightNorm.
//
//   dg[o]   = Σ_s parts[s,o]
//   dv[r,o] = g[o] / norm[o] · (dw[r,o] − dg[o] · v[r,o] / norm[o])
//
//   v dw dv    [R, O]
//   g norm dg  [O]
//   parts      [S, O]   sums of dw·v / norm over `length` rows each
//
//   thread      `length` elements of one column, of rows s·length up to (s+1)·length
//   grid        [S·O] threads; a long row of workgroups is folded into y

const WORKGROUP = 64u;

struct Params { R : u32, O : u32, S : u32, length : u32 }

@group(0) @binding(0) var<uniform>             p : Params;
@group(0) @binding(1) var<storage, read>       v : array<f32>;
@group(0) @binding(2) var<storage, read>       g : array<f32>;
@group(0) @binding(3) var<storage, read>       norm : array<f32>;
@group(0) @binding(4) var<storage, read>       dw : array<f32>;
@group(0) @binding(5) var<storage, read>       parts : array<f32>;
@group(0) @binding(6) var<storage, read_write> dv : array<f32>;
@group(0) @binding(7) var<storage, read_write> dg : array<f32>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) gid : vec3u, @builtin(num_workgroups) groups : vec3u) {
  let i = gid.y * groups.x * WORKGROUP + gid.x;
  if (i >= p.S * p.O) { return; }
  let o = i % p.O;
  let s = i / p.O;
  var sum = 0.0;
  for (var j = 0u; j < p.S; j++) { sum += parts[j * p.O + o]; }
  let inverse = 1.0 / norm[o];
  if (s == 0u) { dg[o] = sum; }
  let scale = g[o] * inverse;
  let end = min((s + 1u) * p.length, p.R);
  for (var r = s * p.length; r < end; r++) {
    let at = r * p.O + o;
    dv[at] = scale * (dw[at] - sum * (inverse * v[at]));
  }
}
