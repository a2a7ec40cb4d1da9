// rnnSequenceDx — a tanh RNN backwards through all time steps in one launch, for at most WORKGROUP units.
//
//   dxg[b,t,k] = ( dy[b,t,k] + Σ_n dxg[b,t+1,n] · wh[k,n] ) · (1 - y[b,t,k]²)
//
//   whT  [H, H]     wh transposed, so that neighbours read neighbours
//   y    [B, T, H]
//   dy   [B, T, H]  not read unless DY
//   dhN  [B, H]     not read unless DHN; when LENGTHS, [B], how many steps of a sequence count, as bits
//   dxg  [B, T, H]
//
//   thread      one unit of ROWS rows of the batch, through all time
//   workgroup   all units of these rows: dxg goes from step to step through workgroup memory
//   grid        [B / ROWS] workgroups; a long row of them is folded into y
//
// Beyond the edge, rows and units repeat the last one and are not stored.

const ROWS = 2u;
const WORKGROUP = 64u;     // at least H
const DY = true;
const DHN = false;
const LENGTHS = false;     // sequences end before T: dxg is 0 behind the end
const TILE = ROWS * WORKGROUP;

struct Params { B : u32, T : u32, H : u32 }

@group(0) @binding(0) var<uniform>             p : Params;
@group(0) @binding(1) var<storage, read>       whT : array<f32>;
@group(0) @binding(2) var<storage, read>       y : array<f32>;
@group(0) @binding(3) var<storage, read>       dy : array<f32>;
@group(0) @binding(4) var<storage, read>       dhN : array<f32>;
@group(0) @binding(5) var<storage, read_write> dxg : array<f32>;

var<workgroup> d : array<f32, TILE>;       // dxg of one step

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
      var end = p.T;
      if (LENGTHS) {
        end = bitcast<u32>(dhN[b]);
        dh[i] = select(dh[i], 0.0, p.T - s + 1u >= end);
      }
      if (DY) { dh[i] += dy[at]; }
      let da = select(dh[i] * (1.0 - y[at] * y[at]), 0.0, p.T - s >= end);
      d[i * WORKGROUP + k] = da;
      if (b0 + i < p.B && k < p.H) { dxg[at] = da; }
    }
    workgroupBarrier();
    // @unroll
    for (var i = 0u; i < ROWS; i++) { dh[i] = 0.0; }
    for (var n = 0u; n < p.H; n++) {
      let w = whT[n * p.H + unit];
      // @unroll
      for (var i = 0u; i < ROWS; i++) { dh[i] = fma(d[i * WORKGROUP + n], w, dh[i]); }
    }
    workgroupBarrier();
  }
}
