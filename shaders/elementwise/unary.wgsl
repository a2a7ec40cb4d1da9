// unary — y = f(x), element by element; f chosen by FUNCTION.
//
//   x y  [size]
//
//   thread      EACH times four consecutive elements, a workgroup apart
//   grid        [size / 4 / WORKGROUP / EACH] workgroups; a long row of them is folded into y
//
// tanh and sigmoid go through exp of a negative argument, which is safe at ±∞ and equally precise everywhere.

const NEGATE = 0u;
const EXP = 1u;
const LOG = 2u;
const SQRT = 3u;
const SQUARE = 4u;
const RELU = 5u;
const TANH = 6u;
const SIGMOID = 7u;
const GELU = 8u;
const SCALE = 9u;        // scale · x + shift
const CLAMP = 10u;       // to low … high

const FUNCTION = NEGATE;
const WORKGROUP = 64u;
const EACH = 1u;          // vec4s of a thread
const WHOLE = false;      // all threads have work: size is a multiple of 4 · WORKGROUP · EACH

struct Params { size : u32, scale : f32, shift : f32, low : f32, high : f32 }

@group(0) @binding(0) var<uniform>             p : Params;
@group(0) @binding(1) var<storage, read>       x : array<vec4f>;
@group(0) @binding(2) var<storage, read_write> y : array<vec4f>;

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
    y[i] = select(vec4f(0.0), f(x[i]), vec4<bool>(WHOLE) | (lane < vec4u(p.size)));
  }
}

fn f(v : vec4f) -> vec4f {
  switch FUNCTION {
    case NEGATE: { return -v; }
    case EXP: { return expOf(v); }
    case LOG: { return logOf(v); }
    case SQRT: { return sqrt(v); }
    case SQUARE: { return v * v; }
    case RELU: { return select(v, vec4f(0.0), v < vec4f(0.0)); }
    case TANH: { return tanhOf(v); }
    case SIGMOID: { return sigmoidOf(v); }
    case GELU: { return 0.5 * v * (1.0 + tanhOf(0.7978845608 * (v + 0.044715 * v * v * v))); }
    case CLAMP: { return clampTo(v, p.low, p.high); }
    default: { return p.scale * v + p.shift; }
  }
}

fn clampTo(v : vec4f, m : f32, n : f32) -> vec4f {
  let low = select(v, vec4f(m), v < vec4f(m));
  return select(low, vec4f(n), low > vec4f(n));
}
fn expOf(v : vec4f) -> vec4f { return select(exp(v), v, isNan(v)); }
// The root of a NaN or a negative number is NaN on every adapter, their logarithm is not, nor is that of 0 always −∞.
fn logOf(v : vec4f) -> vec4f {
  let finite = select(log(v), -1.0 / abs(v), v == vec4f(0.0));
  return select(finite, sqrt(v), isNan(v) | (v < vec4f(0.0)));
}
fn sigmoidOf(v : vec4f) -> vec4f { return select(1.0 / (1.0 + exp(-v)), v, isNan(v)); }

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
