// gradientNorm — partial sums of squares, then the square root of their sum.
//
//   y[s] = Σ_i g[i]²          i in the s-th run of `length` vec4s
//   y[0] = √ Σ_s g[s]         when FINISH, with the sums as g
//
//   g  [size]    all gradients of a model; or the partial sums
//   y  [S]       the partial sums; or the norm, [1]
//
//   thread      one element of y
//   grid        [S] threads; a long row of workgroups is folded into y

const FINISH = false;
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
  var sum = vec4f(0.0);
  for (var i = first; i < end; i++) {
    // The padding of a flat buffer is zero, but what lies behind the parts may be anything.
    let v = select(vec4f(0.0), g[i], i * 4u + vec4u(0u, 1u, 2u, 3u) < vec4u(p.size));
    if (FINISH) { sum += v; } else { sum = fma(v, v, sum); }
  }
  let total = (sum.x + sum.y) + (sum.z + sum.w);
  if (FINISH) { y[s] = sqrt(total); } else { y[s] = total; }
}
