// gruStepDxQuad — gruStepDx.wgsl; four neighbouring threads share what they load.
//
//   dh = dy[b,t,k] + kept + Σ_m dhg[b,t+1,m] · wh[k,m]           m over the 3H columns
//   dn = dh · (1 - z) · (1 - n²)      dr = dn · inner · r · (1 - r)      dz = dh · (y - n) · (1 - z)
//   dxg = dr, dz, dn                  dhg = dr, dz, dn · r               kept = dh · z
//
//   wh     [H, 3, H]     of r, of z, of inner
//   inner  [B, T, H]     what r is multiplied with
//   y      [B, T, H]     y - n is z · (hBefore - n)
//   dy     [B, T, H]     not read unless DY
//   dhN    [B, H]        not read unless LAST and DHN; when LENGTHS, [B], how many steps of a sequence count, as bits
//   dxg    [B, T, 3, H]  in: r z n, out: gradients of x's part of the gates
//   dhg    [B, T, 3, H]  gradients of h's part of the gates
//   kept   [B, H]        what of dh goes straight on to the step before
//
//   thread      TB rows × TK units: TB·TK sums in registers
//   quad        2 × 2 blocks: each thread loads half of its rows of dhg and half of its units of wh, and has the other
//               half from its neighbour beside it, or below
//   workgroup   WORKGROUP / 4 quads, along the units first
//   grid        [quads · 4] threads
//
// wh is bound as vec4; where H is not a multiple of four it is read element by element.
// Beyond the edge, rows and units repeat the last one and are not stored; beyond 3H, dhg counts as zero.

enable subgroups;

const TB = 8u;
const TK = 8u;
const WORKGROUP = 32u;
const ALIGNED = false;     // H is a multiple of 4
const LAST = false;        // t = T - 1: nothing comes back from a later step
const DY = true;
const DHN = false;
const LENGTHS = false;     // sequences end before T: all gradients are 0 behind the end
const SUMS = TB * TK;

struct Params { B : u32, T : u32, H : u32, t : u32 }

@group(0) @binding(0) var<uniform>             p : Params;
@group(0) @binding(1) var<storage, read>       wh : array<vec4f>;
@group(0) @binding(2) var<storage, read>       inner : array<f32>;
@group(0) @binding(3) var<storage, read>       y : array<f32>;
@group(0) @binding(4) var<storage, read>       dy : array<f32>;
@group(0) @binding(5) var<storage, read>       dhN : array<f32>;
@group(0) @binding(6) var<storage, read_write> dxg : array<f32>;
@group(0) @binding(7) var<storage, read_write> dhg : array<f32>;
@group(0) @binding(8) var<storage, read_write> kept : array<f32>;

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(global_invocation_id) gid : vec3u,
  @builtin(num_workgroups) groups : vec3u,
  @builtin(subgroup_invocation_id) lane : u32,
) {
  let across = (p.H + 2u * TK - 1u) / (2u * TK);
  let quad = (gid.y * groups.x * WORKGROUP + gid.x) / 4u;
  let side = lane % 2u;                // 0: the left blocks of the quad, 1: the right ones
  let half = lane / 2u % 2u;           // 0: the upper blocks, 1: the lower ones
  let b0 = (quad / across * 2u + half) * TB;
  let k0 = (quad % across * 2u + side) * TK;
  var sum : array<f32, SUMS>;

  if (!LAST) {
    let own = 2u * side + vec2u(0u, 1u);         // the columns that this thread loads, of every four
    var row : array<u32, TB>;
    // @unroll
    for (var i = 0u; i < TB; i++) { row[i] = (min(b0 + i, p.B - 1u) * p.T + p.t + 1u) * 3u * p.H; }
    for (var m = 0u; m < 3u * p.H; m += 4u) {
      var w : array<vec4f, TK>;
      // @unroll
      for (var h = 0u; h < TK / 2u; h++) {
        let here = whAt(min(k0 + 2u * h + half, p.H - 1u), m);
        let there = quadSwapY(here);
        w[2u * h] = select(here, there, half == 1u);
        w[2u * h + 1u] = select(there, here, half == 1u);
      }
      // @unroll
      for (var i = 0u; i < TB; i++) {
        let at = row[i] + min(m + own, vec2u(3u * p.H - 1u));
        var here = vec2f(dhg[at.x], dhg[at.y]);
        if (!ALIGNED) { here = select(vec2f(0.0), here, m + own < vec2u(3u * p.H)); }
        let there = quadSwapX(here);
        let low = select(here, there, side == 1u);
        let high = select(there, here, side == 1u);
        // @unroll
        for (var k = 0u; k < TK; k++) {
          let s = fma(low.y, w[k].y, fma(low.x, w[k].x, sum[i * TK + k]));
          sum[i * TK + k] = fma(high.y, w[k].w, fma(high.x, w[k].z, s));
        }
      }
    }
  }

  // Not unrolled, to compile faster: only this copy of the sums is indexed at run time and lives in memory.
  var done = sum;
  for (var n = 0u; n < SUMS; n++) { store(b0 + n / TK, k0 + n % TK, done[n]); }
}

fn store(b : u32, k : u32, sum : f32) {  // as in recurrent/gruStepDx.wgsl
  if (b >= p.B || k >= p.H) { return; }
  let now = b * p.H + k;
  let at = (b * p.T + p.t) * p.H + k;
  let first = 3u * (at - k) + k;
  var dh = sum;
  if (LENGTHS) {
    let end = bitcast<u32>(dhN[b]);
    if (p.t >= end) {
      put(first, vec4f(0.0));
      kept[now] = 0.0;
      return;
    }
    dh = select(sum, 0.0, p.t + 1u == end);
  }

  let r = dxg[first];
  let z = dxg[first + p.H];
  let n = dxg[first + 2u * p.H];
  if (DY) { dh += dy[at]; }
  if (LAST && DHN) { dh += dhN[now]; }
  if (!LAST) { dh += kept[now]; }
  let dn = dh * (1.0 - z) * (1.0 - n * n);
  let dr = dn * (inner[at] * (r * (1.0 - r)));
  let dz = dh * (y[at] - n) * (1.0 - z);
  put(first, vec4f(dr, dz, dn, dn * r));
  kept[now] = dh * z;
}

// Of r, of z, of n, and of what r is multiplied with.
fn put(first : u32, d : vec4f) {  // as in recurrent/gruStepDx.wgsl
  dxg[first] = d.x;
  dxg[first + p.H] = d.y;
  dxg[first + 2u * p.H] = d.z;
  dhg[first] = d.x;
  dhg[first + p.H] = d.y;
  dhg[first + 2u * p.H] = d.w;
}

// wh[k, m .. m + 3]
fn whAt(k : u32, m : u32) -> vec4f {  // as in recurrent/gruStepDx.wgsl
  let row = k * 3u * p.H;
  if (ALIGNED) { return wh[(row + m) >> 2u]; }
  let l = min(m + vec4u(0u, 1u, 2u, 3u), vec4u(3u * p.H - 1u)) + row;
  return vec4f(w1(l.x), w1(l.y), w1(l.z), w1(l.w));
}

fn w1(i : u32) -> f32 { return wh[i >> 2u][i & 3u]; }  // as in recurrent/gruStep.wgsl
