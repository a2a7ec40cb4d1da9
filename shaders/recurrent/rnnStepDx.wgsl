// rnnStepDx — one time step of a tanh RNN backwards for the whole batch; registers only, no barriers.
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
//   workgroup   WORKGROUP such blocks, along the units first
//   grid        [blocks] threads
//
// wh is bound as vec4; where H is not a multiple of four it is read element by element, as dxg always is.
// Beyond the edge, rows and units repeat the last one and are not stored; beyond H, dxg counts as zero.

const TB = 8u;
const TK = 8u;            // a multiple of 4
const WORKGROUP = 32u;
const ALIGNED = false;     // H is a multiple of 4
const LAST = false;        // t = T - 1: nothing comes back from a later step
const DY = true;
const DHN = false;
const LENGTHS = false;     // sequences end before T: dxg is 0 behind the end
const TURNED = false;      // wh is transposed, so that neighbours read neighbours; H is a multiple of 4
const SUMS = TB * TK;

struct Params { B : u32, T : u32, H : u32, t : u32 }

@group(0) @binding(0) var<uniform>             p : Params;
@group(0) @binding(1) var<storage, read>       wh : array<vec4f>;
@group(0) @binding(2) var<storage, read>       y : array<f32>;
@group(0) @binding(3) var<storage, read>       dy : array<f32>;
@group(0) @binding(4) var<storage, read>       dhN : array<f32>;
@group(0) @binding(5) var<storage, read_write> dxg : array<f32>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) gid : vec3u, @builtin(num_workgroups) groups : vec3u) {
  let across = (p.H + TK - 1u) / TK;
  let tile = gid.y * groups.x * WORKGROUP + gid.x;
  let b0 = (tile / across) * TB;
  let k0 = (tile % across) * TK;
  var sum : array<f32, SUMS>;

  if (!LAST) {
    for (var n = 0u; n < p.H; n += 4u) {
      var d : array<vec4f, TB>;        // d[i] = dxg[b0 + i, t + 1, n .. n + 3]
      // @unroll
      for (var i = 0u; i < TB; i++) { d[i] = dAt(min(b0 + i, p.B - 1u), n); }
      // @unroll
      for (var q = 0u; q < TK / 4u; q++) {
        let w = whQuad(k0 + 4u * q, n);
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

// dxg[b, t + 1, n .. n + 3]; zero beyond H.
fn dAt(b : u32, n : u32) -> vec4f {
  let row = (b * p.T + p.t + 1u) * p.H;
  if (ALIGNED) { return vec4f(dxg[row + n], dxg[row + n + 1u], dxg[row + n + 2u], dxg[row + n + 3u]); }
  let l = min(n + vec4u(0u, 1u, 2u, 3u), vec4u(p.H - 1u)) + row;
  let v = vec4f(dxg[l.x], dxg[l.y], dxg[l.z], dxg[l.w]);
  return select(vec4f(0.0), v, n + vec4u(0u, 1u, 2u, 3u) < vec4u(p.H));
}

// wh[k + l, n .. n + 3] for l = 0 .. 3.
fn whQuad(k : u32, n : u32) -> mat4x4f {
  if (TURNED) { return transpose(mat4x4f(turned(k, n), turned(k, n + 1u), turned(k, n + 2u), turned(k, n + 3u))); }
  let row = min(k + vec4u(0u, 1u, 2u, 3u), vec4u(p.H - 1u));
  return mat4x4f(whAt(row.x, n), whAt(row.y, n), whAt(row.z, n), whAt(row.w, n));
}

// wh[k .. k + 3, n], where it is transposed.
fn turned(k : u32, n : u32) -> vec4f { return wh[(n * p.H + min(k, p.H - 4u)) >> 2u]; }

// wh[k, n .. n + 3]
fn whAt(k : u32, n : u32) -> vec4f {
  let row = k * p.H;
  if (ALIGNED) { return wh[(row + n) >> 2u]; }
  let l = min(n + vec4u(0u, 1u, 2u, 3u), vec4u(p.H - 1u)) + row;
  return vec4f(w1(l.x), w1(l.y), w1(l.z), w1(l.w));
}

fn w1(i : u32) -> f32 { return wh[i >> 2u][i & 3u]; }  // as in recurrent/gruStep.wgsl
