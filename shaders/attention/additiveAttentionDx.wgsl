// additiveAttentionDx — the gradients of additive attention with respect to what its scores are made of.
//
//   h           = tanh(q[b,t,a] + k[b,j,a])
//   dq[b,t,a]   = u[a] · Σ_j slopes[b,t,j] · (1 − h²)
//   dk[b,j,a]   = u[a] · Σ_t slopes[b,t,j] · (1 − h²)
//   parts[b,a]  = Σ_t Σ_j slopes[b,t,j] · h                    their sum over b is du
//
//   q       [B, T, A]   vec4s, as is all but slopes and lengths: A = 4 · A4
//   k       [B, S, A]
//   u       [A]
//   lengths [B]         keys of a row of the batch that are seen; bound but not read unless LENGTHS
//   slopes  [B, T, S]   of scores; 0 for keys that are not seen
//   dq dk parts
//
//   thread      a vec4 of columns in a row of the batch, KEYS keys at a time; neighbours own neighbouring columns
//   grid        [B · A4] threads; a long row of workgroups is folded into y

const KEYS = 4u;
const LENGTHS = false;
const WORKGROUP = 64u;

struct Params { B : u32, T : u32, S : u32, A4 : u32 }

@group(0) @binding(0) var<uniform>             p : Params;
@group(0) @binding(1) var<storage, read>       q : array<vec4f>;
@group(0) @binding(2) var<storage, read>       k : array<vec4f>;
@group(0) @binding(3) var<storage, read>       u : array<vec4f>;
@group(0) @binding(4) var<storage, read>       lengths : array<u32>;
@group(0) @binding(5) var<storage, read>       slopes : array<f32>;
@group(0) @binding(6) var<storage, read_write> dq : array<vec4f>;
@group(0) @binding(7) var<storage, read_write> dk : array<vec4f>;
@group(0) @binding(8) var<storage, read_write> parts : array<vec4f>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) gid : vec3u, @builtin(num_workgroups) groups : vec3u) {
  let i = gid.y * groups.x * WORKGROUP + gid.x;
  let a = i % p.A4;
  let b = i / p.A4;
  if (b >= p.B) { return; }
  var seen = p.S;
  if (LENGTHS) { seen = min(seen, lengths[b]); }

  var key : array<vec4f, KEYS>;
  var dkey : array<vec4f, KEYS>;
  var slope : array<f32, KEYS>;
  var along = vec4f(0.0);
  if (seen == 0u) {
    for (var t = 0u; t < p.T; t++) { dq[(b * p.T + t) * p.A4 + a] = vec4f(0.0); }
  }
  for (var j = 0u; j < seen; j += KEYS) {
    // Behind the last key it is there again, and its slope is 0.
    // @unroll
    for (var o = 0u; o < KEYS; o++) {
      key[o] = k[(b * p.S + min(j + o, seen - 1u)) * p.A4 + a];
      dkey[o] = vec4f(0.0);
    }
    for (var t = 0u; t < p.T; t++) {
      let at = (b * p.T + t) * p.A4 + a;
      let first = (b * p.T + t) * p.S;
      let query = q[at];
      var sum = vec4f(0.0);
      // @unroll
      for (var o = 0u; o < KEYS; o++) {
        slope[o] = select(0.0, slopes[first + min(j + o, seen - 1u)], j + o < seen);
        let h = tanhOf(query + key[o]);
        let d = slope[o] * fma(-h, h, vec4f(1.0));
        sum += d;
        dkey[o] += d;
        along = fma(vec4f(slope[o]), h, along);
      }
      if (j > 0u) { dq[at] += u[a] * sum; } else { dq[at] = u[a] * sum; }
    }
    // @unroll
    for (var o = 0u; o < KEYS; o++) {
      if (j + o < seen) { dk[(b * p.S + j + o) * p.A4 + a] = u[a] * dkey[o]; }
    }
  }
  for (var j = seen; j < p.S; j++) { dk[(b * p.S + j) * p.A4 + a] = vec4f(0.0); }
  parts[i] = along;
}

// To 5e-7 of its value, also of the smallest; a NaN is not beyond 7.5 and goes through.
fn tanhOf(v : vec4f) -> vec4f {  // as in elementwise/chain.wgsl
  let s = v * v;
  let upper = fma(s, fma(s, vec4f(1.1993428e-5), vec4f(0.0030021467)), vec4f(0.12972917));
  let lower = fma(s, fma(s, fma(s, vec4f(2.6429075e-7), vec4f(2.4596154e-4)), vec4f(0.024023622)), vec4f(0.46306205));
  let value = v * fma(s, upper, vec4f(1.0)) / fma(s, lower, vec4f(1.0));
  let one = bitcast<vec4f>((bitcast<vec4u>(v) & vec4u(0x80000000u)) | vec4u(0x3f800000u));
  return select(value, one, s > vec4f(56.25));
}
