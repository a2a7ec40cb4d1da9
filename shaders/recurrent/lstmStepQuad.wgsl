// lstmStepQuad — lstmStep.wgsl; four neighbouring threads share what they load.
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
//   quad        2 × 2 blocks: every four k, each thread loads half of its rows of hIn and half of its rows of wh,
//               and has the other half from its neighbour beside it, or below
//   workgroup   WORKGROUP / 4 quads, along the units first
//   grid        [quads · 4] threads
//
// hIn is bound as vec4; where H is not a multiple of four it is read element by element.
// Beyond the edge, rows and units repeat the last one and are not stored; beyond H, hIn is zero.

enable subgroups;

const TB = 16u;
const TJ = 2u;
const WORKGROUP = 32u;
const ALIGNED = false;     // H is a multiple of 4
const ROWS = TB / 2u;
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
fn main(
  @builtin(global_invocation_id) gid : vec3u,
  @builtin(num_workgroups) groups : vec3u,
  @builtin(subgroup_invocation_id) lane : u32,
) {
  let across = (p.H + 2u * TJ - 1u) / (2u * TJ);
  let quad = (gid.y * groups.x * WORKGROUP + gid.x) / 4u;
  let side = lane % 2u;                // 0: the left blocks of the quad, 1: the right ones
  let half = lane / 2u % 2u;           // 0: the upper blocks, 1: the lower ones
  let b0 = (quad / across * 2u + half) * TB;
  let j0 = (quad % across * 2u + side) * TJ;
  var row : array<u32, ROWS>;          // where hIn[b0 + 2·i + side] is, which this thread loads
  // @unroll
  for (var i = 0u; i < ROWS; i++) { row[i] = min(b0 + 2u * i + side, p.B - 1u) * p.H; }
  let last = p.H - 1u;
  var sum : array<vec4f, SUMS>;

  for (var k = 0u; k < p.H; k += 4u) {
    var w : array<vec4f, WEIGHTS>;     // w[4·j + l] = wh[k + l, j0 + j]
    // @unroll
    for (var j = 0u; j < TJ; j++) {
      let unit = min(j0 + j, last);
      let here0 = wh[min(k + 2u * half, last) * p.H + unit];
      let here1 = wh[min(k + 2u * half + 1u, last) * p.H + unit];
      let there0 = quadSwapY(here0);
      let there1 = quadSwapY(here1);
      w[4u * j] = select(here0, there0, half == 1u);
      w[4u * j + 1u] = select(here1, there1, half == 1u);
      w[4u * j + 2u] = select(there0, here0, half == 1u);
      w[4u * j + 3u] = select(there1, here1, half == 1u);
    }
    var left : array<vec4f, TB>;       // left[i] = hIn[b0 + i, k .. k + 3]
    // @unroll
    for (var i = 0u; i < ROWS; i++) {
      let here = hAt(row[i], k);
      let there = quadSwapX(here);
      left[2u * i] = select(here, there, side == 1u);
      left[2u * i + 1u] = select(there, here, side == 1u);
    }
    // @unroll
    for (var i = 0u; i < TB; i++) {
      // @unroll
      for (var j = 0u; j < TJ; j++) {
        var s = sum[i * TJ + j];
        s = fma(vec4f(left[i].x), w[4u * j], s);
        s = fma(vec4f(left[i].y), w[4u * j + 1u], s);
        s = fma(vec4f(left[i].z), w[4u * j + 2u], s);
        s = fma(vec4f(left[i].w), w[4u * j + 3u], s);
        sum[i * TJ + j] = s;
      }
    }
  }

  // Not unrolled, to compile faster: only this copy of the sums is indexed at run time and lives in memory.
  var done = sum;
  for (var n = 0u; n < SUMS; n++) { store(b0 + n / TJ, j0 + n % TJ, done[n]); }
}

fn store(b : u32, j : u32, sum : vec4f) {  // as in recurrent/lstmStep.wgsl
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

// Four of a row of hIn from k on; beyond H, zeros.
fn hAt(row : u32, k : u32) -> vec4f {  // as in recurrent/gruStepQuad.wgsl
  if (ALIGNED) { return hIn[(row + k) >> 2u]; }
  let l = k + vec4u(0u, 1u, 2u, 3u);
  let at = row + min(l, vec4u(p.H - 1u));
  return select(vec4f(0.0), vec4f(h1(at.x), h1(at.y), h1(at.z), h1(at.w)), l < vec4u(p.H));
}

fn h1(i : u32) -> f32 { return hIn[i >> 2u][i & 3u]; }  // as in recurrent/gruStep.wgsl
