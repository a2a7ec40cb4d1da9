// lstmStepDx — one time step of an LSTM backwards for the whole batch; registers only, no barriers.
//
//   dh = dy[b,t,k] + Σ_n dxg[b,t+1,n] · wh[k,n]        n over the 4H gates of the step done before this one
//   dc = dcIn[b,k] + dh · o · (1 - tanh(c)²)           c = f · cells[b,t,k] + i · g
//   dxg[b,t,k] = (dc·g, dc·cells, dc·i, dh·tanh(c)) · slopes of σ, σ, tanh, σ
//   dcOut = dc · f
//
//   wh     [H, H]     vec4: the four gates of a unit, i f g o; transposed when TURNED
//   cells  [B, T, H]  c before each step
//   dy     [B, T, H]  not read unless DY
//   dhN    [B, H]     not read unless LAST and DHN; when LENGTHS, [B], how many steps of a sequence count, as bits
//   dcN    [B, H]     not read unless LAST and DCN
//   dxg    [B, T, H]  vec4; in: i f g o, out: gradients of their arguments
//   dc0    [B, H]     dcIn and dcOut
//
//   thread      TB rows × TK units: TB·TK sums in registers
//   workgroup   WORKGROUP such blocks, along the units first
//   grid        [blocks] threads
//
// Beyond the edge, rows and units repeat the last one and are not stored.

const TB = 8u;
const TK = 8u;            // a multiple of 4
const WORKGROUP = 32u;
const LAST = false;        // t = T - 1: nothing comes back from a later step
const DY = true;
const DHN = false;
const DCN = false;
const LENGTHS = false;     // sequences end before T: dxg is 0 behind the end, and dc goes on as it is
const TURNED = false;      // wh is transposed, so that neighbours read neighbours; H is a multiple of 4
const SUMS = TB * TK;

struct Params { B : u32, T : u32, H : u32, t : u32 }

@group(0) @binding(0) var<uniform>             p : Params;
@group(0) @binding(1) var<storage, read>       wh : array<vec4f>;
@group(0) @binding(2) var<storage, read>       cells : array<f32>;
@group(0) @binding(3) var<storage, read>       dy : array<f32>;
@group(0) @binding(4) var<storage, read>       dhN : array<f32>;
@group(0) @binding(5) var<storage, read>       dcN : array<f32>;
@group(0) @binding(6) var<storage, read_write> dxg : array<vec4f>;
@group(0) @binding(7) var<storage, read_write> dc0 : array<f32>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) gid : vec3u, @builtin(num_workgroups) groups : vec3u) {
  let across = (p.H + TK - 1u) / TK;
  let tile = gid.y * groups.x * WORKGROUP + gid.x;
  let b0 = (tile / across) * TB;
  let k0 = (tile % across) * TK;
  var sum : array<f32, SUMS>;

  if (!LAST) {
    for (var j = 0u; j < p.H; j++) {
      var d : array<vec4f, TB>;        // d[i] = dxg[b0 + i, t + 1, j]
      // @unroll
      for (var i = 0u; i < TB; i++) { d[i] = dxg[(min(b0 + i, p.B - 1u) * p.T + p.t + 1u) * p.H + j]; }
      // @unroll
      for (var q = 0u; q < TK / 4u; q++) {
        let w = whQuad(k0 + 4u * q, j);
        // @unroll
        for (var l = 0u; l < 4u; l++) {
          // @unroll
          for (var i = 0u; i < TB; i++) {
            let at = i * TK + 4u * q + l;
            let s = fma(d[i].y, w[l].y, fma(d[i].x, w[l].x, sum[at]));
            sum[at] = fma(d[i].w, w[l].w, fma(d[i].z, w[l].z, s));
          }
        }
      }
    }
  }

  // Not unrolled, to compile faster: only this copy of the sums is indexed at run time and lives in memory.
  var done = sum;
  for (var n = 0u; n < SUMS; n++) { store(b0 + n / TK, k0 + n % TK, done[n]); }
}

fn store(b : u32, k : u32, sum : f32) {
  if (b >= p.B || k >= p.H) { return; }
  let now = b * p.H + k;
  let at = (b * p.T + p.t) * p.H + k;
  var dh = sum;
  var dc = 0.0;
  if (!LAST) { dc = dc0[now]; }
  if (LAST && DCN) { dc = dcN[now]; }
  if (LENGTHS) {
    let end = bitcast<u32>(dhN[b]);
    if (p.t >= end) {
      dxg[at] = vec4f(0.0);
      dc0[now] = dc;
      return;
    }
    dh = select(sum, 0.0, p.t + 1u == end);
  }

  let gate = dxg[at];
  let before = cells[at];
  let s = tanhOf(fma(gate.y, before, gate.x * gate.z));
  if (DY) { dh += dy[at]; }
  if (LAST && DHN) { dh += dhN[now]; }
  dc += dh * gate.w * (1.0 - s * s);

  let slope = (1.0 - gate) * select(gate, 1.0 + gate, vec4<bool>(false, false, true, false));
  dxg[at] = vec4f(dc, dc, dc, dh) * (vec4f(gate.z, before, gate.x, s) * slope);
  dc0[now] = dc * gate.y;
}

// wh[k + l, j] for l = 0 .. 3.
fn whQuad(k : u32, j : u32) -> mat4x4f {
  if (TURNED) {
    let i = 4u * j * p.H + min(k, p.H - 4u);
    return transpose(mat4x4f(wh[i / 4u], wh[(i + p.H) / 4u], wh[(i + 2u * p.H) / 4u], wh[(i + 3u * p.H) / 4u]));
  }
  let row = min(k + vec4u(0u, 1u, 2u, 3u), vec4u(p.H - 1u)) * p.H + j;
  return mat4x4f(wh[row.x], wh[row.y], wh[row.z], wh[row.w]);
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
