// causalAttentionQuad — causalAttention.wgsl; four neighbouring threads share the columns of a head.
//
//   y[b,t,h]    = Σ_j exp(s_j − top) · inverse · value[b,j,h]      s_j = scale · query[b,t,h] · key[b,j,h]
//   tops[b,h,t] = (top, inverse)       top = max_j s_j, inverse = 1 / Σ_j exp(s_j − top)
//
//   for j = 0 … t + T − Q: queries are the last positions. NaN where a score is NaN or +∞, or all are −∞.
//
//   q      [B, Q, qStride]    head h of a query at vec4 h · D4 of its row; strides and places are in vec4s
//   kv     [B, T, kvStride]   head h of a key at kAt + h · D4, of a value at vAt + h · D4
//   position [1]              of the last query, counted from 0; bound but not read unless CACHED
//   y      [B, Q, H · D4]
//   tops   [B, H, Q, 2]       for the gradient
//
//   thread      every fourth vec4 of ROWS queries of a head, four keys at a time: the largest score so far, sums
//   quad        adds up its parts of every score
//   grid        [B · H · Q / ROWS] · 4 threads; a long row of workgroups is folded into y

enable subgroups;
// The threads of a quad take the same way.
diagnostic(off, subgroup_uniformity);

const D4 = 4u;             // vec4s of a head: a multiple of 4
const PART = D4 / 4u;      // of them a thread's
const ROWS = 4u;
const CACHED = false;      // keys are a ring: position j's in row j mod T, and only those of the last T are there
const LOWEST = -3.4028234663852886e38;    // no finite number is less; not −∞: −∞ − −∞ is NaN
const WORKGROUP = 64u;

struct Params { B : u32, Q : u32, T : u32, H : u32, qStride : u32, kvStride : u32, kAt : u32, vAt : u32, never : u32, scale : f32 }

@group(0) @binding(0) var<uniform>             p : Params;
@group(0) @binding(1) var<storage, read>       q : array<vec4f>;
@group(0) @binding(2) var<storage, read>       kv : array<vec4f>;
@group(0) @binding(3) var<storage, read>       position : array<u32>;
@group(0) @binding(4) var<storage, read_write> y : array<vec4f>;
@group(0) @binding(5) var<storage, read_write> tops : array<vec2f>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) gid : vec3u, @builtin(num_workgroups) groups : vec3u,
        @builtin(subgroup_invocation_id) lane : u32) {
  let i = (gid.y * groups.x * WORKGROUP + gid.x) / 4u;
  let own = lane % 4u;
  let blocks = (p.Q + ROWS - 1u) / ROWS;
  let head = i / blocks % p.H;
  let b = i / blocks / p.H;
  if (b >= p.B) { return; }

  var row : array<u32, ROWS>;
  var query : array<vec4f, ROWS * PART>;
  var mean : array<vec4f, ROWS * PART>;
  var top : array<f32, ROWS>;
  var sum : array<f32, ROWS>;
  var score : array<vec4f, ROWS>;
  var fade : array<f32, ROWS>;
  // @unroll
  for (var r = 0u; r < ROWS; r++) {
    row[r] = min(i % blocks * ROWS + r, p.Q - 1u);
    top[r] = LOWEST;
    // @unroll
    for (var c = 0u; c < PART; c++) { query[r * PART + c] = p.scale * q[(b * p.Q + row[r]) * p.qStride + head * D4 + own + 4u * c]; }
  }

  // The score of what is not seen: −∞, from the host, because WGSL has no way to write it.
  let never = vec4f(bitcast<f32>(p.never));
  let before = p.T - p.Q;
  var last = before + row[ROWS - 1u];
  var newest = 0u;
  if (CACHED) {
    last = min(position[0], p.T - 1u);
    newest = position[0] % p.T;
  }
  for (var j = 0u; j <= last; j += 4u) {
    let four = j + vec4u(0u, 1u, 2u, 3u);
    let at = (b * p.T + min(four, vec4u(p.T - 1u))) * p.kvStride + head * D4 + own;
    // @unroll
    for (var r = 0u; r < ROWS; r++) { score[r] = vec4f(0.0); }
    // @unroll
    for (var c = 0u; c < PART; c++) {
      let key = mat4x4f(kv[at.x + p.kAt + 4u * c], kv[at.y + p.kAt + 4u * c], kv[at.z + p.kAt + 4u * c], kv[at.w + p.kAt + 4u * c]);
      // @unroll
      for (var r = 0u; r < ROWS; r++) { score[r] += query[r * PART + c] * key; }
    }
    // @unroll
    for (var r = 0u; r < ROWS; r++) {
      var seen = four <= vec4u(before + row[r]);
      if (CACHED) { seen = (four <= vec4u(last)) & (age(four, newest) >= vec4u(p.Q - 1u - row[r])); }
      let s = select(never, whole(score[r]), seen);
      let most = max(max(top[r], max(s.x, s.y)), max(s.z, s.w));    // the sum has a NaN
      fade[r] = exp(top[r] - most);
      score[r] = exp(s - most);
      sum[r] = fma(sum[r], fade[r], dot(score[r], vec4f(1.0)));
      top[r] = most;
    }
    // @unroll
    for (var c = 0u; c < PART; c++) {
      let value = mat4x4f(kv[at.x + p.vAt + 4u * c], kv[at.y + p.vAt + 4u * c], kv[at.z + p.vAt + 4u * c], kv[at.w + p.vAt + 4u * c]);
      // @unroll
      for (var r = 0u; r < ROWS; r++) { mean[r * PART + c] = fma(mean[r * PART + c], vec4f(fade[r]), value * score[r]); }
    }
  }

  // @unroll
  for (var r = 0u; r < ROWS; r++) {
    // A sum is above 0 and finite unless a score was not, whatever exp makes of NaN. The set bits are NaN.
    let bits = bitcast<u32>(sum[r]);
    let fine = bits - 1u < 0x7f7fffffu && top[r] <= -LOWEST;
    let inverse = select(bitcast<f32>(bits | 0x7fc00000u), 1.0 / sum[r], fine);
    if (i % blocks * ROWS + r < p.Q) {
      // @unroll
      for (var c = 0u; c < PART; c++) { y[((b * p.Q + row[r]) * p.H + head) * D4 + own + 4u * c] = mean[r * PART + c] * inverse; }
      if (own == 0u) { tops[(b * p.H + head) * p.Q + row[r]] = vec2f(top[r], inverse); }
    }
  }
}

// The sum over the threads of a quad, in all of them.
fn whole(part : vec4f) -> vec4f {
  let pair = part + quadSwapX(part);
  return pair + quadSwapY(pair);
}

// How many positions before the newest one rows of a ring are.
fn age(rows : vec4u, newest : u32) -> vec4u {  // as in attention/causalAttention.wgsl
  return (newest + p.T - min(rows, vec4u(p.T - 1u))) % p.T;
}
