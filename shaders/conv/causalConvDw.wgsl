// causalConvDw — the gradient of causalConv in w: x against dy, summed over time and batch in S parts;
// registers only.
//
//   dw[s,k,c,o] = Σ_b Σ_t  x[b, t + ahead - (K-1-k)·dilation, c] · dy[b,t,o]      over the positions of part s
//
//   x   [B, T, C]
//   dy  [B, T, O]
//   dw  [S, K, C, O]   S parts, summed by a second launch when there is more than one
//
//   thread      TAPS × TC × TN elements of one part, all sums in registers
//   workgroup   WORKGROUP such blocks, along o first
//   grid        [blocks] threads; a long row of workgroups is folded into y
//
// Positions that lie a dilation apart form a phase: t = phase + dilation · step. They are walked in runs of STEPS
// neighbours of a phase, for then the taps overlap: STEPS + TAPS - 1 loads of x serve STEPS · TAPS products.

const TAPS = 4u;           // taps of a block
const TC = 4u;             // channels of x of a block
const TN = 8u;             // channels of dy of a block, a multiple of 4
const STEPS = 4u;
const WORKGROUP = 32u;
const ALIGNED = false;     // O is a multiple of 4
const VECTORS = TN / 4u;
const WINDOW = STEPS + TAPS - 1u;
const LEFT = WINDOW * TC;
const ROWS = TAPS * TC;
const SUMS = ROWS * VECTORS;

// length: runs of a part.
struct Params { B : u32, T : u32, C : u32, O : u32, K : u32, dilation : u32, S : u32, length : u32, ahead : u32 }

@group(0) @binding(0) var<uniform>             p : Params;
@group(0) @binding(1) var<storage, read>       x : array<f32>;
@group(0) @binding(2) var<storage, read>       dy : array<vec4f>;
@group(0) @binding(3) var<storage, read_write> dw : array<f32>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) gid : vec3u, @builtin(num_workgroups) groups : vec3u) {
  let across = (p.O + TN - 1u) / TN;
  let down = (p.C + TC - 1u) / TC;
  let deep = (p.K + TAPS - 1u) / TAPS;
  let tile = gid.y * groups.x * WORKGROUP + gid.x;
  let n0 = (tile % across) * TN;
  let c0 = (tile / across % down) * TC;
  let newest = (tile / across / down % deep) * TAPS;
  let oldest = newest + TAPS - 1u;
  let s = tile / across / down / deep;
  var sum : array<vec4f, SUMS>;

  let steps = (p.T + p.dilation - 1u) / p.dilation;   // of phase 0, the longest
  let along = (steps + STEPS - 1u) / STEPS;
  let first = s * p.length;
  var step0 = (first % along) * STEPS;
  var phase = first / along % p.dilation;
  var b = first / along / p.dilation;
  for (var run = 0u; run < p.length; run++) {
    var left : array<f32, LEFT>;       // left[i·TC + j] = x[step0 + i - oldest, c0 + j]
    // @unroll
    for (var i = 0u; i < WINDOW; i++) {
      let t = i32(phase + (step0 + i) * p.dilation + p.ahead) - i32(oldest * p.dilation);
      let row = (min(b, p.B - 1u) * p.T + u32(clamp(t, 0, i32(p.T) - 1))) * p.C;
      let seen = (t >= 0) & (t < i32(p.T));
      // @unroll
      for (var j = 0u; j < TC; j++) { left[i * TC + j] = select(0.0, x[row + min(c0 + j, p.C - 1u)], seen); }
    }
    // @unroll
    for (var i = 0u; i < STEPS; i++) {
      let t = phase + (step0 + i) * p.dilation;
      let row = (min(b, p.B - 1u) * p.T + min(t, p.T - 1u)) * p.O;
      let inside = (t < p.T) & (b < p.B);   // && would branch
      // @unroll
      for (var j = 0u; j < VECTORS; j++) {
        let right = select(vec4f(0.0), dyAt(row, n0 + 4u * j), inside);
        // @unroll
        for (var r = 0u; r < ROWS; r++) {
          let one = left[(i + TAPS - 1u) * TC + r % TC - r / TC * TC];
          sum[r * VECTORS + j] = fma(vec4f(one), right, sum[r * VECTORS + j]);
        }
      }
    }
    step0 += STEPS;
    phase += select(0u, 1u, step0 >= steps);
    step0 = select(step0, 0u, step0 >= steps);
    b += select(0u, 1u, phase == p.dilation);
    phase = select(phase, 0u, phase == p.dilation);
  }

  // Sums stay in registers because only a copy of them is indexed by a variable.
  var result = sum;
  for (var i = 0u; i < SUMS; i++) {
    let back = newest + i / VECTORS / TC;
    let c = c0 + i / VECTORS % TC;
    let n = n0 + 4u * (i % VECTORS);
    if (s < p.S && back < p.K && c < p.C && n < p.O) {
      let at = ((s * p.K + p.K - 1u - back) * p.C + c) * p.O + n;
      let v = result[i];
      dw[at] = v.x;
      if (n + 1u < p.O) { dw[at + 1u] = v.y; }
      if (n + 2u < p.O) { dw[at + 2u] = v.z; }
      if (n + 3u < p.O) { dw[at + 3u] = v.w; }
    }
  }
}

// dy[row, n .. n + 3].
fn dyAt(row : u32, n : u32) -> vec4f {
  let last = p.O - 1u;
  if (ALIGNED) { return dy[(row + min(n, p.O - 4u)) >> 2u]; }
  return vec4f(dy1(row + min(n, last)), dy1(row + min(n + 1u, last)), dy1(row + min(n + 2u, last)), dy1(row + min(n + 3u, last)));
}

fn dy1(i : u32) -> f32 { return dy[i >> 2u][i & 3u]; }  // as in elementwise/gateDx.wgsl
