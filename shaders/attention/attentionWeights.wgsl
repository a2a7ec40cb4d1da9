// attentionWeights — the weights of attention, to be looked at.
//
//   w[b,h,t,j] = exp(s_j − top) / Σ_j exp(s_j − top)     s_j = scale · query[b,t,h] · key[b,j,h], top = max_j s_j
//
//   for the first `seen` keys: all T, or lengths[b], or those up to its own place, where queries are the last positions;
//   0 for the others. NaN where a score is NaN or +∞, or all are −∞.
//
//   q    [B, Q, H · D4]   vec4s; head h of a query at h · D4 of its row
//   k    [B, T, H · D4]
//   lengths [B]           bound but not read unless LENGTHS
//   weights [B, H, Q, T]
//
//   thread      one query of a head: its scores first, in their places
//   grid        [B · H · Q] threads; a long row of workgroups is folded into y

const CAUSAL = false;      // a query sees no key behind its own place
const LENGTHS = false;     // a row of the batch has so many keys
const LOWEST = -3.4028234663852886e38;    // no finite number is less; not −∞: −∞ − −∞ is NaN
const WORKGROUP = 64u;

struct Params { B : u32, Q : u32, T : u32, H : u32, D4 : u32, scale : f32 }

@group(0) @binding(0) var<uniform>             p : Params;
@group(0) @binding(1) var<storage, read>       q : array<vec4f>;
@group(0) @binding(2) var<storage, read>       k : array<vec4f>;
@group(0) @binding(3) var<storage, read>       lengths : array<u32>;
@group(0) @binding(4) var<storage, read_write> weights : array<f32>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) gid : vec3u, @builtin(num_workgroups) groups : vec3u) {
  let i = gid.y * groups.x * WORKGROUP + gid.x;
  let t = i % p.Q;
  let head = i / p.Q % p.H;
  let b = i / p.Q / p.H;
  if (b >= p.B) { return; }
  var seen = p.T;
  if (LENGTHS) { seen = min(seen, lengths[b]); }
  if (CAUSAL) { seen = min(seen, max(t + 1u + p.T, p.Q) - p.Q); }

  let query = ((b * p.Q + t) * p.H + head) * p.D4;
  let first = i * p.T;
  var top = LOWEST;
  var sum = 0.0;
  for (var j = 0u; j < seen; j++) {
    let key = ((b * p.T + j) * p.H + head) * p.D4;
    var score = 0.0;
    for (var c = 0u; c < p.D4; c++) { score += dot(p.scale * q[query + c], k[key + c]); }
    weights[first + j] = score;
    let above = score - top;
    let e = exp(-abs(above));
    sum = select(sum + e, sum * e + 1.0, above > 0.0);
    top = max(top, score);    // the sum has a NaN
  }
  // A sum is above 0 and finite unless a score was not, whatever exp makes of NaN. The set bits are NaN.
  let bits = bitcast<u32>(sum);
  let fine = bits - 1u < 0x7f7fffffu && top <= -LOWEST;
  let inverse = select(bitcast<f32>(bits | 0x7fc00000u), 1.0 / sum, fine);
  for (var j = 0u; j < seen; j++) { weights[first + j] = exp(weights[first + j] - top) * inverse; }
  for (var j = seen; j < p.T; j++) { weights[first + j] = 0.0; }
}
