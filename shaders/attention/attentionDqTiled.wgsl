// attentionDqTiled — attentionDq.wgsl; a workgroup stages the keys and values of a tile of queries in workgroup memory.
//
//   w_j            = exp(scale · query[b,t,h] · key[b,j,h] − top) · inverse       (top, inverse, seen) = tops[b,h,t]
//   dq[b,t,h]      = scale · Σ_{j < seen} w_j · (dy[b,t,h] · value[b,j,h] − delta[b,h,t]) · key[b,j,h]
//   delta[b,h,t]   = dy[b,t,h] · y[b,t,h]
//
//   q dq [B, Q, qStride]      head h of a query at vec4 h · D4 of its row; strides and places are in vec4s
//   k v  [B, T, …Stride]      head h of a key at kAt + h · D4, of a value at vAt + h · D4
//   y dy [B, Q, H · D4]
//   tops  [B, H, Q, 4]        the largest score, 1 / Σ exp of all relative to it, how many keys are seen, 0
//   delta [B, H, Q]
//
//   workgroup   TILE queries of a head, WIDE vec4s of their gradients, by two sides of 16 × 8 threads; TILE keys at a time
//   thread      of 2 queries and 4 keys, one side the weights, the other their gradients; then COLUMNS vec4s of a query, 8 apart
//   grid        [B · H · tiles · parts] workgroups, the parts of a head beside each other; a long row of them is folded into y
//
// A head that is wider than WIDE has several parts, and each makes the weights again.

const COLUMNS = 1u;        // 1, 2 or 4
const CAUSAL = false;      // queries are the last positions, and none sees a key behind its own
const LENGTHS = false;     // there may be fewer keys than T: as many as the last query sees
const THREADS = 256u;
const TILE = 32u;
const SLAB = 4u;           // vec4s of a row that are there at a time
const PITCH = 36u;         // from one of them to the next; query 2a + b at 18b + a, key 4a + b at 9b + a: no bank conflicts
const OTHERS = 144u;       // keys or values, behind a side's queries or slopes
const SIDE = 288u;         // of the slab
const KEYS = 272u;         // behind the weights
const WIDE = 8u * COLUMNS;
const DEEP = TILE / COLUMNS;    // keys that are there at a time
const STRIDE = 34u;        // from the weights of four keys to the next; query 2a + b at 16b + a
const NEXT = 40u;          // from a fourth of the queries' shares to the next

struct Params { B : u32, Q : u32, T : u32, H : u32, D4 : u32, qStride : u32, kStride : u32, vStride : u32, kAt : u32, vAt : u32, scale : f32 }

@group(0) @binding(0) var<uniform>             p : Params;
@group(0) @binding(1) var<storage, read>       q : array<vec4f>;
@group(0) @binding(2) var<storage, read>       k : array<vec4f>;
@group(0) @binding(3) var<storage, read>       v : array<vec4f>;
@group(0) @binding(4) var<storage, read>       y : array<vec4f>;
@group(0) @binding(5) var<storage, read>       dy : array<vec4f>;
@group(0) @binding(6) var<storage, read>       tops : array<vec4f>;
@group(0) @binding(7) var<storage, read_write> dq : array<vec4f>;
@group(0) @binding(8) var<storage, read_write> delta : array<f32>;

