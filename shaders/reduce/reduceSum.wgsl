// reduceSum — y = factor · Σ_r x over the middle one of three axes, in SPLIT parts.
//
//   y[p,s,q] = factor · Σ_r  x[p, r, q]       r from s·length up to (s+1)·length, at most R
//
//   x  [P, R, Q]
//   y  [P, S, Q]   S parts, summed by a second launch when there is more than one
//
//   thread      one element of y
//   grid        [P·S·Q] threads; a long row of workgroups is folded into y

const CHUNK = 128u;        // terms summed before the sum is added to the others: few roundings
const WORKGROUP = 64u;

struct Params { P : u32, R : u32, Q : u32, S : u32, length : u32, factor : f32 }

@group(0) @binding(0) var<uniform>             p : Params;
@group(0) @binding(1) var<storage, read>       x : array<f32>;
@group(0) @binding(2) var<storage, read_write> y : array<f32>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) gid : vec3u, @builtin(num_workgroups) groups : vec3u) {
  let i = gid.y * groups.x * WORKGROUP + gid.x;
  if (i >= p.P * p.S * p.Q) { return; }
  let q = i % p.Q;
  let s = i / p.Q % p.S;
  let first = i / (p.Q * p.S) * p.R;
  let end = first + min((s + 1u) * p.length, p.R);

  var total = 0.0;
  var r = first + s * p.length;
  while (r < end) {
    let last = min(r + CHUNK, end);
    // Four sums hide the latency of the loads and lose less precision than one.
    var sum = vec4f(0.0);
    for (; r + 3u < last; r += 4u) {
      sum += vec4f(x[r * p.Q + q], x[(r + 1u) * p.Q + q], x[(r + 2u) * p.Q + q], x[(r + 3u) * p.Q + q]);
    }
    var rest = 0.0;
    for (; r < last; r++) { rest += x[r * p.Q + q]; }
    total += (sum.x + sum.y) + (sum.z + sum.w) + rest;
  }
  y[i] = p.factor * total;
}
