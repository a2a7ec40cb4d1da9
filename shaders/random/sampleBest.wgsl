// sampleBest — the best of a row from the best of its parts.
//
//   ids[n] = parts[n, argmax_p best[n,p]]      of equal ones the least; 2^32 − 1 where one of best is NaN
//
//   best   [N, P]
//   parts  [N, P]
//   ids    [N]
//
//   thread      one row
//   grid        [N] threads; a long row of workgroups is folded into y

const LOWEST = -3.4028234663852886e38;    // no finite number is less
const NONE = 0xffffffffu;
const WORKGROUP = 64u;

struct Params { N : u32, P : u32 }

@group(0) @binding(0) var<uniform>             p : Params;
@group(0) @binding(1) var<storage, read>       best : array<f32>;
@group(0) @binding(2) var<storage, read>       parts : array<u32>;
@group(0) @binding(3) var<storage, read_write> ids : array<u32>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) gid : vec3u, @builtin(num_workgroups) groups : vec3u) {
  let n = gid.y * groups.x * WORKGROUP + gid.x;
  if (n >= p.N) { return; }
  var top = LOWEST;
  var chosen = NONE;
  var broken = false;
  for (var i = n * p.P; i < (n + 1u) * p.P; i++) {
    let value = best[i];
    if (value > top || (value >= top && parts[i] < chosen)) { top = value; chosen = parts[i]; }
    broken = broken || (bitcast<u32>(value) & 0x7fffffffu) > 0x7f800000u;
  }
  ids[n] = select(chosen, NONE, broken);
}
