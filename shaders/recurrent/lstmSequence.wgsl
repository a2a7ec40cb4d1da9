// lstmSequence — an LSTM over all time steps in one launch, for at most WORKGROUP units.
//
//   i, f, g, o = σ, σ, tanh, σ of  gates[b,t,j] + Σ_k h[b,t-1,k] · wh[k,j]
//   c[b,t] = f · c[b,t-1] + i · g        h[b,t] = o · tanh(c[b,t])
//
//   wh      [H, H]     vec4: the four gates of a unit, i f g o
//   h0, c0  [B, H]     the state before the first step
//   gates   [B, T, H]  vec4; in: x·wx + bias, out: i f g o
//   y       [B, T, H]  h of every step
//   cells   [B, T, H]  c before every step, for the way back
//   hN, cN  [B, H]     the state after the last step
//
//   thread      one unit of ROWS rows of the batch, through all time
//   workgroup   all units of these rows: h goes from step to step through workgroup memory
//   grid        [B / ROWS] workgroups; a long row of them is folded into y
//
// Beyond the edge, rows and units repeat the last one and are not stored; beyond H, h is zero.

const ROWS = 2u;
const WORKGROUP = 64u;     // a multiple of 4, and at least H
const HALF = ROWS * WORKGROUP;
const BOTH = 2u * HALF;

struct Params { B : u32, T : u32, H : u32 }

@group(0) @binding(0) var<uniform>             p : Params;
@group(0) @binding(1) var<storage, read>       wh : array<vec4f>;
@group(0) @binding(2) var<storage, read>       h0 : array<f32>;
@group(0) @binding(3) var<storage, read>       c0 : array<f32>;
@group(0) @binding(4) var<storage, read_write> gates : array<vec4f>;
@group(0) @binding(5) var<storage, read_write> y : array<f32>;
@group(0) @binding(6) var<storage, read_write> cells : array<f32>;
@group(0) @binding(7) var<storage, read_write> hN : array<f32>;
@group(0) @binding(8) var<storage, read_write> cN : array<f32>;

var<workgroup> h : array<f32, BOTH>;   // before and after a step, changing places every step

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(local_invocation_id) lid : vec3u, @builtin(workgroup_id) wid : vec3u, @builtin(num_workgroups) groups : vec3u) {
  let j = lid.x;
  let unit = min(j, p.H - 1u);
  let b0 = (wid.y * groups.x + wid.x) * ROWS;
  var c : array<f32, ROWS>;
  // @unroll
  for (var i = 0u; i < ROWS; i++) {
    let now = min(b0 + i, p.B - 1u) * p.H + unit;
    h[i * WORKGROUP + j] = select(0.0, h0[now], j < p.H);
    c[i] = c0[now];
  }
  workgroupBarrier();

  for (var t = 0u; t < p.T; t++) {
    let before = (t & 1u) * HALF;
    let after = HALF - before;
    var sum : array<vec4f, ROWS>;
    // @unroll
    for (var i = 0u; i < ROWS; i++) { sum[i] = gates[(min(b0 + i, p.B - 1u) * p.T + t) * p.H + unit]; }
    for (var k = 0u; k < p.H; k += 4u) {
      // @unroll
      for (var l = 0u; l < 4u; l++) {
        let w = wh[min(k + l, p.H - 1u) * p.H + unit];
        // @unroll
        for (var i = 0u; i < ROWS; i++) { sum[i] = fma(vec4f(h[before + i * WORKGROUP + k + l]), w, sum[i]); }
      }
    }
    // @unroll
    for (var i = 0u; i < ROWS; i++) {
      let at = (min(b0 + i, p.B - 1u) * p.T + t) * p.H + unit;
      let gate = activate(sum[i]);
      let old = c[i];
      c[i] = fma(gate.y, old, gate.x * gate.z);
      let out = gate.w * tanhOf(c[i]);
      h[after + i * WORKGROUP + j] = select(0.0, out, j < p.H);
      if (b0 + i < p.B && j < p.H) {
        gates[at] = gate;
        cells[at] = old;
        y[at] = out;
      }
    }
    workgroupBarrier();
  }

  // @unroll
  for (var i = 0u; i < ROWS; i++) {
    let now = (b0 + i) * p.H + j;
    if (b0 + i < p.B && j < p.H) {
      hN[now] = h[(p.T & 1u) * HALF + i * WORKGROUP + j];
      cN[now] = c[i];
    }
  }
}

// σ of i, f, o and tanh of g.
fn activate(v : vec4f) -> vec4f {  // as in recurrent/lstmStep.wgsl
  let s = sigmoidOf(v.xyw);
  return vec4f(s.xy, tanhOf(v.z), s.z);
}

fn sigmoidOf(v : vec3f) -> vec3f { return select(1.0 / (1.0 + exp(-v)), v, isNan(v)); }  // as in elementwise/chain.wgsl

// To 5e-7 of its value, also of the smallest; a NaN is not beyond 7.5 and goes through.
fn tanhOf(v : f32) -> f32 {  // as in elementwise/chain.wgsl
  let s = v * v;
  let upper = fma(s, fma(s, 1.1993428e-5, 0.0030021467), 0.12972917);
  let lower = fma(s, fma(s, fma(s, 2.6429075e-7, 2.4596154e-4), 0.024023622), 0.46306205);
  let value = v * fma(s, upper, 1.0) / fma(s, lower, 1.0);
  let one = bitcast<f32>((bitcast<u32>(v) & 0x80000000u) | 0x3f800000u);
  return select(value, one, s > 56.25);
}

// By its bits: a compiler may take any comparison with a NaN for false or true.
fn isNan(v : vec3f) -> vec3<bool> { return (bitcast<vec3i>(v) & vec3i(0x7fffffff)) > vec3i(0x7f800000); }  // as in elementwise/chain.wgsl