var<workgroup> slab : array<vec4f, 576>;       // queries and keys, slopes and values; then weights and keys
var<workgroup> rows : array<vec4f, 36>;        // (top, inverse, delta, 0) of queries
var<workgroup> shares : array<f32, 160>;

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) wid : vec3u, @builtin(num_workgroups) groups : vec3u, @builtin(local_invocation_index) local : u32) {
  let parts = (p.D4 + WIDE - 1u) / WIDE;
  let tiles = (p.Q + TILE - 1u) / TILE;
  let place = wid.y * groups.x + wid.x;
  let part = place % parts * WIDE;
  let t0 = place / parts % tiles * TILE;
  let head = place / parts / tiles % p.H;
  let b = place / parts / tiles / p.H;
  // Of a folded row, the last workgroups may be too many.
  if (b >= p.B) { return; }
  let side = local / 128u;
  let lane = local % 128u;
  let down = lane / 8u;
  let right = lane % 8u;
  let four = vec4u(0u, 1u, 2u, 3u);

  let firstTop = (b * p.H + head) * p.Q;
  var end = p.T;    // of the keys that the last query sees
  if (LENGTHS) { end = u32(tops[firstTop + p.Q - 1u].z); }
  var seen = vec2u(end);
  if (CAUSAL) {
    seen = min(seen, max(t0 + 2u * down + vec2u(1u, 2u) + p.T, vec2u(p.Q)) - p.Q);
    end = min(end, max(min(t0 + TILE, p.Q) + p.T, p.Q) - p.Q);
  }

  if (side == 0u) {
    let slope = ((b * p.Q + min(t0 + local / 4u, p.Q - 1u)) * p.H + head) * p.D4;
    var share = 0.0;
    for (var c = local % 4u; c < p.D4; c += 4u) { share += dot(dy[slope + c], y[slope + c]); }
    shares[local % 4u * NEXT + local / 4u] = share;
  }
  workgroupBarrier();
  if (local < TILE) {
    let t = min(t0 + local, p.Q - 1u);
    let inner = shares[local] + shares[NEXT + local] + shares[2u * NEXT + local] + shares[3u * NEXT + local];
    let row = tops[firstTop + t];
    rows[local % 2u * 18u + local / 2u] = vec4f(row.xy, inner, 0.0);
    if (part == 0u && t0 + local < p.Q) { delta[firstTop + t] = inner; }
  }

  // Of the query whose gradient is the thread's.
  let sees = select(seen.x, seen.y, side == 1u);
  var score : array<vec4f, 2>;
  var dquery : array<vec4f, COLUMNS>;
  for (var j = 0u; j < end; j += TILE) {
    // @unroll
    for (var i = 0u; i < 2u; i++) { score[i] = vec4f(0.0); }
    for (var c = 0u; c < p.D4; c += SLAB) {
      let row = lane / SLAB;
      let at = side * SIDE + lane % SLAB * PITCH;
      let column = head * p.D4 + min(c + lane % SLAB, p.D4 - 1u);
      let query = b * p.Q + min(t0 + row, p.Q - 1u);
      let key = b * p.T + min(j + row, end - 1u);
      var own = vec4f(0.0);
      var other = vec4f(0.0);
      if (c + lane % SLAB < p.D4) {
        if (side == 0u) {
          own = p.scale * q[query * p.qStride + column];
          other = k[key * p.kStride + p.kAt + column];
        } else {
          own = dy[query * p.H * p.D4 + column];
          other = v[key * p.vStride + p.vAt + column];
        }
      }
      slab[at + row % 2u * 18u + row / 2u] = own;
      slab[OTHERS + at + row % 4u * 9u + row / 4u] = other;
      workgroupBarrier();
      for (var l = 0u; l < SLAB; l++) {
        let o = side * SIDE + l * PITCH;
        let n = OTHERS + o + right;
        let others = mat4x4f(slab[n], slab[n + 9u], slab[n + 18u], slab[n + 27u]);
        // @unroll
        for (var i = 0u; i < 2u; i++) { score[i] += slab[o + 18u * i + down] * others; }
      }
      workgroupBarrier();
    }

    let at = right * STRIDE + down;
    if (side == 0u) {
      // @unroll
      for (var i = 0u; i < 2u; i++) { slab[at + 16u * i] = exp(score[i] - rows[18u * i + down].x) * rows[18u * i + down].y; }
    }
    workgroupBarrier();
    if (side == 1u) {
      // @unroll
      for (var i = 0u; i < 2u; i++) {
        let slope = slab[at + 16u * i] * (score[i] - rows[18u * i + down].z);
        slab[at + 16u * i] = select(vec4f(0.0), slope, j + 4u * right + four < vec4u(seen[i]));
      }
    }

    let last = min(TILE, max(sees, j) - j);
    for (var s = 0u; s < min(TILE, end - j); s += DEEP) {
      for (var i = local; i < DEEP * WIDE; i += THREADS) {
        let row = j + s + i / WIDE;
        let key = (b * p.T + min(row, end - 1u)) * p.kStride + p.kAt + head * p.D4 + min(part + i % WIDE, p.D4 - 1u);
        slab[KEYS + i] = select(vec4f(0.0), k[key], row < end);
      }
      workgroupBarrier();
      for (var l = s; l < min(last, s + DEEP); l += 4u) {
        let slope = slab[l / 4u * STRIDE + 16u * side + down];
        // @unroll
        for (var n = 0u; n < COLUMNS; n++) {
          let o = KEYS + (l - s) * WIDE + 8u * n + right;
          var keys = mat4x4f(slab[o], slab[o + WIDE], slab[o + 2u * WIDE], slab[o + 3u * WIDE]);
          // What is not seen may be NaN, which times 0 is NaN.
          if (CAUSAL && j + l + 4u > sees) { keys = masked(keys, j + l + four < vec4u(sees)); }
          dquery[n] += keys * slope;
        }
      }
      workgroupBarrier();
    }
  }

  let t = t0 + 2u * down + side;
  // @unroll
  for (var n = 0u; n < COLUMNS; n++) {
    let column = part + 8u * n + right;
    if (t < p.Q && column < p.D4) { dq[(b * p.Q + t) * p.qStride + head * p.D4 + column] = p.scale * dquery[n]; }
  }
}

// The columns of a matrix that are seen, and 0 for the others.
fn masked(m : mat4x4f, seen : vec4<bool>) -> mat4x4f {  // as in attention/attentionTiled.wgsl
  let zero = vec4f(0.0);
  return mat4x4f(select(zero, m[0], seen.x), select(zero, m[1], seen.y), select(zero, m[2], seen.z), select(zero, m[3], seen.w));
}
