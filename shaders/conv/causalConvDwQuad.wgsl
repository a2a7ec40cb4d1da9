// causalConvDwQuad — causalConvDw.wgsl; four neighbouring threads share what they load.
//
//   dw[s,k,c,o] = Σ over part s of all (b,t) of  x[b, t + ahead - (K-1-k)·dilation, c] · dy[b,t,o]
//
//   x   [B, T, C]     0 outside 0 .. T - 1
//   dy  [B, T, O]
//   dw  [S, K, C, O]   S parts of `length` positions each, to be summed
//
//   thread      TM channels of x × TN of dy, for one tap and one part, all sums in registers
//   quad        2 × 2 blocks: of every four positions, each thread loads two of x and two of dy, and has the others from
//               its neighbour beside it, or below
//   workgroup   WORKGROUP / 4 quads, along o first, then c, then k, then s
//   grid        [quads · 4] threads; a long row of workgroups is folded into y
//
// Beyond the edge, channels repeat the last one and are not stored; beyond the part, x is zero.

enable subgroups;

const TM = 16u;
const TN = 8u;             // a multiple of 4
const GROUP = 1u;          // channels of x that are loaded before they are multiplied, as in matmul/matmulQuad.wgsl
const WORKGROUP = 32u;
const ALIGNED = false;     // O is a multiple of 4
const GROUPS = TM / GROUP;
const VECTORS = TN / 4u;
const SUMS = TM * VECTORS;

struct Params { B : u32, T : u32, C : u32, O : u32, K : u32, dilation : u32, S : u32, length : u32, ahead : u32 }

@group(0) @binding(0) var<uniform>             p : Params;
@group(0) @binding(1) var<storage, read>       x : array<f32>;
@group(0) @binding(2) var<storage, read>       dy : array<vec4f>;
@group(0) @binding(3) var<storage, read_write> dw : array<f32>;

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(global_invocation_id) gid : vec3u,
  @builtin(num_workgroups) groups : vec3u,
  @builtin(subgroup_invocation_id) lane : u32,
) {
  let across = (p.O + 2u * TN - 1u) / (2u * TN);
  let down = (p.C + 2u * TM - 1u) / (2u * TM);
  let quad = (gid.y * groups.x * WORKGROUP + gid.x) / 4u;
  let side = lane % 2u;                           // 0: the left blocks of the quad, 1: the right ones
  let half = lane / 2u % 2u;                      // 0: the upper blocks, 1: the lower ones
  let n0 = (quad % across * 2u + side) * TN;
  let m0 = (quad / across % down * 2u + half) * TM;
  let tap = quad / across / down % p.K;
  let s = quad / across / down / p.K;
  let shift = i32(p.ahead) - i32((p.K - 1u - tap) * p.dilation);   // from a position of dy to one of x
  let rows = p.B * p.T;
  let first = min(s, p.S - 1u) * p.length;
  let end = min(first + p.length, rows);
  var column : array<u32, TM>;
  // @unroll
  for (var i = 0u; i < TM; i++) { column[i] = min(m0 + i, p.C - 1u); }
  var sum : array<vec4f, SUMS>;

  // The same number of rounds for all, or neighbours could not share.
  for (var r = 0u; r < p.length; r += 4u) {
    var right : array<vec4f, TN>;                 // right[4·j + l] = dy[first + r + l, n0 + 4·j .. n0 + 4·j + 3]
    // @unroll
    for (var j = 0u; j < VECTORS; j++) {
      let n = n0 + 4u * j;
      let here0 = dyRow(first + r + 2u * half, n);
      let here1 = dyRow(first + r + 2u * half + 1u, n);
      let there0 = quadSwapY(here0);
      let there1 = quadSwapY(here1);
      right[4u * j] = select(here0, there0, half == 1u);
      right[4u * j + 1u] = select(here1, there1, half == 1u);
      right[4u * j + 2u] = select(there0, here0, half == 1u);
      right[4u * j + 3u] = select(there1, here1, half == 1u);
    }
    let own = first + r + 2u * side + vec2u(0u, 1u);        // the positions that this thread loads of x
    let seen = vec2i(own % p.T) + shift;
    let inside = (own < vec2u(end)) & (seen >= vec2i(0)) & (seen < vec2i(i32(p.T)));
    let row = select(vec2u(0u), vec2u(vec2i(own) + shift), inside) * p.C;
    // @unroll
    for (var g = 0u; g < GROUPS; g++) {
      var left : array<vec4f, GROUP>;             // left[i] = x[the four rows, m0 + g·GROUP + i]
      // @unroll
      for (var i = 0u; i < GROUP; i++) {
        let c = column[g * GROUP + i];
        let here = select(vec2f(0.0), vec2f(x[row.x + c], x[row.y + c]), inside);
        let there = quadSwapX(here);
        left[i] = vec4f(select(here, there, side == 1u), select(there, here, side == 1u));
      }
      // @unroll
      for (var i = 0u; i < GROUP; i++) {
        // @unroll
        for (var j = 0u; j < VECTORS; j++) {
          var v = sum[(g * GROUP + i) * VECTORS + j];
          v = fma(vec4f(left[i].x), right[4u * j], v);
          v = fma(vec4f(left[i].y), right[4u * j + 1u], v);
          v = fma(vec4f(left[i].z), right[4u * j + 2u], v);
          v = fma(vec4f(left[i].w), right[4u * j + 3u], v);
          sum[(g * GROUP + i) * VECTORS + j] = v;
        }
      }
    }
  }

  // Sums stay in registers because only a copy of them is indexed by a variable.
  var result = sum;
  for (var i = 0u; i < SUMS; i++) {
    let m = m0 + i / VECTORS;
    let n = n0 + 4u * (i % VECTORS);
    if (s < p.S && m < p.C && n < p.O) {
      let at = ((s * p.K + tap) * p.C + m) * p.O + n;
      dw[at] = result[i].x;
      if (n + 1u < p.O) { dw[at + 1u] = result[i].y; }
      if (n + 2u < p.O) { dw[at + 2u] = result[i].z; }
      if (n + 3u < p.O) { dw[at + 3u] = result[i].w; }
    }
  }
}

// dy[r, n .. n + 3]
fn dyRow(r : u32, n : u32) -> vec4f {
  let row = min(r, p.B * p.T - 1u) * p.O;
  if (ALIGNED) { return dy[(row + min(n, p.O - 4u)) / 4u]; }
  let i = row + min(n + vec4u(0u, 1u, 2u, 3u), vec4u(p.O - 1u));
  return vec4f(dy[i.x / 4u][i.x % 4u], dy[i.y / 4u][i.y % 4u], dy[i.z / 4u][i.z % 4u], dy[i.w / 4u][i.w % 4u]);
}
