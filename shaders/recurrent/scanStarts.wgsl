// scanStarts — what comes into every chunk of a linear recurrence, from chunk to chunk; see scanChunks.
//
//   forward   start[b,0,c] = h0[b,c]     start[b,k,c] = product[b,k-1,c] · start[b,k-1,c] + end[b,k-1,c]
//   REVERSE   the same from the last chunk on, which nothing comes into: 0
//
//   parts   [2, B, K, C]   product, then end
//   h0      [B, C]         not read in REVERSE
//   start   [B, K, C]
//
//   thread      one channel; neighbours own neighbouring channels
//   grid        [B·C] threads; a long row of workgroups is folded into y

const REVERSE = false;
const WORKGROUP = 64u;

struct Params { B : u32, C : u32, K : u32 }

@group(0) @binding(0) var<uniform>             p : Params;
@group(0) @binding(1) var<storage, read>       parts : array<f32>;
@group(0) @binding(2) var<storage, read>       h0 : array<f32>;
@group(0) @binding(3) var<storage, read_write> start : array<f32>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) gid : vec3u, @builtin(num_workgroups) groups : vec3u) {
  let place = gid.y * groups.x * WORKGROUP + gid.x;
  if (place >= p.B * p.C) { return; }
  let c = place % p.C;
  let b = place / p.C;
  let all = p.B * p.K * p.C;
  var h = 0.0;
  if (!REVERSE) { h = h0[place]; }
  for (var s = 0u; s < p.K; s++) {
    let k = select(s, p.K - 1u - s, REVERSE);
    let at = (b * p.K + k) * p.C + c;
    start[at] = h;
    h = fma(parts[at], h, parts[all + at]);
  }
}
