// reduceSumWide — reduceSum.wgsl where Q is a multiple of 4: a thread takes four neighbours at once.
//
//   y[p,s,q] = factor · Σ_r  x[p, r, q]       r from s·length up to (s+1)·length, at most R
//
//   x  [P, R, Q]
//   y  [P, S, Q]   S parts, summed by a second launch when there is more than one
//
//   thread      four consecutive elements of y
//   grid        [P·S·Q / 4] threads; a long row of workgroups is folded into y

const CHUNK = 64u;         // terms summed before the sum is added to the others: few roundings
const WORKGROUP = 64u;

struct Params { P : u32, R : u32, Q : u32, S : u32, length : u32, factor : f32 }

@group(0) @binding(0) var<uniform>             p : Params;
@group(0) @binding(1) var<storage, read>       x : array<vec4f>;
@group(0) @binding(2) var<storage, read_write> y : array<vec4f>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) gid : vec3u, @builtin(num_workgroups) groups : vec3u) {
  let across = p.Q / 4u;
  let i = gid.y * groups.x * WORKGROUP + gid.x;
  if (i >= p.P * p.S * across) { return; }
  let q = i % across;
  let s = i / across % p.S;
  let first = i / (across * p.S) * p.R;
  let end = first + min((s + 1u) * p.length, p.R);

  var total = vec4f(0.0);
  var r = first + s * p.length;
  while (r < end) {
    let last = min(r + CHUNK, end);
    // Two sums hide the latency of the loads and lose less precision than one.
    var even = vec4f(0.0);
    var odd = vec4f(0.0);
    for (; r + 1u < last; r += 2u) {
      even += x[r * across + q];
      odd += x[(r + 1u) * across + q];
    }
    if (r < last) { even += x[r * across + q]; r++; }
    total += even + odd;
  }
  y[i] = p.factor * total;
}
