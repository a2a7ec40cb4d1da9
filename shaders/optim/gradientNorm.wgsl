// gradientNorm — the norms of parts, then the norm of these.
//
//   y[s] = √ Σ g[i]²        over `length` vec4s `stride` apart, which `stride` neighbours s share: all of a run of
//                           stride · length vec4s; of all, where g holds the norms of parts and the stride is 1
//
//   g  [size]    all gradients of a model; or the norms of parts
//   y  [S]       S a multiple of the stride
//
//   thread      one element of y; it reads its part twice more where squares are beyond the range of f32
//   grid        [S] threads; a long row of workgroups is folded into y

const ROUNDS = 16u;        // times four vec4s, summed before the sum is added to the others: few roundings
const WORKGROUP = 64u;

struct Params { size : u32, S : u32, length : u32, stride : u32 }

@group(0) @binding(0) var<uniform>             p : Params;
@group(0) @binding(1) var<storage, read>       g : array<vec4f>;
@group(0) @binding(2) var<storage, read_write> y : array<f32>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) gid : vec3u, @builtin(num_workgroups) groups : vec3u) {
  let s = gid.y * groups.x * WORKGROUP + gid.x;
  if (s >= p.S) { return; }
  let run = s / p.stride * p.stride * p.length;
  let first = run + s % p.stride;
  let end = min(run + p.stride * p.length, (p.size + 3u) / 4u);
  var norm = sqrt(squares(first, end, 1.0));
  if (!(norm > 1e-12 && norm < 1e18)) {
    // Relative to the largest. As bits, of which those of NaN are the largest.
    var bits = vec4u(0u);
    for (var i = first; i < end; i += p.stride) { bits = max(bits, bitcast<vec4u>(at(i)) & vec4u(0x7fffffffu)); }
    let top = bitcast<f32>(max(max(bits.x, bits.y), max(bits.z, bits.w)));
    // Where all are 0 or too small for a division, the norm is 0.
    norm = top * sqrt(squares(first, end, select(0.0, 1.0 / top, top > 1.2e-38)));
  }
  y[s] = norm;
}

fn squares(first : u32, end : u32, scale : f32) -> f32 {
  var total = vec4f(0.0);
  let whole = min(end, p.size / 4u);
  var i = first;
  // Four sums hide the latency of the loads; what they read is whole.
  while (i + 3u * p.stride < whole) {
    var a = vec4f(0.0);
    var b = vec4f(0.0);
    var c = vec4f(0.0);
    var d = vec4f(0.0);
    for (var round = 0u; round < ROUNDS && i + 3u * p.stride < whole; round++) {
      a = add(a, scale * g[i]);
      b = add(b, scale * g[i + p.stride]);
      c = add(c, scale * g[i + 2u * p.stride]);
      d = add(d, scale * g[i + 3u * p.stride]);
      i += 4u * p.stride;
    }
    total += (a + b) + (c + d);
  }
  for (; i < end; i += p.stride) { total = add(total, scale * at(i)); }
  return (total.x + total.y) + (total.z + total.w);
}

fn add(sum : vec4f, v : vec4f) -> vec4f { return fma(v, v, sum); }

// The padding of a flat buffer is zero, but what lies behind the parts may be anything.
fn at(i : u32) -> vec4f {
  return select(vec4f(0.0), g[i], i * 4u + vec4u(0u, 1u, 2u, 3u) < vec4u(p.size));
}
