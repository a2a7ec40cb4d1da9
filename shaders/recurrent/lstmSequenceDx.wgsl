// lstmSequenceDx — an LSTM backwards through all time steps in one launch, for at most WORKGROUP units.
//
//   dh = dy[b,t,k] + Σ_n dxg[b,t+1,n] · wh[k,n]        n over the 4H gates of the step done before this one
//   dc = dcAfter + dh · o · (1 - tanh(c)²)             c = f · cells[b,t,k] + i · g
//   dxg[b,t,k] = (dc·g, dc·cells, dc·i, dh·tanh(c)) · slopes of σ, σ, tanh, σ
//   dcBefore = dc · f
//
//   whT    [4H, H]    wh transposed, so that neighbours read neighbours
//   cells  [B, T, H]  c before each step
//   dy     [B, T, H]  not read unless DY
//   dhN    [B, H]     not read unless DHN; when LENGTHS, [B], how many steps of a sequence count, as bits
//   dcN    [B, H]     not read unless DCN
//   dxg    [B, T, H]  vec4; in: i f g o, out: gradients of their arguments
//   dc0    [B, H]
//
//   thread      one unit of ROWS rows of the batch, through all time
//   workgroup   all units of these rows: gradients of the gates go from step to step through workgroup memory
//   grid        [B / ROWS] workgroups; a long row of them is folded into y
//
// Beyond the edge, rows and units repeat the last one and are not stored.

const ROWS = 2u;
const WORKGROUP = 64u;     // at least H
const DY = true;
const DHN = false;
const DCN = false;
const LENGTHS = false;     // sequences end before T: dxg is 0 behind the end, and dc goes on as it is
const TILE = ROWS * WORKGROUP;

struct Params { B : u32, T : u32, H : u32 }

@group(0) @binding(0) var<uniform>             p : Params;
@group(0) @binding(1) var<storage, read>       whT : array<f32>;
@group(0) @binding(2) var<storage, read>       cells : array<f32>;
@group(0) @binding(3) var<storage, read>       dy : array<f32>;
@group(0) @binding(4) var<storage, read>       dhN : array<f32>;
@group(0) @binding(5) var<storage, read>       dcN : array<f32>;
@group(0) @binding(6) var<storage, read_write> dxg : array<vec4f>;
@group(0) @binding(7) var<storage, read_write> dc0 : array<f32>;

var<workgroup> d : array<vec4f, TILE>;     // dxg of one step

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(local_invocation_id) lid : vec3u, @builtin(workgroup_id) wid : vec3u, @builtin(num_workgroups) groups : vec3u) {
  let k = lid.x;
  let unit = min(k, p.H - 1u);
  let b0 = (wid.y * groups.x + wid.x) * ROWS;
  var dh : array<f32, ROWS>;
  var dc : array<f32, ROWS>;
  // @unroll
  for (var i = 0u; i < ROWS; i++) {
    let now = min(b0 + i, p.B - 1u) * p.H + unit;
    if (DHN) { dh[i] = dhN[now]; }
    if (DCN) { dc[i] = dcN[now]; }
  }

  for (var s = 1u; s <= p.T; s++) {
    let t = p.T - s;
    // @unroll
    for (var i = 0u; i < ROWS; i++) {
      let b = min(b0 + i, p.B - 1u);
      let at = (b * p.T + t) * p.H + unit;
      let gate = dxg[at];
      let before = cells[at];
      let tanhC = tanhOf(fma(gate.y, before, gate.x * gate.z));
      var end = p.T;
      if (LENGTHS) {
        end = bitcast<u32>(dhN[b]);
        dh[i] = select(dh[i], 0.0, t + 1u >= end);
      }
      if (DY) { dh[i] += dy[at]; }
      let dcNow = fma(dh[i] * gate.w, 1.0 - tanhC * tanhC, dc[i]);
      let slope = (1.0 - gate) * select(gate, 1.0 + gate, vec4<bool>(false, false, true, false));
      let change = vec4f(dcNow, dcNow, dcNow, dh[i]) * (vec4f(gate.z, before, gate.x, tanhC) * slope);
      let da = select(change, vec4f(0.0), t >= end);
      dc[i] = select(dcNow * gate.y, dc[i], t >= end);
      d[i * WORKGROUP + k] = da;
      if (b0 + i < p.B && k < p.H) { dxg[at] = da; }
    }
    workgroupBarrier();
    // @unroll
    for (var i = 0u; i < ROWS; i++) { dh[i] = 0.0; }
    for (var j = 0u; j < p.H; j++) {
      let at = 4u * j * p.H + unit;
      let w = vec4f(whT[at], whT[at + p.H], whT[at + 2u * p.H], whT[at + 3u * p.H]);
      // @unroll
      for (var i = 0u; i < ROWS; i++) {
        let v = d[i * WORKGROUP + j];
        dh[i] = fma(v.w, w.w, fma(v.z, w.z, fma(v.y, w.y, fma(v.x, w.x, dh[i]))));
      }
    }
    workgroupBarrier();
  }

  // @unroll
  for (var i = 0u; i < ROWS; i++) {
    if (b0 + i < p.B && k < p.H) { dc0[(b0 + i) * p.H + k] = dc[i]; }
  }
}

// To 5e-7 of its value, also of the smallest; a NaN is not beyond 7.5 and goes through.
fn tanhOf(v : f32) -> f32 {  // as in elementwise/chain.wgsl
  let s = v * v;
  let upper = fma(s, fma(s, 1.1993428e-5, 0.0030021467), 0.12972917);
  let lower = fma(s, fma(s, fma(s, 2.6429075e-7, 2.4596154e-4), 0.024023622), 0.46306205);
  let value = v * fma(s, upper, 1.0) / fma(s, lower, 1.0);
  let one = bitcast<f32>((bitcast<u32>(v) & 0x80000000u) | 0x3f800000u);
  return select(value, one, s > 56.25);
}
