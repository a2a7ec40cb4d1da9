// causalConvDwTiled — the gradient of causalConv in w: x against dy, summed over time and batch in S parts; tiles
// in workgroup memory.
//
//   dw[s,k,c,o] = Σ_b Σ_t  x[b, t + ahead - (K-1-k)·dilation, c] · dy[b,t,o]      over the positions of part s
//
//   x   [B, T, C]
//   dy  [B, T, O]
//   dw  [S, K, C, O]   S parts, summed by a second launch when there is more than one
//
//   workgroup   a tile of 8·TM channels c × 8·TN channels o, by 8 × 8 threads; SLAB positions at a time
//   thread      TM × TN of it, in quads of rows and of columns that lie 32 apart
//   grid        [tiles · K · S] workgroups, along o first, then c, k, s; a long row of them is folded into y
//
// Beyond the edge, channels repeat the last one and are not stored.

const TM = 8u;             // 4 or 8
const TN = 8u;             // 4 or 8
const SLAB = 16u;
const ALIGNED_C = false;   // C is a multiple of 4
const ALIGNED_O = false;
const THREADS = 64u;
const DEEP = SLAB / 4u;    // quads of a slab
const HIGH = 2u * TM;      // quads of rows in a tile
const WIDE = 2u * TN;      // quads of columns in a tile
const PITCH_A = HIGH + 1u; // one more than needed: neighbours in a slab lie in different banks
const PITCH_B = WIDE + 1u;
const LEFT = SLAB * PITCH_A;
const RIGHT = SLAB * PITCH_B;
const COLUMNS = TN / 4u;   // of vec4s in a thread
const SUMS = TM * COLUMNS;

// length: positions of a part, a multiple of SLAB.
struct Params { B : u32, T : u32, C : u32, O : u32, K : u32, S : u32, dilation : u32, length : u32, ahead : u32 }

@group(0) @binding(0) var<uniform>             p : Params;
@group(0) @binding(1) var<storage, read>       x : array<vec4f>;
@group(0) @binding(2) var<storage, read>       dy : array<vec4f>;
@group(0) @binding(3) var<storage, read_write> dw : array<f32>;

var<workgroup> left : array<vec4f, LEFT>;      // [position, c]
var<workgroup> right : array<vec4f, RIGHT>;    // [position, o]

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) wid : vec3u, @builtin(num_workgroups) groups : vec3u, @builtin(local_invocation_index) local : u32) {
  let across = (p.O + 8u * TN - 1u) / (8u * TN);
  let tiles = across * ((p.C + 8u * TM - 1u) / (8u * TM));
  let place = wid.y * groups.x + wid.x;
  let tile = place % tiles;
  let tap = place / tiles % p.K;
  let part = place / tiles / p.K;
  // Of a folded row, the last workgroups may be too many.
  if (part >= p.S) { return; }
  let m0 = (tile / across) * 8u * TM;
  let n0 = (tile % across) * 8u * TN;
  let down = local / 8u;
  let right0 = local % 8u;
  let shift = i32(p.ahead) - i32((p.K - 1u - tap) * p.dilation);
  let first = part * p.length;
  let end = min(first + p.length, p.B * p.T);
  var sum : array<vec4f, SUMS>;

  for (var row = first; row < end; row += SLAB) {
    for (var i = local; i < DEEP * HIGH; i += THREADS) {
      let kq = i / HIGH;
      let mq = i % HIGH;
      let quads = xQuads(row + 4u * kq, m0 + 4u * mq, shift);
      // @unroll
      for (var l = 0u; l < 4u; l++) { left[(4u * kq + l) * PITCH_A + mq] = quads[l]; }
    }
    for (var i = local; i < DEEP * WIDE; i += THREADS) {
      let kq = i / WIDE;
      let nq = i % WIDE;
      let quads = dyQuads(row + 4u * kq, n0 + 4u * nq);
      // @unroll
      for (var l = 0u; l < 4u; l++) { right[(4u * kq + l) * PITCH_B + nq] = quads[l]; }
    }
    workgroupBarrier();
    for (var l = 0u; l < SLAB; l++) {
      var over : array<vec4f, COLUMNS>;
      // @unroll
      for (var j = 0u; j < COLUMNS; j++) { over[j] = right[l * PITCH_B + right0 + 8u * j]; }
      // @unroll
      for (var q = 0u; q < TM / 4u; q++) {
        let four = left[l * PITCH_A + down + 8u * q];
        // @unroll
        for (var i = 0u; i < 4u * COLUMNS; i++) {
          let at = 4u * q * COLUMNS + i;
          sum[at] = fma(vec4f(four[i / COLUMNS]), over[i % COLUMNS], sum[at]);
        }
      }
    }
    workgroupBarrier();
  }

  // Sixteen rows at a time go through workgroup memory, so that neighbours store neighbours.
  // @unroll
  for (var h = 0u; h < TM / 2u; h++) {
    // @unroll
    for (var i = 0u; i < 2u * COLUMNS; i++) {
      right[(2u * down + i / COLUMNS) * PITCH_B + right0 + 8u * (i % COLUMNS)] = sum[2u * h * COLUMNS + i];
    }
    workgroupBarrier();
    for (var i = local; i < 64u * WIDE; i += THREADS) {
      let row = i / (8u * TN);
      let column = i % (8u * TN);
      let m = m0 + 32u * (h / 2u) + 4u * (row / 2u) + 2u * (h % 2u) + row % 2u;
      let n = n0 + column;
      if (m < p.C && n < p.O) { dw[((part * p.K + tap) * p.C + m) * p.O + n] = right[row * PITCH_B + column / 4u][column % 4u]; }
    }
    workgroupBarrier();
  }
}

