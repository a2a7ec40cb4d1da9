// causalConvDwQuad — causalConvDw.wgsl; four neighbouring threads share what they load of x.
//
//   dw[s,k,c,o] = Σ over part s of all (b,t) of  x[b, t - (K-1-k)·dilation, c] · dy[b,t,o]        x = 0 before t = 0
//
//   x   [B, T, C]
//   dy  [B, T, O]
//   dw  [S, K, C, O]   S parts of `length` positions each, to be summed
//
//   thread      TM channels of x × TN of dy, for one tap and one part, all sums in registers
//   quad        TM × 4·TN: of every four positions, each thread loads the TM values of one
//   workgroup   WORKGROUP blocks, along o first, then c, then k, then s
//   grid        [blocks] threads, whole quads in a row of blocks; a long row of workgroups is folded into y
//
// Beyond the edge, channels repeat the last one and are not stored; beyond the part, x is zero.

enable subgroups;

const TM = 16u;
const TN = 8u;             // a multiple of 4
const WORKGROUP = 32u;
const ALIGNED = false;     // O is a multiple of 4
const VECTORS = TN / 4u;
const SUMS = TM * VECTORS;

struct Params { B : u32, T : u32, C : u32, O : u32, K : u32, dilation : u32, S : u32, length : u32 }

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
  let across = (p.O + 4u * TN - 1u) / (4u * TN) * 4u;
  let down = (p.C + TM - 1u) / TM;
  let tile = gid.y * groups.x * WORKGROUP + gid.x;
  let n0 = (tile % across) * TN;
  let m0 = (tile / across % down) * TM;
  let tap = tile / across / down % p.K;
  let s = tile / across / down / p.K;
  let shift = (p.K - 1u - tap) * p.dilation;
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
      right[4u * j] = dyRow(first + r, n);
      right[4u * j + 1u] = dyRow(first + r + 1u, n);
      right[4u * j + 2u] = dyRow(first + r + 2u, n);
      right[4u * j + 3u] = dyRow(first + r + 3u, n);
    }
    let own = first + r + lane % 4u;              // the position of this thread
    let inside = own < end && own % p.T >= shift;
    let row = select(0u, own - shift, inside) * p.C;
    // @unroll
    for (var i = 0u; i < TM; i++) {
      let left = select(0.0, x[row + column[i]], inside);
      let l0 = vec4f(quadBroadcast(left, 0u));
      let l1 = vec4f(quadBroadcast(left, 1u));
      let l2 = vec4f(quadBroadcast(left, 2u));
      let l3 = vec4f(quadBroadcast(left, 3u));
      // @unroll
      for (var j = 0u; j < VECTORS; j++) {
        var v = sum[i * VECTORS + j];
        v = fma(l0, right[4u * j], v);
        v = fma(l1, right[4u * j + 1u], v);
        v = fma(l2, right[4u * j + 2u], v);
        v = fma(l3, right[4u * j + 3u], v);
        sum[i * VECTORS + j] = v;
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
