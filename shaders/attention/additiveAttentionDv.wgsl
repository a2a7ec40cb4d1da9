// additiveAttentionDv — the gradient of additive attention with respect to values.
//
//   dv[b,j,c] = Σ_t weights[b,t,j] · dy[b,t,c]       0 for values whose keys are not seen
//
//   weights [B, T, S]
//   dy      [B, T, C]   vec4s, as is dv: C = 4 · C4
//   lengths [B]         keys of a row of the batch; bound but not read unless LENGTHS
//   dv      [B, S, C]
//
//   thread      a vec4 of KEYS values; neighbours own neighbouring columns
//   grid        [B · S / KEYS · C4] threads; a long row of workgroups is folded into y

const KEYS = 4u;
const LENGTHS = false;
const WORKGROUP = 64u;

struct Params { B : u32, T : u32, S : u32, C4 : u32 }

@group(0) @binding(0) var<uniform>             p : Params;
@group(0) @binding(1) var<storage, read>       lengths : array<u32>;
@group(0) @binding(2) var<storage, read>       weights : array<f32>;
@group(0) @binding(3) var<storage, read>       dy : array<vec4f>;
@group(0) @binding(4) var<storage, read_write> dv : array<vec4f>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) gid : vec3u, @builtin(num_workgroups) groups : vec3u) {
  let i = gid.y * groups.x * WORKGROUP + gid.x;
  let blocks = (p.S + KEYS - 1u) / KEYS;
  let c = i % p.C4;
  let first = i / p.C4 % blocks * KEYS;
  let b = i / p.C4 / blocks;
  if (b >= p.B) { return; }
  var seen = p.S;
  if (LENGTHS) { seen = min(seen, lengths[b]); }

  var sum : array<vec4f, KEYS>;
  for (var t = 0u; t < p.T; t++) {
    let slope = dy[(b * p.T + t) * p.C4 + c];
    // @unroll
    for (var o = 0u; o < KEYS; o++) {
      sum[o] = fma(vec4f(weights[(b * p.T + t) * p.S + min(first + o, p.S - 1u)]), slope, sum[o]);
    }
  }
  // @unroll
  for (var o = 0u; o < KEYS; o++) {
    if (first + o < p.S) { dv[(b * p.S + first + o) * p.C4 + c] = select(vec4f(0.0), sum[o], first + o < seen); }
  }
}
