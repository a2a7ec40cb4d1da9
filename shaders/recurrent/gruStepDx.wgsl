// gruStepDx — one time step of a GRU backwards for the whole batch; registers only, no barriers.
//
//   dh = dy[b,t,k] + kept + Σ_m dhg[b,t+1,m] · wh[k,m]           m over the 3H columns
//   dn = dh · (1 - z) · (1 - n²)      dr = dn · inner · r · (1 - r)      dz = dh · (y - n) · (1 - z)
//   dxg = dr, dz, dn                  dhg = dr, dz, dn · r               kept = dh · z
//
//   wh     [H, 3, H]     of r, of z, of inner; transposed when TURNED
//   inner  [B, T, H]     what r is multiplied with
//   y      [B, T, H]     y - n is z · (hBefore - n)
//   dy     [B, T, H]     not read unless DY
//   dhN    [B, H]        not read unless LAST and DHN; when LENGTHS, [B], how many steps of a sequence count, as bits
//   dxg    [B, T, 3, H]  in: r z n, out: gradients of x's part of the gates
//   dhg    [B, T, 3, H]  gradients of h's part of the gates
//   kept   [B, H]        what of dh goes straight on to the step before
//
//   thread      TB rows × TK units: TB·TK sums in registers
//   workgroup   WORKGROUP such blocks, along the units first
//   grid        [blocks] threads
//
// wh is bound as vec4; where H is not a multiple of four it is read element by element, as dhg always is.
// Beyond the edge, rows and units repeat the last one and are not stored; beyond 3H, dhg counts as zero.

const TB = 8u;
const TK = 8u;            // a multiple of 4
const WORKGROUP = 32u;
const ALIGNED = false;     // H is a multiple of 4
const LAST = false;        // t = T - 1: nothing comes back from a later step
const DY = true;
const DHN = false;
const LENGTHS = false;     // sequences end before T: all gradients are 0 behind the end
const TURNED = false;      // wh is transposed, so that neighbours read neighbours; H is a multiple of 4
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
fn main(@builtin(global_invocation_id) gid : vec3u, @builtin(num_workgroups) groups : vec3u) {
  let across = (p.H + TK - 1u) / TK;
  let tile = gid.y * groups.x * WORKGROUP + gid.x;
  let b0 = (tile / across) * TB;
  let k0 = (tile % across) * TK;
  var sum : array<f32, SUMS>;

  if (!LAST) {
    for (var m = 0u; m < 3u * p.H; m += 4u) {
      var d : array<vec4f, TB>;        // d[i] = dhg[b0 + i, t + 1, m .. m + 3]
      // @unroll
      for (var i = 0u; i < TB; i++) { d[i] = dAt(min(b0 + i, p.B - 1u), m); }
      // @unroll
      for (var q = 0u; q < TK / 4u; q++) {
        let w = whQuad(k0 + 4u * q, m);
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
fn put(first : u32, d : vec4f) {
  dxg[first] = d.x;
  dxg[first + p.H] = d.y;
  dxg[first + 2u * p.H] = d.z;
  dhg[first] = d.x;
  dhg[first + p.H] = d.y;
  dhg[first + 2u * p.H] = d.w;
}

// dhg[b, t + 1, m .. m + 3]; zero beyond 3H.
fn dAt(b : u32, m : u32) -> vec4f {
  let row = (b * p.T + p.t + 1u) * 3u * p.H;
  if (ALIGNED) { return vec4f(dhg[row + m], dhg[row + m + 1u], dhg[row + m + 2u], dhg[row + m + 3u]); }
  let l = min(m + vec4u(0u, 1u, 2u, 3u), vec4u(3u * p.H - 1u)) + row;
  let v = vec4f(dhg[l.x], dhg[l.y], dhg[l.z], dhg[l.w]);
  return select(vec4f(0.0), v, m + vec4u(0u, 1u, 2u, 3u) < vec4u(3u * p.H));
}

// wh[k + l, m .. m + 3] for l = 0 .. 3.
fn whQuad(k : u32, m : u32) -> mat4x4f {
  if (TURNED) { return transpose(mat4x4f(turned(k, m), turned(k, m + 1u), turned(k, m + 2u), turned(k, m + 3u))); }
  let row = min(k + vec4u(0u, 1u, 2u, 3u), vec4u(p.H - 1u));
  return mat4x4f(whAt(row.x, m), whAt(row.y, m), whAt(row.z, m), whAt(row.w, m));
}

// wh[k .. k + 3, m], where it is transposed.
fn turned(k : u32, m : u32) -> vec4f { return wh[(m * p.H + min(k, p.H - 4u)) >> 2u]; }

// wh[k, m .. m + 3]
fn whAt(k : u32, m : u32) -> vec4f {
  let row = k * 3u * p.H;
  if (ALIGNED) { return wh[(row + m) >> 2u]; }
  let l = min(m + vec4u(0u, 1u, 2u, 3u), vec4u(3u * p.H - 1u)) + row;
  return vec4f(w1(l.x), w1(l.y), w1(l.z), w1(l.w));
}

fn w1(i : u32) -> f32 { return wh[i >> 2u][i & 3u]; }  // as in recurrent/gruStep.wgsl
