// linearScan — a recurrence that is linear in what it carries, over time.
//
//   y[b,t,c] = a[b,t,c] · y[b,t-1,c] + v[b,t,c]
//
//   a, v, y   [B, T, C]
//   start     [B, K, C]   y before every chunk of L steps; with one chunk, K = 1, y before the first step
//
//   thread      one chunk of one channel; neighbours own neighbouring channels
//   grid        [B·K·C] threads; a long row of workgroups is folded into y

const WORKGROUP = 64u;

struct Params { B : u32, T : u32, C : u32, K : u32, L : u32 }

@group(0) @binding(0) var<uniform>             p : Params;
@group(0) @binding(1) var<storage, read>       a : array<f32>;
@group(0) @binding(2) var<storage, read>       v : array<f32>;
@group(0) @binding(3) var<storage, read>       start : array<f32>;
@group(0) @binding(4) var<storage, read_write> y : array<f32>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) gid : vec3u, @builtin(num_workgroups) groups : vec3u) {
  let place = gid.y * groups.x * WORKGROUP + gid.x;
  if (place >= p.B * p.K * p.C) { return; }
  let c = place % p.C;
  let k = place / p.C % p.K;
  let b = place / (p.C * p.K);
  let first = k * p.L;
  let steps = min(p.L, p.T - first);
  var h = start[place];
  for (var s = 0u; s < steps; s++) {
    let at = (b * p.T + first + s) * p.C + c;
    h = fma(a[at], h, v[at]);
    y[at] = h;
  }
}
