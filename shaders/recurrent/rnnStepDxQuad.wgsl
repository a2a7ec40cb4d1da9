// rnnStepDxQuad — rnnStepDx.wgsl; four neighbouring threads share what they load.
//
//   dxg[b,t,k] = ( dy[b,t,k] + Σ_n dxg[b,t+1,n] · wh[k,n] ) · (1 - y[b,t,k]²)
//
//   wh   [H, H]
//   y    [B, T, H]
//   dy   [B, T, H]  not read unless DY
//   dhN  [B, H]     not read unless LAST and DHN; when LENGTHS, [B], how many steps of a sequence count, as bits
//   dxg  [B, T, H]  the step after this one is done
//
//   thread      TB rows × TK units: TB·TK sums in registers
//   quad        2 × 2 blocks: each thread loads half of its rows of dxg and half of its units of wh, and has the other
//               half from its neighbour beside it, or below
//   workgroup   WORKGROUP / 4 quads, along the units first
//   grid        [quads · 4] threads
//
// wh is bound as vec4; where H is not a multiple of four it is read element by element.
// Beyond the edge, rows and units repeat the last one and are not stored; beyond H, dxg counts as zero.

enable subgroups;

const TB = 8u;
const TK = 8u;
const WORKGROUP = 32u;
const ALIGNED = false;     // H is a multiple of 4
const LAST = false;        // t = T - 1: nothing comes back from a later step
const DY = true;
const DHN = false;
const LENGTHS = false;     // sequences end before T: dxg is 0 behind the end
const SUMS = TB * TK;

struct Params { B : u32, T : u32, H : u32, t : u32 }

@group(0) @binding(0) var<uniform>             p : Params;
@group(0) @binding(1) var<storage, read>       wh : array<vec4f>;
@group(0) @binding(2) var<storage, read>       y : array<f32>;
@group(0) @binding(3) var<storage, read>       dy : array<f32>;
@group(0) @binding(4) var<storage, read>       dhN : array<f32>;
@group(0) @binding(5) var<storage, read_write> dxg : array<f32>;

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
    for (var i = 0u; i < TB; i++) { row[i] = (min(b0 + i, p.B - 1u) * p.T + p.t + 1u) * p.H; }
    for (var n = 0u; n < p.H; n += 4u) {
      var w : array<vec4f, TK>;
      // @unroll
      for (var h = 0u; h < TK / 2u; h++) {
        let here = whAt(min(k0 + 2u * h + half, p.H - 1u), n);
        let there = quadSwapY(here);
        w[2u * h] = select(here, there, half == 1u);
        w[2u * h + 1u] = select(there, here, half == 1u);
      }
      // @unroll
      for (var i = 0u; i < TB; i++) {
        let at = row[i] + min(n + own, vec2u(p.H - 1u));
        var here = vec2f(dxg[at.x], dxg[at.y]);
        if (!ALIGNED) { here = select(vec2f(0.0), here, n + own < vec2u(p.H)); }
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

fn store(b : u32, k : u32, sum : f32) {  // as in recurrent/rnnStepDx.wgsl
  if (b >= p.B || k >= p.H) { return; }
  let at = (b * p.T + p.t) * p.H + k;
  var dh = sum;
  if (LENGTHS) {
    let end = bitcast<u32>(dhN[b]);
    if (p.t >= end) {
      dxg[at] = 0.0;
      return;
    }
    dh = select(sum, 0.0, p.t + 1u == end);
  }
  if (DY) { dh += dy[at]; }
  if (LAST && DHN) { dh += dhN[b * p.H + k]; }
  dxg[at] = dh * (1.0 - y[at] * y[at]);
}

// wh[k, n .. n + 3]
fn whAt(k : u32, n : u32) -> vec4f {  // as in recurrent/rnnStepDx.wgsl
  let row = k * p.H;
  if (ALIGNED) { return wh[(row + n) >> 2u]; }
  let l = min(n + vec4u(0u, 1u, 2u, 3u), vec4u(p.H - 1u)) + row;
  return vec4f(w1(l.x), w1(l.y), w1(l.z), w1(l.w));
}

fn w1(i : u32) -> f32 { return wh[i >> 2u][i & 3u]; }  // as in recurrent/gruStep.wgsl
