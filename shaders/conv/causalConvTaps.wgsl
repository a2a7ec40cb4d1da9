// causalConvTaps — what the taps of a dilated causal convolution see at one step, from a ring of past inputs; the input
// joins the ring. A product with the weights is then the step: worth it where there are many rows.
//
//   y[b,k,c] = ring[b, t - (K-1-k)·dilation, c] of k < K-1, x[b,c] of the last     places of the ring are modulo L
//   ring[b,t,c] = x[b,c]
//
//   x         [B, C]
//   position  [1]         t
//   ring      [B, L, C]   in place; L = (K-1)·dilation + 1, so that the place written is not among those read
//   y         [B, K·C], size elements
//
//   thread      one element of y
//   grid        [size] threads; a long row of workgroups is folded into y

const WORKGROUP = 64u;

struct Params { size : u32, L : u32, C : u32, K : u32, dilation : u32 }

@group(0) @binding(0) var<uniform>             p : Params;
@group(0) @binding(1) var<storage, read>       x : array<f32>;
@group(0) @binding(2) var<storage, read>       position : array<u32>;
@group(0) @binding(3) var<storage, read_write> ring : array<f32>;
@group(0) @binding(4) var<storage, read_write> y : array<f32>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) gid : vec3u, @builtin(num_workgroups) groups : vec3u) {
  let i = gid.y * groups.x * WORKGROUP + gid.x;
  if (i >= p.size) { return; }
  let row = i / (p.K * p.C);
  let k = i / p.C % p.K;
  let c = i % p.C;
  let now = position[0] % p.L;
  if (k + 1u < p.K) {
    y[i] = ring[(row * p.L + (now + p.L - (p.K - 1u - k) * p.dilation) % p.L) * p.C + c];
  } else {
    let latest = x[row * p.C + c];
    y[i] = latest;
    ring[(row * p.L + now) * p.C + c] = latest;
  }
}
