// linearScanDx — the gradients of linearScan: the same recurrence, from the end of time to its beginning.
//
//   dv[b,t,c] = dy[b,t,c] + a[b,t+1,c] · dv[b,t+1,c]
//   da[b,t,c] = dv[b,t,c] · y[b,t-1,c]                   h0[b,c] before the first step
//   dh0[b,c]  = a[b,0,c] · dv[b,0,c]
//
//   a, y, dy, da, dv   [B, T, C]
//   h0, dh0            [B, C]
//   start              [B, K, C]   a · dv of the step behind every chunk of L steps; not read with one chunk
//
//   thread      one chunk of one channel; neighbours own neighbouring channels
//   grid        [B·K·C] threads; a long row of workgroups is folded into y

const CHUNKS = true;      // more than one
const WORKGROUP = 64u;

struct Params { B : u32, T : u32, C : u32, K : u32, L : u32 }

@group(0) @binding(0) var<uniform>             p : Params;
@group(0) @binding(1) var<storage, read>       a : array<f32>;
@group(0) @binding(2) var<storage, read>       y : array<f32>;
@group(0) @binding(3) var<storage, read>       h0 : array<f32>;
@group(0) @binding(4) var<storage, read>       dy : array<f32>;
@group(0) @binding(5) var<storage, read>       start : array<f32>;
@group(0) @binding(6) var<storage, read_write> da : array<f32>;
@group(0) @binding(7) var<storage, read_write> dv : array<f32>;
@group(0) @binding(8) var<storage, read_write> dh0 : array<f32>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) gid : vec3u, @builtin(num_workgroups) groups : vec3u) {
  let place = gid.y * groups.x * WORKGROUP + gid.x;
  if (place >= p.B * p.K * p.C) { return; }
  let c = place % p.C;
  let k = place / p.C % p.K;
  let b = place / (p.C * p.K);
  let first = k * p.L;
  let steps = min(p.L, p.T - first);
  var behind = 0.0;         // a · dv of the step behind
  if (CHUNKS) { behind = start[place]; }
  for (var s = 0u; s < steps; s++) {
    let t = first + steps - 1u - s;
    let at = (b * p.T + t) * p.C + c;
    let d = dy[at] + behind;
    dv[at] = d;
    var before = 0.0;
    if (t == 0u) { before = h0[b * p.C + c]; } else { before = y[at - p.C]; }
    da[at] = d * before;
    behind = a[at] * d;
  }
  if (k == 0u) { dh0[b * p.C + c] = behind; }
}
