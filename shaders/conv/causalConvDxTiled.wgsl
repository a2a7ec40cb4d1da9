// causalConvDxTiled — the gradient of causalConv in x: the same convolution, turned round; tiles in workgroup memory.
//
//   dx[b,t,c] = Σ_k Σ_o  dy[b, t - ahead + (K-1-k)·dilation, o] · w[k,c,o]       dy = 0 outside 0 .. T - 1
//
//   dy  [B, T, O]
//   w   [K, C, O]
//   dx  [B, T, C]
//
//   workgroup   a tile of 8·TM positions × 8·TN channels, by 8 × 8 threads; SLAB of o at a time
//   thread      TM × TN of it, in quads of rows and of columns that lie 32 apart
//   grid        [tiles] workgroups, along c first; a long row of them is folded into y
//
// A tap is a matrix product whose rows are shifted. Beyond the edge, rows and columns repeat the last one and are
// not stored.

const TM = 8u;             // 4 or 8
const TN = 8u;             // 4 or 8
const SLAB = 16u;
const ALIGNED_O = false;   // O is a multiple of 4
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

// taps: those, counted from the newest, that reach back no further than t = 0 from some position.
struct Params { B : u32, T : u32, C : u32, O : u32, K : u32, taps : u32, dilation : u32, ahead : u32 }

@group(0) @binding(0) var<uniform>             p : Params;
@group(0) @binding(1) var<storage, read>       dy : array<vec4f>;
@group(0) @binding(2) var<storage, read>       w : array<vec4f>;
@group(0) @binding(3) var<storage, read_write> dx : array<f32>;

var<workgroup> left : array<vec4f, LEFT>;      // [o, position]
var<workgroup> right : array<vec4f, RIGHT>;    // [o, c]

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) wid : vec3u, @builtin(num_workgroups) groups : vec3u, @builtin(local_invocation_index) local : u32) {
  let across = (p.C + 8u * TN - 1u) / (8u * TN);
  let tile = wid.y * groups.x + wid.x;
  let m0 = (tile / across) * 8u * TM;
  let n0 = (tile % across) * 8u * TN;
  let down = local / 8u;
  let right0 = local % 8u;
  var sum : array<vec4f, SUMS>;

  for (var back = 0u; back < p.taps; back++) {
    for (var o = 0u; o < p.O; o += SLAB) {
      for (var i = local; i < DEEP * HIGH; i += THREADS) {
        let kq = i % DEEP;
        let mq = i / DEEP;
        let quads = dyQuads(m0 + 4u * mq, o + 4u * kq, i32(back * p.dilation) - i32(p.ahead));
        // @unroll
        for (var l = 0u; l < 4u; l++) { left[(4u * kq + l) * PITCH_A + mq] = quads[l]; }
      }
      for (var i = local; i < DEEP * WIDE; i += THREADS) {
        let kq = i % DEEP;
        let nq = i / DEEP;
        let quads = wQuads(p.K - 1u - back, n0 + 4u * nq, o + 4u * kq);
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
      if (m < p.B * p.T && n < p.C) { dx[m * p.C + n] = right[row * PITCH_B + column / 4u][column % 4u]; }
    }
    workgroupBarrier();
  }
}

// dy[m + shift .. m + shift + 3, o + l] for l = 0 .. 3, of rows of [B·T, O]; zero outside a sequence and beyond O.
fn dyQuads(m : u32, o : u32, shift : i32) -> mat4x4f {
  var v : mat4x4f;
  // @unroll
  for (var i = 0u; i < 4u; i++) {
    let row = min(m + i, p.B * p.T - 1u);
    let t = i32(row % p.T) + shift;
    let outside = (t < 0) | (t >= i32(p.T));
    let quad = select(dy4(u32(i32(row) + select(shift, 0, outside)) * p.O, o), vec4f(0.0), outside);
    v[i] = select(vec4f(0.0), quad, o + vec4u(0u, 1u, 2u, 3u) < vec4u(p.O));
  }
  return transpose(v);
}

// w[k, c .. c + 3, o + l] for l = 0 .. 3; zero beyond O: what is behind a row may be NaN.
fn wQuads(k : u32, c : u32, o : u32) -> mat4x4f {
  var v : mat4x4f;
  // @unroll
  for (var i = 0u; i < 4u; i++) {
    let quad = w4((k * p.C + min(c + i, p.C - 1u)) * p.O, o);
    v[i] = select(vec4f(0.0), quad, o + vec4u(0u, 1u, 2u, 3u) < vec4u(p.O));
  }
  return transpose(v);
}

// dy[row + c .. row + c + 3]; behind a row anything.
fn dy4(row : u32, c : u32) -> vec4f {  // as in conv/causalConvDwTiled.wgsl
  if (ALIGNED_O) { return dy[(row + min(c, p.O - 4u)) / 4u]; }
  return neighbours(dy[(row + c) / 4u], dy[(row + c) / 4u + 1u], (row + c) % 4u);
}

// w[row + c .. row + c + 3]; behind a row anything.
fn w4(row : u32, c : u32) -> vec4f {  // as in conv/causalConvTiled.wgsl
  if (ALIGNED_O) { return w[(row + min(c, p.O - 4u)) / 4u]; }
  return neighbours(w[(row + c) / 4u], w[(row + c) / 4u + 1u], (row + c) % 4u);
}

// Four neighbours of two vec4s side by side, from their place `first` on.
fn neighbours(lo : vec4f, hi : vec4f, first : u32) -> vec4f {  // as in matmul/matmulTiled.wgsl
  let v = select(lo, vec4f(lo.zw, hi.xy), first > 1u);
  return select(v, vec4f(v.yzw, select(hi.x, hi.z, first > 1u)), first % 2u == 1u);
}
