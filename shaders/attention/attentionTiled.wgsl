// attentionTiled — attention.wgsl; a workgroup stages the keys and values of a tile of queries in workgroup memory.
//
//   y[b,t,h]    = Σ_j exp(s_j − top) · inverse · value[b,j,h]      s_j = scale · query[b,t,h] · key[b,j,h]
//   tops[b,h,t] = (top, inverse, seen, 0)       top = max_j s_j, inverse = 1 / Σ_j exp(s_j − top)
//
//   for the first `seen` keys: all T, or lengths[b], or those up to its own place, where queries are the last positions.
//   0 where a query sees none; NaN where a score is NaN or +∞, or all are −∞.
//
//   q      [B, Q, qStride]    head h of a query at vec4 h · D4 of its row; strides and places are in vec4s
//   k v    [B, T, …Stride]    head h of a key at kAt + h · D4, of a value at vAt + h · D4
//   lengths [B]               bound but not read unless LENGTHS
//   y      [B, Q, H · D4]
//   tops   [B, H, Q, 4]       for the gradient
//
//   workgroup   TILE queries of a head, WIDE vec4s of their means, by 16 × 8 threads; TILE keys at a time
//   thread      the scores of 2 queries and 4 keys; then COLUMNS vec4s of these queries' means, 8 apart
//   grid        [B · H · tiles · parts] workgroups, the parts of a head beside each other; a long row of them is folded into y
//
// A head that is wider than WIDE has several parts, and each makes the scores again.

const COLUMNS = 1u;        // 1, 2 or 4
const CAUSAL = false;      // a query sees no key behind its own place
const LENGTHS = false;     // a row of the batch has so many keys
const LOWEST = -3.4028234663852886e38;    // no finite number is less; not −∞: −∞ − −∞ is NaN
const THREADS = 128u;
const TILE = 32u;
const SLAB = 4u;           // vec4s of a query and of a key that are there at a time
const PITCH = 36u;         // from one of them to the next; query 2a + b at 18b + a, key 4a + b at 9b + a: no bank conflicts
const KEYS = 144u;         // behind the queries of a slab
const WIDE = 8u * COLUMNS;
const DEEP = TILE / COLUMNS;    // values that are there at a time
const STRIDE = 34u;        // from the weights of four keys to the next; query 2a + b at 16b + a
const NEXT = 18u;          // from a thread's share of its queries to its neighbour's

struct Params { B : u32, Q : u32, T : u32, H : u32, D4 : u32, qStride : u32, kStride : u32, vStride : u32, kAt : u32, vAt : u32,
                never : u32, scale : f32 }

@group(0) @binding(0) var<uniform>             p : Params;
@group(0) @binding(1) var<storage, read>       q : array<vec4f>;
@group(0) @binding(2) var<storage, read>       k : array<vec4f>;
@group(0) @binding(3) var<storage, read>       v : array<vec4f>;
@group(0) @binding(4) var<storage, read>       lengths : array<u32>;
@group(0) @binding(5) var<storage, read_write> y : array<vec4f>;
@group(0) @binding(6) var<storage, read_write> tops : array<vec4f>;

