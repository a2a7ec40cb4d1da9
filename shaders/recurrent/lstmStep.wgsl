// lstmStep — one time step of an LSTM for the whole batch; registers only, no barriers.
//
//   i, f, g, o = σ, σ, tanh, σ of  gates[b,t,j] + Σ_k hIn[b,k] · wh[k,j]
//   cOut = f · cIn + i · g        hOut = o · tanh(cOut)
//
//   wh     [H, H]     vec4: the four gates of a unit, i f g o
//   hIn    [B, H]     h before this step
//   cIn    [B, H]     c before this step
//   gates  [B, T, H]  vec4; in: x·wx + bias, out: i f g o
//   y      [B, T, H]  hOut, for the layer above
//   cells  [B, T, H]  cIn, for the way back
//   hOut   [B, H]
//   cOut   [B, H]
//
//   thread      TB rows × TJ units: TB·TJ vec4 sums in registers
//   workgroup   WORKGROUP such blocks, along the units first
//   grid        [blocks] threads
//
// Beyond the edge, rows and units repeat the last one and are not stored; beyond H, hIn is zero.

const TB = 8u;
const TJ = 2u;
const WORKGROUP = 32u;
const ALIGNED = false;     // H is a multiple of 4
const SUMS = TB * TJ;
const WEIGHTS = 4u * TJ;

struct Params { B : u32, T : u32, H : u32, t : u32 }

@group(0) @binding(0) var<uniform>             p : Params;
@group(0) @binding(1) var<storage, read>       wh : array<vec4f>;
@group(0) @binding(2) var<storage, read>       hIn : array<vec4f>;
@group(0) @binding(3) var<storage, read>       cIn : array<f32>;
@group(0) @binding(4) var<storage, read_write> gates : array<vec4f>;
@group(0) @binding(5) var<storage, read_write> y : array<f32>;
@group(0) @binding(6) var<storage, read_write> cells : array<f32>;
@group(0) @binding(7) var<storage, read_write> hOut : array<f32>;
@group(0) @binding(8) var<storage, read_write> cOut : array<f32>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) gid : vec3u, @builtin(num_workgroups) groups : vec3u) {
  let across = (p.H + TJ - 1u) / TJ;
  let tile = gid.y * groups.x * WORKGROUP + gid.x;
  let b0 = (tile / across) * TB;
  let j0 = (tile % across) * TJ;
  var sum : array<vec4f, SUMS>;

  for (var k = 0u; k < p.H; k += 4u) {
    var h : array<vec4f, TB>;          // h[i] = hIn[b0 + i, k .. k + 3]
    var w : array<vec4f, WEIGHTS>;     // w[4·j + l] = wh[k + l, j0 + j]
    // @unroll
    for (var i = 0u; i < TB; i++) { h[i] = hAt(min(b0 + i, p.B - 1u), k); }
    // @unroll
    for (var j = 0u; j < TJ; j++) {
      let unit = min(j0 + j, p.H - 1u);
      w[4u * j] = wh[k * p.H + unit];
      w[4u * j + 1u] = wh[inside(k + 1u) * p.H + unit];
      w[4u * j + 2u] = wh[inside(k + 2u) * p.H + unit];
      w[4u * j + 3u] = wh[inside(k + 3u) * p.H + unit];
    }
    // @unroll
    for (var i = 0u; i < TB; i++) {
      // @unroll
      for (var j = 0u; j < TJ; j++) {
        var s = sum[i * TJ + j];
        s = fma(vec4f(h[i].x), w[4u * j], s);
        s = fma(vec4f(h[i].y), w[4u * j + 1u], s);
        s = fma(vec4f(h[i].z), w[4u * j + 2u], s);
        s = fma(vec4f(h[i].w), w[4u * j + 3u], s);
        sum[i * TJ + j] = s;
      }
    }
  }

  // Not unrolled, to compile faster: only this copy of the sums is indexed at run time and lives in memory.
  var done = sum;
  for (var n = 0u; n < SUMS; n++) { store(b0 + n / TJ, j0 + n % TJ, done[n]); }
}

fn store(b : u32, j : u32, sum : vec4f) {
  if (b >= p.B || j >= p.H) { return; }
  let now = b * p.H + j;
  let at = (b * p.T + p.t) * p.H + j;
  let before = cIn[now];
  let gate = activate(gates[at] + sum);
  let c = fma(gate.y, before, gate.x * gate.z);
  let h = gate.w * tanhOf(c);
  gates[at] = gate;
  y[at] = h;
  cells[at] = before;
  hOut[now] = h;
  cOut[now] = c;
}

// σ of i, f, o and tanh of g.
fn activate(v : vec4f) -> vec4f {
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

fn inside(k : u32) -> u32 {
  if (ALIGNED) { return k; }
  return min(k, p.H - 1u);
}

// hIn[b, k .. k + 3]; zero beyond H.
fn hAt(b : u32, k : u32) -> vec4f {  // as in recurrent/gruStep.wgsl
  let row = b * p.H;
  if (ALIGNED) { return hIn[(row + k) >> 2u]; }
  let l = min(k + vec4u(0u, 1u, 2u, 3u), vec4u(p.H - 1u)) + row;
  let v = vec4f(h1(l.x), h1(l.y), h1(l.z), h1(l.w));
  return select(vec4f(0.0), v, k + vec4u(0u, 1u, 2u, 3u) < vec4u(p.H));
}

fn h1(i : u32) -> f32 { return hIn[i >> 2u][i & 3u]; }  // as in recurrent/gruStep.wgsl