// x[row + l + shift, c .. c + 3] for l = 0 .. 3, of rows of [B·T, C]; zero outside a sequence and beyond the last row.
fn xQuads(row : u32, c : u32, shift : i32) -> mat4x4f {
  var v : mat4x4f;
  // @unroll
  for (var l = 0u; l < 4u; l++) {
    let r = row + l;
    let t = i32(r % p.T) + shift;
    let outside = (t < 0) | (t >= i32(p.T)) | (r >= p.B * p.T);
    v[l] = select(x4(select(u32(i32(r) + shift), 0u, outside) * p.C, c), vec4f(0.0), outside);
  }
  return v;
}

// dy[row + l, o .. o + 3] for l = 0 .. 3.
fn dyQuads(row : u32, o : u32) -> mat4x4f {
  var v : mat4x4f;
  // @unroll
  for (var l = 0u; l < 4u; l++) { v[l] = dy4(min(row + l, p.B * p.T - 1u) * p.O, o); }
  return v;
}

// x[row + c .. row + c + 3]; behind a row anything.
fn x4(row : u32, c : u32) -> vec4f {  // as in conv/causalConvTiled.wgsl
  if (ALIGNED_C) { return x[(row + min(c, p.C - 4u)) / 4u]; }
  return neighbours(x[(row + c) / 4u], x[(row + c) / 4u + 1u], (row + c) % 4u);
}

// dy[row + c .. row + c + 3]; behind a row anything.
fn dy4(row : u32, c : u32) -> vec4f {
  if (ALIGNED_O) { return dy[(row + min(c, p.O - 4u)) / 4u]; }
  return neighbours(dy[(row + c) / 4u], dy[(row + c) / 4u + 1u], (row + c) % 4u);
}

// Four neighbours of two vec4s side by side, from their place `first` on.
fn neighbours(lo : vec4f, hi : vec4f, first : u32) -> vec4f {  // as in matmul/matmulTiled.wgsl
  let v = select(lo, vec4f(lo.zw, hi.xy), first > 1u);
  return select(v, vec4f(v.yzw, select(hi.x, hi.z, first > 1u)), first % 2u == 1u);
}
