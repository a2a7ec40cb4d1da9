// additiveAttentionSlopes — the gradient of additive attention with respect to its scores.
//
//   slopes[b,t,j] = weights[b,t,j] · Σ_c dy[b,t,c] · (v[b,j,c] − y[b,t,c])       0 for keys that are not seen
//
//   weights slopes [B, T, S]
//   y dy    [B, T, C]   vec4s, as is v: C = 4 · C4
//   v       [B, S, C]
//   lengths [B]         keys of a row of the batch; bound but not read unless LENGTHS
//
//   thread      KEYS scores of a query
//   grid        [B · T · S / KEYS] threads; a long row of workgroups is folded into y

const KEYS = 4u;
const LENGTHS = false;
const WORKGROUP = 64u;

struct Params { B : u32, T : u32, S : u32, C4 : u32 }

@group(0) @binding(0) var<uniform>             p : Params;
@group(0) @binding(1) var<storage, read>       v : array<vec4f>;
@group(0) @binding(2) var<storage, read>       lengths : array<u32>;
@group(0) @binding(3) var<storage, read>       y : array<vec4f>;
@group(0) @binding(4) var<storage, read>       weights : array<f32>;
@group(0) @binding(5) var<storage, read>       dy : array<vec4f>;
@group(0) @binding(6) var<storage, read_write> slopes : array<f32>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) gid : vec3u, @builtin(num_workgroups) groups : vec3u) {
  let i = gid.y * groups.x * WORKGROUP + gid.x;
  let blocks = (p.S + KEYS - 1u) / KEYS;
  let row = i / blocks;
  let first = i % blocks * KEYS;
  let b = row / p.T;
  if (b >= p.B) { return; }
  var seen = p.S;
  if (LENGTHS) { seen = min(seen, lengths[b]); }

  var sum : array<vec4f, KEYS>;
  for (var c = 0u; c < p.C4; c++) {
    let slope = dy[row * p.C4 + c];
    let mean = y[row * p.C4 + c];
    // @unroll
    for (var o = 0u; o < KEYS; o++) {
      sum[o] = fma(slope, v[(b * p.S + min(first + o, p.S - 1u)) * p.C4 + c] - mean, sum[o]);
    }
  }
  // @unroll
  for (var o = 0u; o < KEYS; o++) {
    let at = row * p.S + first + o;
    if (first + o < p.S) { slopes[at] = select(0.0, weights[at] * dot(sum[o], vec4f(1.0)), first + o < seen); }
  }
}
