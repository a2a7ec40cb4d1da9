// gate — y = f(a) · s(b), a and b the two halves of every row of x; the pair chosen by FORM.
//
//   y[n,c] = f(x[n,c]) · s(x[n,C+c])
//
//   GLU        a · σ(b)          Dauphin et al. 2017, equation 1
//   GTU        tanh(a) · σ(b)    van den Oord et al. 2016, equation 2
//   BILINEAR   a · b             Mnih & Hinton 2007
//
//   x  [N, 2·C]
//   y  [N, C], size elements
//
//   thread      EACH times four consecutive elements of y, a workgroup apart
//   grid        [size / 4 / WORKGROUP / EACH] workgroups; a long row of them is folded into y

const GLU = 0u;
const GTU = 1u;
const BILINEAR = 2u;

const FORM = GLU;
const ALIGNED = false;    // C is a multiple of 4: whole vec4s in both halves
const WORKGROUP = 64u;
const EACH = 1u;          // vec4s of a thread
const WHOLE = false;      // all threads have work: size is a multiple of 4 · WORKGROUP · EACH

struct Params { size : u32, C : u32 }

@group(0) @binding(0) var<uniform>             p : Params;
@group(0) @binding(1) var<storage, read>       x : array<vec4f>;
@group(0) @binding(2) var<storage, read_write> y : array<vec4f>;

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(local_invocation_id) lid : vec3u,
  @builtin(workgroup_id) wid : vec3u,
  @builtin(num_workgroups) groups : vec3u,
) {
  let start = (wid.y * groups.x + wid.x) * WORKGROUP * EACH + lid.x;
  // @unroll
  for (var e = 0u; e < EACH; e++) { four(start + e * WORKGROUP); }
}

fn four(i : u32) {
  if (WHOLE || i * 4u < p.size) {
    if (ALIGNED) {
      let half = p.C / 4u;
      let at = i + i / half * half;
      y[i] = gated(x[at], x[at + half]);
    } else {
      // Behind the last element the last one is read again, and zeros are written.
      let lane = i * 4u + vec4u(0u, 1u, 2u, 3u);
      let last = min(lane, vec4u(p.size - 1u));
      let at = last + last / p.C * p.C;
      y[i] = select(vec4f(0.0), gated(four1(at), four1(at + p.C)), lane < vec4u(p.size));
    }
  }
}

fn gated(a : vec4f, b : vec4f) -> vec4f {
  switch FORM {
    case GLU: { return a * sigmoidOf(b); }
    case GTU: { return tanhOf(a) * sigmoidOf(b); }
    default: { return a * b; }
  }
}

fn sigmoidOf(v : vec4f) -> vec4f { return select(1.0 / (1.0 + exp(-v)), v, isNan(v)); }  // as in elementwise/chain.wgsl

// To 5e-7 of its value, also of the smallest; a NaN is not beyond 7.5 and goes through.
fn tanhOf(v : vec4f) -> vec4f {  // as in elementwise/chain.wgsl
  let s = v * v;
  let upper = fma(s, fma(s, vec4f(1.1993428e-5), vec4f(0.0030021467)), vec4f(0.12972917));
  let lower = fma(s, fma(s, fma(s, vec4f(2.6429075e-7), vec4f(2.4596154e-4)), vec4f(0.024023622)), vec4f(0.46306205));
  let value = v * fma(s, upper, vec4f(1.0)) / fma(s, lower, vec4f(1.0));
  let one = bitcast<vec4f>((bitcast<vec4u>(v) & vec4u(0x80000000u)) | vec4u(0x3f800000u));
  return select(value, one, s > vec4f(56.25));
}

// By its bits: a compiler may take any comparison with a NaN for false or true.
fn isNan(v : vec4f) -> vec4<bool> { return (bitcast<vec4i>(v) & vec4i(0x7fffffff)) > vec4i(0x7f800000); }  // as in elementwise/chain.wgsl

fn four1(at : vec4u) -> vec4f { return vec4f(x1(at.x), x1(at.y), x1(at.z), x1(at.w)); }
fn x1(i : u32) -> f32 { return x[i >> 2u][i & 3u]; }
