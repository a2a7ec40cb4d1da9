// sample — draws a symbol from every row of logits; the largest of x + temperature · Gumbel noise is a draw from softmax.
//
//   ids[n] = argmax_v x[n,v] − temperature · log E[n,v]     E = −log(1 − u), u uniform in (0, 1), over v with x[n,v] ≥ least[n]
//
//   x        [N, V]
//   seed     [1]      with `counter` and `call`: where the randomness comes from
//   counter  [1]
//   least    [N]      bits as sampleFloorRows orders them; bound but not read unless FILTERED
//   best     [N, P]   the largest value of a part of the row
//   ids      [N, P]   where it is; of equal ones the first; 2^32 − 1 where there is a NaN, which `best` then is, or only −∞
//
//   thread      one of P parts of a row: every P-th four logits
//   grid        [N · P] threads; a long row of workgroups is folded into y
//
// The noise takes the factor, not the logits, which it might carry beyond the range of f32.
// hash: pcg4d of Jarzynski & Olano 2020, as in chain.wgsl, on (place / 4, call, counter, seed).

const GREEDY = false;      // no noise
const FILTERED = false;
const LOWEST = -3.4028234663852886e38;    // no finite number is less
const NONE = 0xffffffffu;
const WORKGROUP = 64u;

struct Params { N : u32, V : u32, P : u32, call : u32, temperature : f32 }

@group(0) @binding(0) var<uniform>             p : Params;
@group(0) @binding(1) var<storage, read>       x : array<f32>;
@group(0) @binding(2) var<storage, read>       seed : array<u32>;
@group(0) @binding(3) var<storage, read>       counter : array<u32>;
@group(0) @binding(4) var<storage, read>       least : array<u32>;
@group(0) @binding(5) var<storage, read_write> best : array<f32>;
@group(0) @binding(6) var<storage, read_write> ids : array<u32>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) gid : vec3u, @builtin(num_workgroups) groups : vec3u) {
  let part = gid.y * groups.x * WORKGROUP + gid.x;
  let n = part / p.P;
  if (n >= p.N) { return; }
  let row = n * p.V;
  let fours = (p.V + 3u) / 4u;
  var bound = 0u;
  if (FILTERED) { bound = least[n]; }
  var top = LOWEST;
  var chosen = NONE;
  var nan = 0.0;
  var broken = false;
  for (var i = part % p.P; i < fours; i += p.P) {
    var noise = vec4f(0.0);
    if (!GREEDY) { noise = gumbel(hash(n * fours + i)); }
    // @unroll
    for (var e = 0u; e < 4u; e++) {
      let v = i * 4u + e;
      if (v < p.V) {
        let value = x[row + v];
        let score = fma(noise[e], p.temperature, value);
        let better = score > top || (chosen == NONE && value >= LOWEST);
        if (better && (!FILTERED || order(value) >= bound)) { top = score; chosen = v; }
        if ((bitcast<u32>(value) & 0x7fffffffu) > 0x7f800000u) { nan = value; broken = true; }
      }
    }
  }
  best[part] = select(top, nan, broken);
  ids[part] = select(chosen, NONE, broken);
}

// A number's bits such that larger numbers have larger ones.
fn order(value : f32) -> u32 {
  let bits = bitcast<u32>(value);
  return select(bits | 0x80000000u, ~bits, bits >= 0x80000000u);
}

// −log E; where u is small, E is a series, as 1 − u would lose its digits.
fn gumbel(bits : vec4u) -> vec4f {
  let u = (vec4f(bits) + 0.5) * 2.3283064365386963e-10;
  let series = u * (1.0 + u * (0.5 + u * (1.0 / 3.0 + u * (0.25 + u * 0.2))));
  return -log(select(-log((vec4f(~bits) + 0.5) * 2.3283064365386963e-10), series, u < vec4f(0.0625)));
}

fn hash(quad : u32) -> vec4u { return pcg4d(vec4u(quad, p.call, counter[0], seed[0])); }

// Four words of noise from four (Jarzynski & Olano 2020).
fn pcg4d(start : vec4u) -> vec4u {  // as in elementwise/chain.wgsl
  var v = start * 1664525u + 1013904223u;
  v.x += v.y * v.w;
  v.y += v.z * v.x;
  v.z += v.x * v.y;
  v.w += v.y * v.z;
  v ^= v >> vec4u(16u);
  v.x += v.y * v.w;
  v.y += v.z * v.x;
  v.z += v.x * v.y;
  v.w += v.y * v.z;
  return v;
}
