// attentionDkvTiled — attentionDkv.wgsl; a workgroup stages the queries of a tile of keys in workgroup memory.
//
//   w_t         = exp(scale · query[b,t,h] · key[b,j,h] − top) · inverse       (top, inverse, seen) = tops[b,h,t]
//   dv[b,j,h]   = Σ_t w_t · dy[b,t,h]
//   dk[b,j,h]   = scale · Σ_t w_t · (dy[b,t,h] · value[b,j,h] − delta[b,h,t]) · query[b,t,h]
//   for all t that see j: j < seen
//
//   q    [B, Q, qStride]        head h of a query at vec4 h · D4 of its row; strides and places are in vec4s
//   k v dk dv [B, T, …Stride]   head h of a key at kAt + h · D4, of a value at vAt + h · D4
//   dy   [B, Q, H · D4]
//   tops  [B, H, Q, 4]          the largest score, 1 / Σ exp of all relative to it, how many keys are seen, 0
//   delta [B, H, Q]             dy · y
//
//   workgroup   TILE keys of a head, WIDE vec4s of their gradients, by two sides of 16 × 8 threads; TILE queries at a time
//   thread      of 2 keys and 4 queries, one side the weights, the other their gradients; then COLUMNS vec4s of dv, or of dk
//   grid        [B · H · tiles · parts] workgroups, the parts of a head beside each other; a long row of them is folded into y
//
// A head that is wider than WIDE has several parts, and each makes the weights again.

const COLUMNS = 1u;        // 1, 2 or 4
const CAUSAL = false;      // queries are the last positions, and none sees a key behind its own
const LENGTHS = false;     // there may be fewer keys than T: as many as the last query sees
const PACKED = false;      // keys and values are one tensor: dk takes both gradients, and dv is not written
const THREADS = 256u;
const TILE = 32u;
const SLAB = 4u;           // vec4s of a row that are there at a time
const PITCH = 36u;         // from one of them to the next; key 2a + b at 18b + a, query 4a + b at 9b + a: no bank conflicts
const OTHERS = 144u;       // queries or slopes, behind a side's keys or values
const SIDE = 288u;         // of the slab
const WIDE = 8u * COLUMNS;
const DEEP = 16u / COLUMNS;     // slopes, and queries, that are there at a time
const STRIDE = 34u;        // from the weights of four queries to the next; key 2a + b at 16b + a
const WEIGHTS = 272u;      // all of a side: behind these their gradients, then slopes and queries
const GIVEN = 128u;        // slopes, or queries

struct Params { B : u32, Q : u32, T : u32, H : u32, D4 : u32, qStride : u32, kStride : u32, vStride : u32, kAt : u32, vAt : u32, scale : f32 }

@group(0) @binding(0) var<uniform>             p : Params;
@group(0) @binding(1) var<storage, read>       q : array<vec4f>;
@group(0) @binding(2) var<storage, read>       k : array<vec4f>;
@group(0) @binding(3) var<storage, read>       v : array<vec4f>;
@group(0) @binding(4) var<storage, read>       dy : array<vec4f>;
@group(0) @binding(5) var<storage, read>       tops : array<vec4f>;
@group(0) @binding(6) var<storage, read>       delta : array<f32>;
@group(0) @binding(7) var<storage, read_write> dk : array<vec4f>;
@group(0) @binding(8) var<storage, read_write> dv : array<vec4f>;

