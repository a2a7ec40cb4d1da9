// elementLossDx — the gradient of elementLoss's weighted mean, element by element.
//
//   dx[n,v] = f'(x[n,v], t[n,v]) · factor · dy · w[n] / total[1]
//
//   SQUARED_ERROR         f' = 2·(x − t)
//   BINARY_CROSS_ENTROPY  f' = σ(x) − t
//
//   x t dx  [N, V], size elements
//   w       [N]        bound but not read unless WEIGHTED
//   total   [2]        sum of losses, sum of weights
//   dy      []
//
//   thread      four consecutive elements
//   grid        [size / 4] threads; a long row of workgroups is folded into y

const SQUARED_ERROR = 0u;
const BINARY_CROSS_ENTROPY = 1u;

const FUNCTION = SQUARED_ERROR;
const ALIGNED = false;     // four consecutive elements are of one row
const WEIGHTED = false;
const WORKGROUP = 64u;

struct Params { size : u32, N : u32, V : u32, factor : f32 }

@group(0) @binding(0) var<uniform>             p : Params;
@group(0) @binding(1) var<storage, read>       x : array<vec4f>;
@group(0) @binding(2) var<storage, read>       t : array<vec4f>;
@group(0) @binding(3) var<storage, read>       w : array<f32>;
@group(0) @binding(4) var<storage, read>       total : array<f32>;
@group(0) @binding(5) var<storage, read>       dy : array<f32>;
@group(0) @binding(6) var<storage, read_write> dx : array<vec4f>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) gid : vec3u, @builtin(num_workgroups) groups : vec3u) {
  let i = gid.y * groups.x * WORKGROUP + gid.x;
  if (i * 4u >= p.size) { return; }
  let lane = i * 4u + vec4u(0u, 1u, 2u, 3u);
  var weight = vec4f(1.0);
  if (WEIGHTED && ALIGNED) { weight = vec4f(w[lane.x / p.V]); }
  if (WEIGHTED && !ALIGNED) {
    let n = min(lane / p.V, vec4u(p.N - 1u));
    weight = vec4f(w[n.x], w[n.y], w[n.z], w[n.w]);
  }
  let factor = select(p.factor * dy[0] / total[1], 0.0, total[1] == 0.0);
  // What does not count must not count as 0 · NaN either.
  let idle = (lane >= vec4u(p.size)) | (weight == vec4f(0.0));
  dx[i] = select(factor * weight * slope(x[i], t[i]), vec4f(0.0), idle);
}

fn slope(a : vec4f, b : vec4f) -> vec4f {
  if (FUNCTION == SQUARED_ERROR) { return 2.0 * (a - b); }
  // A small σ is never less a one: σ(a) − 1 is −σ(−a).
  let e = exp(-abs(a));
  let tail = e / (1.0 + e);
  let v = select(tail - b, (1.0 - b) - tail, a > vec4f(0.0));
  return select(v, a, (bitcast<vec4u>(a) & vec4u(0x7fffffffu)) > vec4u(0x7f800000u));
}
