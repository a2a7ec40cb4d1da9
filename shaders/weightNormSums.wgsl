// weightNormSums — sums of products down the columns of two matrices, in S parts.
//
//   parts[s,o] = Σ_r a[r,o] · b[r,o]        r from s·length up to (s+1)·length, at most R
//
//   a b    [R, O]
//   parts  [S, O]
//
//   thread      one element of parts
//   grid        [S·O] threads; a long row of workgroups is folded into y

const WORKGROUP = 64u;

struct Params { R : u32, O : u32, S : u32, length : u32 }

@group(0) @binding(0) var<uniform>             p : Params;
@group(0) @binding(1) var<storage, read>       a : array<f32>;
@group(0) @binding(2) var<storage, read>       b : array<f32>;
@group(0) @binding(3) var<storage, read_write> parts : array<f32>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) gid : vec3u, @builtin(num_workgroups) groups : vec3u) {
  let i = gid.y * groups.x * WORKGROUP + gid.x;
  if (i >= p.S * p.O) { return; }
  let o = i % p.O;
  let s = i / p.O;
  let end = min((s + 1u) * p.length, p.R);
  // Two sums hide the latency of the loads.
  var even = 0.0;
  var odd = 0.0;
  var r = s * p.length;
  for (; r + 1u < end; r += 2u) {
    let at = r * p.O + o;
    even = fma(a[at], b[at], even);
    odd = fma(a[at + p.O], b[at + p.O], odd);
  }
  if (r < end) { even = fma(a[r * p.O + o], b[r * p.O + o], even); }
  parts[i] = even + odd;
}