var<workgroup> slab : array<vec4f, 800>;       // keys and queries, values and slopes; then weights, slopes and queries
var<workgroup> rows : array<vec4f, 40>;        // (top, inverse, delta, 0) of query 4a + b at 10b + a

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) wid : vec3u, @builtin(num_workgroups) groups : vec3u, @builtin(local_invocation_index) local : u32) {
  let parts = (p.D4 + WIDE - 1u) / WIDE;
  let tiles = (p.T + TILE - 1u) / TILE;
  let place = wid.y * groups.x + wid.x;
  let part = place % parts * WIDE;
  let j0 = place / parts % tiles * TILE;
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
  let keys = j0 + 2u * down + vec2u(0u, 1u);
  var first = vec2u(0u);    // query that sees a key
  var start = 0u;
  if (CAUSAL) {
    first = max(keys + p.Q, vec2u(p.T)) - p.T;
    start = (max(j0 + p.Q, p.T) - p.T) / TILE * TILE;
  }
  if (j0 >= end) { start = p.Q; }

  var score : array<vec4f, 2>;
  var sum : array<vec4f, 2u * COLUMNS>;
  for (var t = start; t < p.Q; t += TILE) {
    if (local < TILE) {
      let n = firstTop + min(t + local, p.Q - 1u);
      let row = tops[n];
      rows[local % 4u * 10u + local / 4u] = vec4f(row.xy, delta[n], 0.0);
    }
    // @unroll
    for (var i = 0u; i < 2u; i++) { score[i] = vec4f(0.0); }
    for (var c = 0u; c < p.D4; c += SLAB) {
      let row = lane / SLAB;
      let at = side * SIDE + lane % SLAB * PITCH;
      let column = head * p.D4 + min(c + lane % SLAB, p.D4 - 1u);
      let query = b * p.Q + min(t + row, p.Q - 1u);
      let key = b * p.T + min(j0 + row, p.T - 1u);
      var own = vec4f(0.0);
      var other = vec4f(0.0);
      if (c + lane % SLAB < p.D4) {
        if (side == 0u) {
          own = p.scale * k[key * p.kStride + p.kAt + column];
          other = q[query * p.qStride + column];
        } else {
          own = v[key * p.vStride + p.vAt + column];
          other = dy[query * p.H * p.D4 + column];
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

    let queries = t + 4u * right + four;
    let known = transpose(mat4x4f(rows[right], rows[10u + right], rows[20u + right], rows[30u + right]));
    let at = right * STRIDE + down;
    if (side == 0u) {
      // @unroll
      for (var i = 0u; i < 2u; i++) {
        slab[at + 16u * i] = select(vec4f(0.0), exp(score[i] - known[0]) * known[1], queries >= vec4u(first[i]));
      }
    }
    workgroupBarrier();
    if (side == 1u) {
      // @unroll
      for (var i = 0u; i < 2u; i++) {
        let slope = slab[at + 16u * i] * (score[i] - known[2]);
        slab[WEIGHTS + at + 16u * i] = select(vec4f(0.0), slope, queries >= vec4u(first[i]));
      }
    }

    for (var s = 0u; s < min(TILE, p.Q - t); s += DEEP) {
      for (var i = lane; i < DEEP * WIDE; i += THREADS / 2u) {
        let row = t + s + i / WIDE;
        let query = b * p.Q + min(row, p.Q - 1u);
        let column = head * p.D4 + min(part + i % WIDE, p.D4 - 1u);
        var given = vec4f(0.0);
        if (side == 0u) { given = dy[query * p.H * p.D4 + column]; } else { given = q[query * p.qStride + column]; }
        slab[2u * WEIGHTS + side * GIVEN + i] = select(vec4f(0.0), given, row < p.Q);
      }
      workgroupBarrier();
      for (var l = max(s, (max(first.x, t) - t) / 4u * 4u); l < s + DEEP; l += 4u) {
        // @unroll
        for (var n = 0u; n < COLUMNS; n++) {
          let o = 2u * WEIGHTS + side * GIVEN + (l - s) * WIDE + 8u * n + right;
          let given = mat4x4f(slab[o], slab[o + WIDE], slab[o + 2u * WIDE], slab[o + 3u * WIDE]);
          // @unroll
          for (var i = 0u; i < 2u; i++) {
            var own = given;
            // Of a query that does not see the key it may be NaN, which times 0 is NaN.
            if (CAUSAL && t + l < first.y) { own = masked(given, t + l + four >= vec4u(first[i])); }
            sum[i * COLUMNS + n] += own * slab[side * WEIGHTS + l / 4u * STRIDE + 16u * i + down];
          }
        }
      }
      workgroupBarrier();
    }
  }

  // @unroll
  for (var m = 0u; m < 2u * COLUMNS; m++) {
    let j = j0 + 2u * down + m / COLUMNS;
    let column = part + 8u * (m % COLUMNS) + right;
    if (j < p.T && column < p.D4) {
      let kPlace = (b * p.T + j) * p.kStride + p.kAt + head * p.D4 + column;
      let vPlace = (b * p.T + j) * p.vStride + p.vAt + head * p.D4 + column;
      // A key that no query sees has sums of what none of them gives.
      let own = select(vec4f(0.0), sum[m] * select(1.0, p.scale, side == 1u), j < end);
      if (PACKED || side == 1u) { dk[select(vPlace, kPlace, side == 1u)] = own; } else { dv[vPlace] = own; }
    }
  }
}

// The columns of a matrix that are seen, and 0 for the others.
fn masked(m : mat4x4f, seen : vec4<bool>) -> mat4x4f {  // as in attention/attentionTiled.wgsl
  let zero = vec4f(0.0);
  return mat4x4f(select(zero, m[0], seen.x), select(zero, m[1], seen.y), select(zero, m[2], seen.z), select(zero, m[3], seen.w));
}
