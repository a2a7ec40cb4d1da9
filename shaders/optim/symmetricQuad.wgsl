// symmetricQuad — y = aᵀ·b, of which it is known that it is symmetric: what lies above its diagonal is made, and
// stored on either side of it.
//
//   y[m,n] = y[n,m] = Σ_k a[k,m] · b[k,n]      m ≤ n
//
//   a b   [N, N]    N a multiple of 4
//   y     [N, N]
//
//   thread      an 8 × 8 block of y, all sums in registers
//   quad        a square of 2 × 2 blocks: for every k, each thread loads half of its columns of a and half of those of
//               b, and has the other half from its neighbour beside it, or below
//   workgroup   WORKGROUP / 4 quads
//   grid        [quads · 4] threads; a long row of workgroups is folded into y
//
// Squares on the diagonal and above it lie in rows of C + 1: row r of these C squares across, and behind it, in the same
// line, row C - 1 - r, which has as many as that lacks. Of an odd C the middle row has a line that is half empty.
// Beyond the edge, columns repeat the last ones and are not stored.

enable subgroups;

const WORKGROUP = 32u;

struct Params { N : u32 }

@group(0) @binding(0) var<uniform>             p : Params;
@group(0) @binding(1) var<storage, read>       a : array<vec4f>;
@group(0) @binding(2) var<storage, read>       b : array<vec4f>;
@group(0) @binding(3) var<storage, read_write> y : array<f32>;

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(global_invocation_id) gid : vec3u,
  @builtin(num_workgroups) groups : vec3u,
  @builtin(subgroup_invocation_id) lane : u32,
) {
  let C = (p.N + 15u) / 16u;
  let quad = (gid.y * groups.x * WORKGROUP + gid.x) / 4u;
  let line = quad / (C + 1u);
  let place = quad % (C + 1u);
  let first = place < C - min(line, C);
  let down = select(C - 1u - min(line, C - 1u), line, first);
  let across = select(place - 1u, place + line, first);
  let made = 2u * line < C && (first || 2u * line + 1u < C);
  let side = lane % 2u;                             // 0: the left blocks of the quad, 1: the right ones
  let half = lane / 2u % 2u;                        // 0: the upper blocks, 1: the lower ones
  let m0 = 16u * down + 8u * half;
  let n0 = 16u * across + 8u * side;
  let row = p.N / 4u;
  // Of the eight columns of either block, the four that this thread loads.
  let atA = min(m0 / 4u + side, row - 1u);
  let atB = min(n0 / 4u + half, row - 1u);
  var sum : array<vec4f, 16>;

  // The same number of rounds for all, or neighbours could not share.
  for (var k = 0u; k < p.N; k++) {
    let hereA = a[k * row + atA];
    let hereB = b[k * row + atB];
    let thereA = quadSwapX(hereA);
    let thereB = quadSwapY(hereB);
    let left = array(select(hereA, thereA, side == 1u), select(thereA, hereA, side == 1u));
    let right = array(select(hereB, thereB, half == 1u), select(thereB, hereB, half == 1u));
    // @unroll
    for (var i = 0u; i < 8u; i++) {
      // @unroll
      for (var j = 0u; j < 2u; j++) { sum[2u * i + j] = fma(vec4f(left[i / 4u][i % 4u]), right[j], sum[2u * i + j]); }
    }
  }

  // Sums stay in registers because only a copy of them is indexed by a variable.
  var result = sum;
  for (var i = 0u; i < 64u; i++) {
    let m = m0 + i / 8u;
    let n = n0 + i % 8u;
    if (made && m <= n && n < p.N) {
      let v = result[i / 4u][i % 4u];
      y[m * p.N + n] = v;
      y[n * p.N + m] = v;
    }
  }
}
