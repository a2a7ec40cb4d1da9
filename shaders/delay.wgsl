// delay — y is x, D steps later; the first D steps are `before`. Cut off after L steps.
//
//   y[b,l,n] = x[b, l - D, n], and before[b, n] for l < D
//
//   x       [B, T, N]
//   before  [B, N]       not used when D is 0
//   y       [B, L, N]
//
//   thread      one element of y
//   grid        [B·L·N] threads; a long row of workgroups is folded into y

const WORKGROUP = 64u;

struct Params { B : u32, T : u32, N : u32, L : u32, D : u32 }

@group(0) @binding(0) var<uniform>             p : Params;
@group(0) @binding(1) var<storage, read>       x : array<f32>;
@group(0) @binding(2) var<storage, read>       before : array<f32>;
@group(0) @binding(3) var<storage, read_write> y : array<f32>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) gid : vec3u, @builtin(num_workgroups) groups : vec3u) {
  let i = gid.y * groups.x * WORKGROUP + gid.x;
  let n = i % p.N;
  let l = i / p.N % p.L;
  let b = i / (p.N * p.L);
  if (b >= p.B) { return; }
  let late = x[(b * p.T + max(l, p.D) - p.D) * p.N + n];
  y[i] = select(late, before[b * p.N + n], l < p.D);
}
