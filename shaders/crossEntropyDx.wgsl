// crossEntropyDx — the gradient of the mean cross-entropy with respect to the logits.
//
//   dx[n,v] = (exp(x[n,v] − lse[n]) − [v = targets[n]]) · dy / total[1]      0 where the target is `ignore`
//   the one is 1 − smoothing, and smoothing / V is taken from all
//   and NaN, which lse then is, where it is not below V; as a factor, because exp of NaN is a number on some adapters
//
//   targets  [N]
//   lse      [N]      log Σ_v exp(x[n,v])
//   total    [2]      sum of losses, number of targets that count
//   dy       []
//   dx       [N, V]   size elements; in: the logits x, out: their gradient
//
//   thread      `length` vec4s in a row; they see at most two rows of x, unless SMALL
//   grid        [size / 4 / length] threads; a long row of workgroups is folded into y

const SMALL = false;       // V < 4: a vec4 may hold more than two rows
const WORKGROUP = 64u;

struct Params { N : u32, V : u32, size : u32, ignore : u32, length : u32, smoothing : f32 }

@group(0) @binding(0) var<uniform>             p : Params;
@group(0) @binding(1) var<storage, read>       targets : array<u32>;
@group(0) @binding(2) var<storage, read>       lse : array<f32>;
@group(0) @binding(3) var<storage, read>       total : array<f32>;
@group(0) @binding(4) var<storage, read>       dy : array<f32>;
@group(0) @binding(5) var<storage, read_write> dx : array<vec4f>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) gid : vec3u, @builtin(num_workgroups) groups : vec3u) {
  let first = (gid.y * groups.x * WORKGROUP + gid.x) * p.length;
  let end = min(first + p.length, (p.size + 3u) / 4u);
  if (first >= end) { return; }
  let factor = select(0.0, dy[0] / total[1], total[1] != 0.0);

  let n = 4u * first / p.V;
  let edge = (n + 1u) * p.V;
  let next = min(n + 1u, p.N - 1u);
  let t = vec2u(targets[n], targets[next]);
  let logSums = vec2f(lse[n], lse[next]);
  let factors = vec2f(factorOf(t.x, logSums.x, factor), factorOf(t.y, logSums.y, factor));
  let spread = p.smoothing / f32(p.V);
  for (var q = first; q < end; q++) {
    let lane = 4u * q + vec4u(0u, 1u, 2u, 3u);
    var v : vec4f;
    if (SMALL) {
      let value = dx[q];
      let slopes = vec2f(slopeAt(lane.x, value.x, factor), slopeAt(lane.y, value.y, factor));
      v = vec4f(slopes, slopeAt(lane.z, value.z, factor), slopeAt(lane.w, value.w, factor));
    } else {
      let over = lane >= vec4u(edge);
      let logSum = select(vec4f(logSums.x), vec4f(logSums.y), over);
      v = select(vec4f(factors.x), vec4f(factors.y), over) * (exp(dx[q] - logSum) - spread);
    }
    dx[q] = select(vec4f(0.0), v, lane < vec4u(p.size));
  }
  if (!SMALL) {
    // The one of each row, where it is this thread's, apart from the loop: few vec4s hold one.
    if (t.x < p.V) { takeOne(edge - p.V + t.x, factors.x, first, end); }
    if (n + 1u < p.N && t.y < p.V) { takeOne(edge + t.y, factors.y, first, end); }
  }
}

// 0 where the target does not count, NaN where it is not below V.
fn factorOf(t : u32, logSum : f32, factor : f32) -> f32 {
  return select(select(factor, logSum, t >= p.V), 0.0, t == p.ignore);
}

// Takes factor · (1 − smoothing) from the element at `hot`.
fn takeOne(hot : u32, factor : f32, first : u32, end : u32) {
  if (hot < 4u * first || hot >= 4u * end) { return; }
  dx[hot / 4u] -= select(vec4f(0.0), vec4f(factor * (1.0 - p.smoothing)), vec4u(0u, 1u, 2u, 3u) == vec4u(hot % 4u));
}

fn slopeAt(i : u32, value : f32, factor : f32) -> f32 {
  let n = min(i / p.V, p.N - 1u);
  let t = targets[n];
  let wanted = p.smoothing / f32(p.V) + select(0.0, 1.0 - p.smoothing, i % p.V == t);
  return factorOf(t, lse[n], factor) * (exp(value - lse[n]) - wanted);
}
