// clipGates — lines of a recurrent weight scaled down to their gate's bound on the sum of absolute values.
//
//   y = x · min(1, bound[g] / Σ|x|)        the sum over a line of gate g
//
//   x y   [K, H·G]   stored by inputs, the G gates of a unit side by side
//
// A line is what reaches one gate of one unit, a column here and a row in PyTorch, so that the largest sum is the ∞-norm
// of the gate's matrix. With ACROSS it is what one input sends to a gate of all units, and is scaled to the bound always,
// up as well as down.
//
//   thread      one line
//   grid        [H·G] threads, or [K·G] with ACROSS; a long row of workgroups is folded into y

const ACROSS = false;
const WORKGROUP = 64u;

struct Params { K : u32, N : u32, G : u32, lines : u32, bound0 : f32, bound1 : f32, bound2 : f32, bound3 : f32 }

@group(0) @binding(0) var<uniform>             p : Params;
@group(0) @binding(1) var<storage, read>       x : array<f32>;
@group(0) @binding(2) var<storage, read_write> y : array<f32>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) gid : vec3u, @builtin(num_workgroups) groups : vec3u) {
  let line = gid.y * groups.x * WORKGROUP + gid.x;
  if (line >= p.lines) { return; }
  let gate = line % p.G;
  var first = line;
  var stride = p.N;
  var length = p.K;
  if (ACROSS) {
    first = line / p.G * p.N + gate;
    stride = p.G;
    length = p.N / p.G;
  }
  var sum = 0.0;
  for (var i = 0u; i < length; i++) { sum += abs(x[first + i * stride]); }
  let bound = vec4f(p.bound0, p.bound1, p.bound2, p.bound3)[gate];
  var factor = 1.0;
  if (sum > bound || (ACROSS && sum > 0.0)) { factor = bound / sum; }
  // A negative bound is none.
  if (bound < 0.0) { factor = 1.0; }
  for (var i = 0u; i < length; i++) { y[first + i * stride] = factor * x[first + i * stride]; }
}
