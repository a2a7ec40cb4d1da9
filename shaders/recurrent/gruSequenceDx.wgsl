// gruSequenceDx — a GRU backwards through all time steps in one launch, for at most WORKGROUP units.
//
//   dh = dy[b,t,k] + kept + Σ_m dhg[b,t+1,m] · wh[k,m]           m over the 3H columns
//   dn = dh · (1 - z) · (1 - n²)      dr = dn · inner · r · (1 - r)      dz = dh · (y - n) · (1 - z)
//   dxg = dr, dz, dn                  dhg = dr, dz, dn · r               kept = dh · z
//
//   whT    [3, H, H]     wh transposed, so that neighbours read neighbours
//   inner  [B, T, H]     what r is multiplied with
//   y      [B, T, H]     y - n is z · (hBefore - n)
//   dy     [B, T, H]     not read unless DY
//   dhN    [B, H]        not read unless DHN; when LENGTHS, [B], how many steps of a sequence count, as bits
//   dxg    [B, T, 3, H]  in: r z n, out: gradients of x's part of the gates
//   dhg    [B, T, 3, H]  gradients of h's part of the gates
//   kept   [B, H]        what of dh goes straight on to h0
//
//   thread      one unit of ROWS rows of the batch, through all time
//   workgroup   all units of these rows: dhg goes from step to step through workgroup memory
//   grid        [B / ROWS] workgroups; a long row of them is folded into y
//
// Beyond the edge, rows and units repeat the last one and are not stored.

const ROWS = 2u;
const WORKGROUP = 64u;     // at least H
const DY = true;
const DHN = false;
const LENGTHS = false;     // sequences end before T: all gradients are 0 behind the end
const TILE = ROWS * WORKGROUP;

struct Params { B : u32, T : u32, H : u32 }

@group(0) @binding(0) var<uniform>             p : Params;
@group(0) @binding(1) var<storage, read>       whT : array<f32>;
@group(0) @binding(2) var<storage, read>       inner : array<f32>;
@group(0) @binding(3) var<storage, read>       y : array<f32>;
@group(0) @binding(4) var<storage, read>       dy : array<f32>;
@group(0) @binding(5) var<storage, read>       dhN : array<f32>;
@group(0) @binding(6) var<storage, read_write> dxg : array<f32>;
@group(0) @binding(7) var<storage, read_write> dhg : array<f32>;
@group(0) @binding(8) var<storage, read_write> kept : array<f32>;

var<workgroup> d : array<vec4f, TILE>;     // dhg of one step, a unit's three gates in one

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(local_invocation_id) lid : vec3u, @builtin(workgroup_id) wid : vec3u, @builtin(num_workgroups) groups : vec3u) {
  let k = lid.x;
  let unit = min(k, p.H - 1u);
  let b0 = (wid.y * groups.x + wid.x) * ROWS;
  var dh : array<f32, ROWS>;
  // @unroll
  for (var i = 0u; i < ROWS; i++) {
    if (DHN) { dh[i] = dhN[min(b0 + i, p.B - 1u) * p.H + unit]; }
  }

  for (var s = 1u; s <= p.T; s++) {
    // @unroll
    for (var i = 0u; i < ROWS; i++) {
      let b = min(b0 + i, p.B - 1u);
      let at = (b * p.T + p.T - s) * p.H + unit;
      let first = 3u * (at - unit) + unit;
      let r = dxg[first];
      let z = dxg[first + p.H];
      let n = dxg[first + 2u * p.H];
      var end = p.T;
      if (LENGTHS) {
        end = bitcast<u32>(dhN[b]);
        dh[i] = select(dh[i], 0.0, p.T - s + 1u >= end);
      }
      if (DY) { dh[i] += dy[at]; }
      let dn = dh[i] * (1.0 - z) * (1.0 - n * n);
      let dr = dn * (inner[at] * (r * (1.0 - r)));
      let dz = dh[i] * (y[at] - n) * (1.0 - z);
      let da = select(vec4f(dr, dz, dn * r, dn), vec4f(0.0), p.T - s >= end);
      dh[i] = select(dh[i] * z, 0.0, p.T - s >= end);
      d[i * WORKGROUP + k] = da;
      if (b0 + i < p.B && k < p.H) {
        dxg[first] = da.x;
        dxg[first + p.H] = da.y;
        dxg[first + 2u * p.H] = da.w;
        dhg[first] = da.x;
        dhg[first + p.H] = da.y;
        dhg[first + 2u * p.H] = da.z;
        kept[(b0 + i) * p.H + k] = dh[i];
      }
    }
    workgroupBarrier();
    for (var j = 0u; j < p.H; j++) {
      let w = vec3f(whT[j * p.H + unit], whT[(p.H + j) * p.H + unit], whT[(2u * p.H + j) * p.H + unit]);
      // @unroll
      for (var i = 0u; i < ROWS; i++) {
        let v = d[i * WORKGROUP + j];
        dh[i] = fma(v.z, w.z, fma(v.y, w.y, fma(v.x, w.x, dh[i])));
      }
    }
    workgroupBarrier();
  }
}
