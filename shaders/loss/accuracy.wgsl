// accuracy — whether the largest logit of a row is that of its target.
//
//   pairs[n] = ([argmax_v x[n,v] = targets[n]], 1)     (0, 0) where the target is `ignore`; NaN where the row has a NaN
//
//   x        [N, V]
//   targets  [N]
//   pairs    [N, 2]   right or wrong, and whether it counts
//
//   thread      one row; of equal logits the first wins, and a row of −∞ is wrong
//   grid        [N] threads; a long row of workgroups is folded into y

const LOWEST = -3.4028234663852886e38;    // no finite number is less
const WORKGROUP = 64u;

struct Params { N : u32, V : u32, ignore : u32 }

@group(0) @binding(0) var<uniform>             p : Params;
@group(0) @binding(1) var<storage, read>       x : array<f32>;
@group(0) @binding(2) var<storage, read>       targets : array<u32>;
@group(0) @binding(3) var<storage, read_write> pairs : array<vec2f>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) gid : vec3u, @builtin(num_workgroups) groups : vec3u) {
  let n = gid.y * groups.x * WORKGROUP + gid.x;
  if (n >= p.N) { return; }
  var best = LOWEST;
  var chosen = p.V;
  var nan = 0.0;
  for (var v = 0u; v < p.V; v++) {
    let value = x[n * p.V + v];
    chosen = select(chosen, v, value > best || (chosen == p.V && value >= LOWEST));
    best = max(best, value);    // without a NaN, which is kept apart
    nan = select(nan, value, (bitcast<u32>(value) & 0x7fffffffu) > 0x7f800000u);
  }
  let t = targets[n];
  let right = nan + select(0.0, 1.0, chosen == t && t < p.V);
  pairs[n] = select(vec2f(0.0), vec2f(right, 1.0), t != p.ignore);
}
