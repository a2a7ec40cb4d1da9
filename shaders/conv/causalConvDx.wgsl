// causalConvDx — the gradient of causalConv in x: the same convolution, turned round; registers only.
//
//   dx[b,t,c] = Σ_k Σ_o  dy[b, t - ahead + (K-1-k)·dilation, o] · w[k,c,o]       dy = 0 outside 0 .. T - 1
//
//   dy  [B, T, O]
//   w   [K, C, O]
//   dx  [B, T, C]
//
//   thread      a block of dx: PHASES · STEPS positions × TN channels, all sums in registers
//   workgroup   WORKGROUP blocks, along c first
//   grid        [blocks] threads; a long row of workgroups is folded into y
//
// Blocks are made as in causalConv.wgsl, so that taps share the loads of dy.

const TAPS = 4u;           // taps at a time
const PHASES = 1u;
const STEPS = 16u;
const TN = 8u;             // channels of a block, a multiple of 4
const WORKGROUP = 32u;
const RAGGED = true;       // `taps` is not a multiple of TAPS
const VECTORS = TN / 4u;
const SPAN = STEPS + TAPS - 1u;
const WINDOW = PHASES * SPAN;
const ROWS = PHASES * STEPS;
const SUMS = ROWS * VECTORS;

// taps: those, counted from the newest, that reach back no further than t = 0 from some position.
struct Params { B : u32, T : u32, C : u32, O : u32, K : u32, taps : u32, dilation : u32, ahead : u32 }

@group(0) @binding(0) var<uniform>             p : Params;
@group(0) @binding(1) var<storage, read>       dy : array<f32>;
@group(0) @binding(2) var<storage, read>       w : array<f32>;
@group(0) @binding(3) var<storage, read_write> dx : array<f32>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) gid : vec3u, @builtin(num_workgroups) groups : vec3u) {
  let across = (p.C + TN - 1u) / TN;
  let steps = (p.T + p.dilation - 1u) / p.dilation;   // of phase 0, the longest
  let along = (steps + STEPS - 1u) / STEPS;
  let abreast = (p.dilation + PHASES - 1u) / PHASES;
  let tile = gid.y * groups.x * WORKGROUP + gid.x;
  let n0 = (tile % across) * TN;
  let step0 = (tile / across % along) * STEPS;
  let phase0 = (tile / across / along % abreast) * PHASES;
  let b = tile / across / along / abreast;
  var sum : array<vec4f, SUMS>;

  for (var newest = 0u; newest < p.taps; newest += TAPS) {
    var at : array<u32, WINDOW>;        // where the rows of dy begin that these taps see, newest tap first
    var inside : array<bool, WINDOW>;
    // @unroll
    for (var i = 0u; i < WINDOW; i++) {
      let t = i32(phase0 + i / SPAN + (step0 + newest + i % SPAN) * p.dilation) - i32(p.ahead);
      at[i] = (min(b, p.B - 1u) * p.T + u32(clamp(t, 0, i32(p.T) - 1))) * p.O;
      inside[i] = (t >= 0) & (t < i32(p.T));
    }
    for (var o = 0u; o < p.O; o++) {
      var window : array<f32, WINDOW>;
      // @unroll
      for (var i = 0u; i < WINDOW; i++) { window[i] = select(0.0, dy[at[i] + o], inside[i]); }
      // @unroll
      for (var k = 0u; k < TAPS; k++) {
        // @unroll
        for (var j = 0u; j < VECTORS; j++) {
          let right = wAt(newest + k, n0 + 4u * j, o);
          // @unroll
          for (var i = 0u; i < ROWS; i++) {
            let left = window[i / STEPS * SPAN + i % STEPS + k];
            sum[i * VECTORS + j] = fma(vec4f(left), right, sum[i * VECTORS + j]);
          }
        }
      }
    }
  }

  // Sums stay in registers because only a copy of them is indexed by a variable.
  var result = sum;
  for (var i = 0u; i < SUMS; i++) {
    let phase = phase0 + i / VECTORS / STEPS;
    let t = phase + (step0 + i / VECTORS % STEPS) * p.dilation;
    let n = n0 + 4u * (i % VECTORS);
    if (b < p.B && phase < p.dilation && t < p.T && n < p.C) {
      let at = (b * p.T + t) * p.C + n;
      let v = result[i];
      dx[at] = v.x;
      if (n + 1u < p.C) { dx[at + 1u] = v.y; }
      if (n + 2u < p.C) { dx[at + 2u] = v.z; }
      if (n + 3u < p.C) { dx[at + 3u] = v.w; }
    }
  }
}

// w[K - 1 - back, c .. c + 3, o]; zero beyond the last tap.
fn wAt(back : u32, c : u32, o : u32) -> vec4f {
  let tap = (p.K - 1u - min(back, p.K - 1u)) * p.C * p.O + o;
  let last = p.C - 1u;
  var v = vec4f(w[tap + min(c, last) * p.O], w[tap + min(c + 1u, last) * p.O], w[tap + min(c + 2u, last) * p.O], w[tap + min(c + 3u, last) * p.O]);
  if (RAGGED) { v = select(vec4f(0.0), v, back < p.taps); }
  return v;
}
