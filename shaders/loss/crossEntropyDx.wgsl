// crossEntropyDx — the gradient of the mean cross-entropy with respect to the logits.
//
//   dx[n,v] = (exp(x[n,v] − top) / sum − [v = targets[n]]) · dy / total[1]      (top, sum) = tops[n]
//   the one is 1 − smoothing, and smoothing / V is taken from all
//   0 where the target is `ignore`, whatever the logits; NaN where sum is
//
//   targets  [N]
//   tops     [N, 2]   the largest logit, and Σ exp of all relative to it
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
@group(0) @binding(2) var<storage, read>       tops : array<vec2f>;
@group(0) @binding(3) var<storage, read>       total : array<f32>;
@group(0) @binding(4) var<storage, read>       dy : array<f32>;
@group(0) @binding(5) var<storage, read_write> dx : array<vec4f>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) gid : vec3u, @builtin(num_workgroups) groups : vec3u) {
  let first = (gid.y * groups.x * WORKGROUP + gid.x) * p.length;
  let end = min(first + p.length, (p.size + 3u) / 4u);
  if (first >= end) { return; }
  let factor = select(dy[0] / total[1], 0.0, total[1] == 0.0);

  let n = 4u * first / p.V;
  let edge = (n + 1u) * p.V;
  let next = min(n + 1u, p.N - 1u);
  let t = vec2u(targets[n], targets[next]);
  let top = vec2f(tops[n].x, tops[next].x);
  let sum = vec2f(tops[n].y, tops[next].y);
  let counts = t != vec2u(p.ignore);
  let spread = factor * p.smoothing / f32(p.V);
  for (var q = first; q < end; q++) {
    let lane = 4u * q + vec4u(0u, 1u, 2u, 3u);
    var v : vec4f;
    if (SMALL) {
      let value = dx[q];
      let slopes = vec2f(slopeAt(lane.x, value.x, factor), slopeAt(lane.y, value.y, factor));
      v = vec4f(slopes, slopeAt(lane.z, value.z, factor), slopeAt(lane.w, value.w, factor));
    } else {
      let over = lane >= vec4u(edge);
      let e = exp(dx[q] - select(vec4f(top.x), vec4f(top.y), over));
      v = select(vec4f(factor / sum.x), vec4f(factor / sum.y), over) * e - spread;
      v = select(vec4f(0.0), v, select(vec4<bool>(counts.x), vec4<bool>(counts.y), over));
    }
    dx[q] = select(vec4f(0.0), v, lane < vec4u(p.size));
  }
  if (!SMALL) {
    // The one of each row, where it is this thread's, apart from the loop: few vec4s hold one.
    if (counts.x && t.x < p.V) { takeOne(edge - p.V + t.x, factor, first, end); }
    if (n + 1u < p.N && counts.y && t.y < p.V) { takeOne(edge + t.y, factor, first, end); }
  }
}

// Takes factor · (1 − smoothing) from the element at `hot`.
fn takeOne(hot : u32, factor : f32, first : u32, end : u32) {
  let q = hot / 4u;
  if (q < first || q >= end) { return; }
  dx[q] = dx[q] - select(vec4f(0.0), vec4f(factor * (1.0 - p.smoothing)), vec4u(0u, 1u, 2u, 3u) == vec4u(hot % 4u));
}

fn slopeAt(i : u32, value : f32, factor : f32) -> f32 {
  let n = min(i / p.V, p.N - 1u);
  let t = targets[n];
  let wanted = p.smoothing / f32(p.V) + select(0.0, 1.0 - p.smoothing, i % p.V == t);
  let slope = factor / tops[n].y * exp(value - tops[n].x) - factor * wanted;
  return select(slope, 0.0, t == p.ignore);
}
