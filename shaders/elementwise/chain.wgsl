// chain — y = sₙ(… s₂(s₁(x))), element by element: one step, or what would be a launch for every step.
//
//   x y      [size]
//   a b c    [size]   what steps take beside the running value; x where there are fewer
//   key [2]           seed and step for dropout; bound but not read without
//
//   thread      EACH times four consecutive elements, a workgroup apart
//   grid        [size / 4 / WORKGROUP / EACH] workgroups; a long row of them is folded into y
//
// Every step sets the running value v by one of the functions below, of v and, where it takes them, of an operand or
// of a pair of numbers. The planner writes its steps in place of the line that is marked.

const OPERANDS = 1u;      // how many of a, b, c are read
const WORKGROUP = 64u;
const EACH = 1u;          // vec4s of a thread
const WHOLE = false;      // all threads have work: size is a multiple of 4 · WORKGROUP · EACH

struct Params {
  size : u32,
  m0 : f32, n0 : f32, m1 : f32, n1 : f32, m2 : f32, n2 : f32, m3 : f32, n3 : f32,
  call : u32, threshold : u32, keep : f32,    // of dropout
}

@group(0) @binding(0) var<uniform>             p : Params;
@group(0) @binding(1) var<storage, read>       x : array<vec4f>;
@group(0) @binding(2) var<storage, read>       a : array<vec4f>;
@group(0) @binding(3) var<storage, read>       b : array<vec4f>;
@group(0) @binding(4) var<storage, read>       c : array<vec4f>;
@group(0) @binding(5) var<storage, read>       key : array<u32>;
@group(0) @binding(6) var<storage, read_write> y : array<vec4f>;

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(local_invocation_id) lid : vec3u,
  @builtin(workgroup_id) wid : vec3u,
  @builtin(num_workgroups) groups : vec3u,
) {
  let first = (wid.y * groups.x + wid.x) * WORKGROUP * EACH + lid.x;
  // @unroll
  for (var e = 0u; e < EACH; e++) { four(first + e * WORKGROUP); }
}

fn four(i : u32) {
  if (WHOLE || i * 4u < p.size) {
    let lane = i * 4u + vec4u(0u, 1u, 2u, 3u);
    var u : array<vec4f, 3>;
    if (OPERANDS > 0u) { u[0] = a[i]; }
    if (OPERANDS > 1u) { u[1] = b[i]; }
    if (OPERANDS > 2u) { u[2] = c[i]; }
    var v = x[i];
    // @steps
    v = clampTo(scale(scale(scale(reluOf(add(v, u[0])), p.m0, p.n0), p.m1, p.n1), p.m2, p.n2), p.m3, p.n3);
    y[i] = select(vec4f(0.0), v, vec4<bool>(WHOLE) | (lane < vec4u(p.size)));
  }
}

fn add(v : vec4f, u : vec4f) -> vec4f { return v + u; }
fn sub(v : vec4f, u : vec4f) -> vec4f { return v - u; }
fn subFrom(v : vec4f, u : vec4f) -> vec4f { return u - v; }
fn mul(v : vec4f, u : vec4f) -> vec4f { return v * u; }
fn div(v : vec4f, u : vec4f) -> vec4f { return v / u; }
fn divInto(v : vec4f, u : vec4f) -> vec4f { return u / v; }

fn scale(v : vec4f, m : f32, n : f32) -> vec4f { return m * v + n; }
fn clampTo(v : vec4f, m : f32, n : f32) -> vec4f {
  let low = select(v, vec4f(m), v < vec4f(m));
  return select(low, vec4f(n), low > vec4f(n));
}

// Functions of one value, the name of the op and Of; tanh and sigmoid are safe at ±∞ and precise everywhere.
fn expOf(v : vec4f) -> vec4f { return select(exp(v), v, isNan(v)); }
// The root of a NaN or a negative number is NaN on every adapter, their logarithm is not, nor is that of 0 always −∞.
fn logOf(v : vec4f) -> vec4f {
  let finite = select(log(v), -1.0 / abs(v), v == vec4f(0.0));
  return select(finite, sqrt(v), isNan(v) | (v < vec4f(0.0)));
}
fn sqrtOf(v : vec4f) -> vec4f { return sqrt(v); }
fn squareOf(v : vec4f) -> vec4f { return v * v; }
fn reluOf(v : vec4f) -> vec4f { return select(v, vec4f(0.0), v < vec4f(0.0)); }
fn sigmoidOf(v : vec4f) -> vec4f { return select(1.0 / (1.0 + exp(-v)), v, isNan(v)); }
fn geluOf(v : vec4f) -> vec4f { return 0.5 * v * (1.0 + tanhOf(geluInner(v))); }
fn siluOf(v : vec4f) -> vec4f { return v * sigmoidOf(v); }
fn geluInner(v : vec4f) -> vec4f { return 0.7978845608 * (v + 0.044715 * v * v * v); }

