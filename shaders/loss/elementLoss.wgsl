// elementLoss — a loss of every element, summed over each row; which one is chosen by FUNCTION.
//
//   pairs[n,s] = (w[n] · Σ_v f(x[n,v], t[n,v]), w[n])       v in strip s of the row; the weight only if s = 0
//
//   SQUARED_ERROR         f = (x − t)²
//   BINARY_CROSS_ENTROPY  f = max(x, 0) − x·t + log(1 + exp(−|x|)), x a logit
//
//   x t    [N, V]
//   w      [N]          bound but not read unless WEIGHTED
//   pairs  [N, S, 2]
//
//   thread      one strip: `length` vec4s of a row
//   grid        [N·S] threads; a long row of workgroups is folded into y
//
// log(1 + e) is 2·artanh(e / (2 + e)), a short series for 0 ≤ e ≤ 1; 1 + e itself
// would lose most of a small e.

const SQUARED_ERROR = 0u;
const BINARY_CROSS_ENTROPY = 1u;

const FUNCTION = SQUARED_ERROR;
const ALIGNED = false;     // every row starts at a whole vec4
const WEIGHTED = false;
const WORKGROUP = 64u;

struct Params { N : u32, V : u32, S : u32, length : u32 }

@group(0) @binding(0) var<uniform>             p : Params;
@group(0) @binding(1) var<storage, read>       x : array<vec4f>;
@group(0) @binding(2) var<storage, read>       t : array<vec4f>;
@group(0) @binding(3) var<storage, read>       w : array<f32>;
@group(0) @binding(4) var<storage, read_write> pairs : array<vec2f>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) gid : vec3u, @builtin(num_workgroups) groups : vec3u) {
  let i = gid.y * groups.x * WORKGROUP + gid.x;
  if (i >= p.N * p.S) { return; }
  let n = i / p.S;
  let s = i % p.S;
  let row = n * p.V;
  let last = p.V - 1u;
  let end = min((s + 1u) * p.length * 4u, p.V);
  var sum = vec4f(0.0);
  for (var v = s * p.length * 4u; v < end; v += 4u) {
    var loss : vec4f;
    if (ALIGNED) { loss = f(x[(row + v) >> 2u], t[(row + v) >> 2u]); }
    else {
      let i1 = row + min(v + 1u, last);
      let i2 = row + min(v + 2u, last);
      let i3 = row + min(v + 3u, last);
      loss = f(vec4f(x1(row + v), x1(i1), x1(i2), x1(i3)), vec4f(t1(row + v), t1(i1), t1(i2), t1(i3)));
    }
    sum += select(vec4f(0.0), loss, v + vec4u(0u, 1u, 2u, 3u) < vec4u(p.V));
  }
  var weight = 1.0;
  if (WEIGHTED) { weight = w[n]; }
  // What does not count must not count as 0 · NaN either.
  let value = select(weight * ((sum.x + sum.y) + (sum.z + sum.w)), 0.0, weight == 0.0);
  pairs[i] = vec2f(value, select(0.0, weight, s == 0u));
}

fn f(a : vec4f, b : vec4f) -> vec4f {
  if (FUNCTION == SQUARED_ERROR) { return (a - b) * (a - b); }
  let e = exp(-abs(a));
  let r = e / (2.0 + e);
  let q = r * r;
  let rest = 1.0 / 7.0 + q * (1.0 / 9.0 + q * (1.0 / 11.0 + q / 13.0));
  let series = 1.0 + q * (1.0 / 3.0 + q * (1.0 / 5.0 + q * rest));
  // A NaN that max passes over is in the product.
  return max(a, vec4f(0.0)) - a * b + 2.0 * r * series;
}

fn x1(i : u32) -> f32 { return x[i >> 2u][i & 3u]; }  // as in elementwise/gate.wgsl
fn t1(i : u32) -> f32 { return t[i >> 2u][i & 3u]; }
