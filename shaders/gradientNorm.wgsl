// gradientNorm — the norms of parts, then the norm of these.
//
//   y[s] = √ Σ_i g[i]²        i in the s-th run of `length` vec4s; of all, where g holds the norms of parts
//
//   g  [size]    all gradients of a model; or the norms of parts
//   y  [S]
//
//   thread      one element of y; it reads its part twice more where squares are beyond the range of f32
//   grid        [S] threads; a long row of workgroups is folded into y

const CHUNK = 32u;         // vec4s summed before the sum is added to the others: few roundings
const WORKGROUP = 64u;

struct Params { size : u32, S : u32, length : u32 }

@group(0) @binding(0) var<uniform>             p : Params;
@group(0) @binding(1) var<storage, read>       g : array<vec4f>;
@group(0) @binding(2) var<storage, read_write> y : array<f32>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) gid : vec3u, @builtin(num_workgroups) groups : vec3u) {
  let s = gid.y * groups.x * WORKGROUP + gid.x;
  if (s >= p.S) { return; }
  let first = s * p.length;
  let end = min(first + p.length, (p.size + 3u) / 4u);
  var norm = sqrt(squares(first, end, 1.0));
  if (!(norm > 1e-12 && norm < 1e18)) {
    // Relative to the largest. As bits, of which those of NaN are the largest.
    var bits = vec4u(0u);
    for (var i = first; i < end; i++) { bits = max(bits, bitcast<vec4u>(at(i)) & vec4u(0x7fffffffu)); }
    let top = bitcast<f32>(max(max(bits.x, bits.y), max(bits.z, bits.w)));
    // Where all are 0 or too small for a division, the norm is 0.
    norm = top * sqrt(squares(first, end, select(0.0, 1.0 / top, top > 1.2e-38)));
  }
  y[s] = norm;
}

fn squares(first : u32, end : u32, scale : f32) -> f32 {
  var total = 0.0;
  for (var chunk = first; chunk < end; chunk += CHUNK) {
    let last = min(chunk + CHUNK, end);
    var sum = vec4f(0.0);
    for (var i = chunk; i < last; i++) {
      let v = scale * at(i);
      sum = fma(v, v, sum);
    }
    total += (sum.x + sum.y) + (sum.z + sum.w);
  }
  return total;
}

// The padding of a flat buffer is zero, but what lies behind the parts may be anything.
fn at(i : u32) -> vec4f {
  return select(vec4f(0.0), g[i], i * 4u + vec4u(0u, 1u, 2u, 3u) < vec4u(p.size));
}
