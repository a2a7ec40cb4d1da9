// unaryDx — dx = dy · f'(x), element by element; f chosen by FUNCTION.
//
//   u      [size]    what f' is written in: y for RELU, TANH, SIGMOID, EXP, SQRT; x for the others
//   dy dx  [size]
//
//   thread      EACH times four consecutive elements, a workgroup apart
//   grid        [size / 4 / WORKGROUP / EACH] workgroups; a long row of them is folded into y
//
// RELU, TANH, SIGMOID need only y, so a product may apply them as its epilogue and x is never stored.

const EXP = 1u;
const LOG = 2u;
const SQRT = 3u;
const SQUARE = 4u;
const RELU = 5u;
const TANH = 6u;
const SIGMOID = 7u;
const GELU = 8u;
const CLAMP = 10u;

const FUNCTION = RELU;
const WORKGROUP = 64u;
const EACH = 1u;          // vec4s of a thread
const WHOLE = false;      // all threads have work: size is a multiple of 4 · WORKGROUP · EACH

struct Params { size : u32, low : f32, high : f32 }

@group(0) @binding(0) var<uniform>             p : Params;
@group(0) @binding(1) var<storage, read>       u : array<vec4f>;
@group(0) @binding(2) var<storage, read>       dy : array<vec4f>;
@group(0) @binding(3) var<storage, read_write> dx : array<vec4f>;

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
    dx[i] = select(vec4f(0.0), dy[i] * slope(u[i]), vec4<bool>(WHOLE) | (lane < vec4u(p.size)));
  }
}

fn slope(v : vec4f) -> vec4f {
  switch FUNCTION {
    case EXP: { return v; }
    case LOG: { return 1.0 / v; }
    case SQRT: { return 0.5 / v; }
    case SQUARE: { return 2.0 * v; }
    case RELU: { return select(v, vec4f(1.0), v > vec4f(0.0)); }    // v is 0 or NaN else
    case TANH: { return 1.0 - v * v; }
    case SIGMOID: { return v * (1.0 - v); }
    case CLAMP: {                                // 1 from low to high, these included
      let outside = (v < vec4f(p.low)) | (v > vec4f(p.high));
      return select(select(vec4f(1.0), vec4f(0.0), outside), v, isNan(v));
    }
    default: {                                   // GELU
      let t = tanhOf(0.7978845608 * (v + 0.044715 * v * v * v));
      // Where t is −1 or 1, 1 − t² is 0, and must not meet a square beyond the range.
      let near = select(v, vec4f(0.0), abs(v) > vec4f(6.0));
      let dInner = 0.7978845608 * (1.0 + 0.134145 * near * near);
      return 0.5 * (1.0 + t) + 0.5 * near * (1.0 - t * t) * dInner;
    }
  }
}

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