var<workgroup> slab : array<vec4f, 288>;       // queries and keys, then values
var<workgroup> weights : array<vec4f, 272>;    // of a query and four keys
var<workgroup> shares : array<vec2f, 144>;

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
  let down = local / 8u;
  let right = local % 8u;
  let four = vec4u(0u, 1u, 2u, 3u);

  var end = p.T;    // of the keys that the last query sees
  if (LENGTHS) { end = min(end, lengths[b]); }
  var seen = vec2u(end);
  if (CAUSAL) {
    seen = min(seen, max(t0 + 2u * down + vec2u(1u, 2u) + p.T, vec2u(p.Q)) - p.Q);
    end = min(end, max(min(t0 + TILE, p.Q) + p.T, p.Q) - p.Q);
  }

  // The score of what is not seen: −∞, from the host, because WGSL has no way to write it.
  let never = vec4f(bitcast<f32>(p.never));
  var score : array<vec4f, 2>;
  var mean : array<vec4f, 2u * COLUMNS>;
  var top = vec2f(LOWEST);
  var sum = vec2f(0.0);
  for (var j = 0u; j < end; j += TILE) {
    // @unroll
    for (var i = 0u; i < 2u; i++) { score[i] = vec4f(0.0); }
    for (var c = 0u; c < p.D4; c += SLAB) {
      let row = local / SLAB;
      let at = local % SLAB * PITCH;
      let column = c + local % SLAB;
      let query = (b * p.Q + min(t0 + row, p.Q - 1u)) * p.qStride + head * p.D4 + min(column, p.D4 - 1u);
      let key = (b * p.T + min(j + row, end - 1u)) * p.kStride + p.kAt + head * p.D4 + min(column, p.D4 - 1u);
      slab[at + row % 2u * 18u + row / 2u] = select(vec4f(0.0), p.scale * q[query], column < p.D4);
      slab[KEYS + at + row % 4u * 9u + row / 4u] = select(vec4f(0.0), k[key], column < p.D4);
      workgroupBarrier();
      for (var l = 0u; l < SLAB; l++) {
        let o = KEYS + l * PITCH + right;
        let keys = mat4x4f(slab[o], slab[o + 9u], slab[o + 18u], slab[o + 27u]);
        // @unroll
        for (var i = 0u; i < 2u; i++) { score[i] += slab[l * PITCH + 18u * i + down] * keys; }
      }
      workgroupBarrier();
    }

    var largest : vec2f;
    // @unroll
    for (var i = 0u; i < 2u; i++) {
      let s = select(never, score[i], j + 4u * right + four < vec4u(seen[i]));
      score[i] = s;
      largest[i] = max(max(s.x, s.y), max(s.z, s.w));    // the sum has a NaN
    }
    shares[right * NEXT + down] = largest;
    workgroupBarrier();
    largest = top;
    for (var l = 0u; l < 8u; l++) { largest = max(largest, shares[l * NEXT + down]); }    // the sum has a NaN
    let fade = exp(top - largest);
    top = largest;
    // @unroll
    for (var i = 0u; i < 2u; i++) {
      let e = exp(score[i] - top[i]);
      sum[i] = fma(sum[i], fade[i], dot(e, vec4f(1.0)));
      weights[right * STRIDE + 16u * i + down] = e;
    }
    // @unroll
    for (var m = 0u; m < 2u * COLUMNS; m++) { mean[m] *= fade[m / COLUMNS]; }

    let last = min(TILE, max(seen.y, j) - j);
    for (var s = 0u; s < min(TILE, end - j); s += DEEP) {
      for (var i = local; i < DEEP * WIDE; i += THREADS) {
        let row = j + s + i / WIDE;
        let value = (b * p.T + min(row, end - 1u)) * p.vStride + p.vAt + head * p.D4 + min(part + i % WIDE, p.D4 - 1u);
        slab[i] = select(vec4f(0.0), v[value], row < end);
      }
      workgroupBarrier();
      for (var l = s; l < min(last, s + DEEP); l += 4u) {
        // @unroll
        for (var n = 0u; n < COLUMNS; n++) {
          let o = (l - s) * WIDE + 8u * n + right;
          let values = mat4x4f(slab[o], slab[o + WIDE], slab[o + 2u * WIDE], slab[o + 3u * WIDE]);
          // @unroll
          for (var i = 0u; i < 2u; i++) {
            var own = values;
            // What is not seen may be NaN, which times 0 is NaN.
            if (CAUSAL && j + l + 4u > seen.x) { own = masked(values, j + l + four < vec4u(seen[i])); }
            mean[i * COLUMNS + n] += own * weights[l / 4u * STRIDE + 16u * i + down];
          }
        }
      }
      workgroupBarrier();
    }
  }

  shares[right * NEXT + down] = sum;
  workgroupBarrier();
  sum = vec2f(0.0);
  for (var l = 0u; l < 8u; l++) { sum += shares[l * NEXT + down]; }
  // A sum is above 0 and finite unless a score was not, whatever exp makes of NaN. The set bits are NaN.
  let bits = bitcast<vec2u>(sum);
  let fine = (bits - 1u < vec2u(0x7f7fffffu)) & (top <= vec2f(-LOWEST));
  let inverse = select(select(bitcast<vec2f>(bits | vec2u(0x7fc00000u)), 1.0 / sum, fine), vec2f(0.0), seen == vec2u(0u));
  // @unroll
  for (var m = 0u; m < 2u * COLUMNS; m++) {
    let t = t0 + 2u * down + m / COLUMNS;
    let column = part + 8u * (m % COLUMNS) + right;
    if (t < p.Q && column < p.D4) { y[((b * p.Q + t) * p.H + head) * p.D4 + column] = mean[m] * inverse[m / COLUMNS]; }
  }
  if (part == 0u && right < 2u && t0 + 2u * down + right < p.Q) {
    let row = vec3f(top.x, inverse.x, f32(seen.x));
    let other = vec3f(top.y, inverse.y, f32(seen.y));
    tops[(b * p.H + head) * p.Q + t0 + 2u * down + right] = vec4f(select(row, other, right == 1u), 0.0);
  }
}

// The columns of a matrix that are seen, and 0 for the others.
fn masked(m : mat4x4f, seen : vec4<bool>) -> mat4x4f {
  let zero = vec4f(0.0);
  return mat4x4f(select(zero, m[0], seen.x), select(zero, m[1], seen.y), select(zero, m[2], seen.z), select(zero, m[3], seen.w));
}
