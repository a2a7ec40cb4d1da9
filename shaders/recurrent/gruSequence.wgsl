// gruSequence — a GRU over all time steps in one launch, for at most WORKGROUP units.
//
//   r, z = σ( gates[b,t] + bh + h[b,t-1]·wh )      a = bh + h[b,t-1]·wh      each in its own columns
//   n    = tanh( gates[b,t] + r · a )
//   h[b,t] = (1 - z) · n + z · h[b,t-1]
//
//   wh     [H, 3, H]     of r, of z, of a
//   bh     [3, H]
//   h0     [B, H]        h before the first step
//   gates  [B, T, 3, H]  in: x·wx + bx, out: r z n
//   y      [B, T, H]     h of every step
//   inner  [B, T, H]     a, for the way back
//   hN     [B, H]        h after the last step
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
@group(0) @binding(1) var<storage, read>       wh : array<f32>;
@group(0) @binding(2) var<storage, read>       bh : array<f32>;
@group(0) @binding(3) var<storage, read>       h0 : array<f32>;
@group(0) @binding(4) var<storage, read_write> gates : array<f32>;
@group(0) @binding(5) var<storage, read_write> y : array<f32>;
@group(0) @binding(6) var<storage, read_write> inner : array<f32>;
@group(0) @binding(7) var<storage, read_write> hN : array<f32>;

var<workgroup> h : array<f32, BOTH>;   // before and after a step, changing places every step

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(local_invocation_id) lid : vec3u, @builtin(workgroup_id) wid : vec3u, @builtin(num_workgroups) groups : vec3u) {
  let j = lid.x;
  let unit = min(j, p.H - 1u);
  let b0 = (wid.y * groups.x + wid.x) * ROWS;
  let bias = vec3f(bh[unit], bh[p.H + unit], bh[2u * p.H + unit]);
  // @unroll
  for (var i = 0u; i < ROWS; i++) {
    h[i * WORKGROUP + j] = select(0.0, h0[min(b0 + i, p.B - 1u) * p.H + unit], j < p.H);
  }
  workgroupBarrier();

  for (var t = 0u; t < p.T; t++) {
    let before = (t & 1u) * HALF;
    let after = HALF - before;
    var a : array<vec3f, ROWS>;
    // @unroll
    for (var i = 0u; i < ROWS; i++) { a[i] = bias; }
    for (var k = 0u; k < p.H; k += 4u) {
      // @unroll
      for (var l = 0u; l < 4u; l++) {
        let row = 3u * min(k + l, p.H - 1u) * p.H + unit;
        let w = vec3f(wh[row], wh[row + p.H], wh[row + 2u * p.H]);
        // @unroll
        for (var i = 0u; i < ROWS; i++) { a[i] = fma(vec3f(h[before + i * WORKGROUP + k + l]), w, a[i]); }
      }
    }
    // @unroll
    for (var i = 0u; i < ROWS; i++) {
      let at = (min(b0 + i, p.B - 1u) * p.T + t) * p.H + unit;
      let first = 3u * (at - unit) + unit;
      let rz = sigmoidOf(vec2f(gates[first], gates[first + p.H]) + a[i].xy);
      let n = tanhOf(fma(rz.x, a[i].z, gates[first + 2u * p.H]));
      let out = fma(rz.y, h[before + i * WORKGROUP + j] - n, n);
      h[after + i * WORKGROUP + j] = select(0.0, out, j < p.H);
      if (b0 + i < p.B && j < p.H) {
        gates[first] = rz.x;
        gates[first + p.H] = rz.y;
        gates[first + 2u * p.H] = n;
        inner[at] = a[i].z;
        y[at] = out;
      }
    }
    workgroupBarrier();
  }

  // @unroll
  for (var i = 0u; i < ROWS; i++) {
    if (b0 + i < p.B && j < p.H) { hN[(b0 + i) * p.H + j] = h[(p.T & 1u) * HALF + i * WORKGROUP + j]; }
  }
}

fn sigmoidOf(v : vec2f) -> vec2f { return select(1.0 / (1.0 + exp(-v)), v, isNan(v)); }  // as in elementwise/chain.wgsl

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
fn isNan(v : vec2f) -> vec2<bool> { return (bitcast<vec2i>(v) & vec2i(0x7fffffff)) > vec2i(0x7f800000); }  // as in elementwise/chain.wgsl