// To 5e-7 of its value, also of the smallest; a NaN is not beyond 7.5 and goes through.
fn tanhOf(v : vec4f) -> vec4f {
  let s = v * v;
  let upper = fma(s, fma(s, vec4f(1.1993428e-5), vec4f(0.0030021467)), vec4f(0.12972917));
  let lower = fma(s, fma(s, fma(s, vec4f(2.6429075e-7), vec4f(2.4596154e-4)), vec4f(0.024023622)), vec4f(0.46306205));
  let value = v * fma(s, upper, vec4f(1.0)) / fma(s, lower, vec4f(1.0));
  let one = bitcast<vec4f>((bitcast<vec4u>(v) & vec4u(0x80000000u)) | vec4u(0x3f800000u));
  return select(value, one, s > vec4f(56.25));
}

// By its bits: a compiler may take any comparison with a NaN for false or true.
fn isNan(v : vec4f) -> vec4<bool> { return (bitcast<vec4i>(v) & vec4i(0x7fffffff)) > vec4i(0x7f800000); }

// v times the derivative, the name of the op and Dx, which is written in u: x, or y where the op says so.
fn expDx(v : vec4f, u : vec4f) -> vec4f { return v * u; }
fn logDx(v : vec4f, u : vec4f) -> vec4f { return v * (1.0 / u); }
fn sqrtDx(v : vec4f, u : vec4f) -> vec4f { return v * (0.5 / u); }
fn squareDx(v : vec4f, u : vec4f) -> vec4f { return v * (2.0 * u); }
// u is 0 or NaN where it is not above 0.
fn reluDx(v : vec4f, u : vec4f) -> vec4f { return v * select(u, vec4f(1.0), u > vec4f(0.0)); }
fn tanhDx(v : vec4f, u : vec4f) -> vec4f { return v * (1.0 - u * u); }
fn sigmoidDx(v : vec4f, u : vec4f) -> vec4f { return v * (u * (1.0 - u)); }
fn geluDx(v : vec4f, u : vec4f) -> vec4f {
  let t = tanhOf(geluInner(u));
  // Where t is −1 or 1, 1 − t² is 0, and must not meet a square beyond the range.
  let near = select(u, vec4f(0.0), abs(u) > vec4f(6.0));
  let dInner = 0.7978845608 * (1.0 + 0.134145 * near * near);
  return v * (0.5 * (1.0 + t) + 0.5 * near * (1.0 - t * t) * dInner);
}
fn siluDx(v : vec4f, u : vec4f) -> vec4f {
  let s = sigmoidOf(u);
  return v * (s * (1.0 + u * (1.0 - s)));
}
// 1 from m to n, these included.
fn clampDx(v : vec4f, u : vec4f, m : f32, n : f32) -> vec4f {
  let outside = (u < vec4f(m)) | (u > vec4f(n));
  return v * select(select(vec4f(1.0), vec4f(0.0), outside), u, isNan(u));
}

// Keeps an element where a hash of its place says so: pcg4d of Jarzynski & Olano 2020, "Hash Functions for GPU
// Rendering", JCGT 9(3), on (place / 4, call, step, seed), four words for four elements. Integers only: the same mask on
// every adapter.
fn dropout(v : vec4f, i : u32) -> vec4f { return select(vec4f(0.0), p.keep * v, hash(i) >= vec4u(p.threshold)); }

fn hash(quad : u32) -> vec4u { return pcg4d(vec4u(quad, p.call, key[1], key[0])); }

// Four words of noise from four (Jarzynski & Olano 2020).
fn pcg4d(start : vec4u) -> vec4u {
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
