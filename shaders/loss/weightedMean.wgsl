// weightedMean — sums of pairs (value, weight) in S parts; then the mean.
//
//   sums[s] = Σ_n pairs[n]                        n from s·length up to (s+1)·length, at most N
//   mean    = factor · Σ value / Σ weight         when FINISH; 0 where nothing weighs anything
//
//   pairs  [N, 2]   a value, already times its weight, and the weight
//   sums   [S, 2]   when FINISH, S is 1
//   mean   []
//
//   thread      one part
//   grid        [S] threads; a long row of workgroups is folded into y

const FINISH = false;
const CHUNK = 128u;        // pairs summed before the sum is added to the others: few roundings
const WORKGROUP = 64u;

struct Params { N : u32, S : u32, length : u32, factor : f32 }

@group(0) @binding(0) var<uniform>             p : Params;
@group(0) @binding(1) var<storage, read>       pairs : array<vec2f>;
@group(0) @binding(2) var<storage, read_write> sums : array<vec2f>;
@group(0) @binding(3) var<storage, read_write> mean : array<f32>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) gid : vec3u, @builtin(num_workgroups) groups : vec3u) {
  let s = gid.y * groups.x * WORKGROUP + gid.x;
  if (s >= p.S) { return; }
  let end = min((s + 1u) * p.length, p.N);

  var sum = vec2f(0.0);
  var n = s * p.length;
  while (n < end) {
    let last = min(n + CHUNK, end);
    // Four sums hide the latency of the loads and lose less precision than one.
    var a = vec2f(0.0);
    var b = vec2f(0.0);
    var c = vec2f(0.0);
    var d = vec2f(0.0);
    for (; n + 3u < last; n += 4u) {
      a += pairs[n];
      b += pairs[n + 1u];
      c += pairs[n + 2u];
      d += pairs[n + 3u];
    }
    for (; n < last; n++) { a += pairs[n]; }
    sum += (a + b) + (c + d);
  }
  sums[s] = sum;
  if (FINISH) { mean[0] = select(p.factor * sum.x / sum.y, 0.0, sum.y == 0.0); }
}
