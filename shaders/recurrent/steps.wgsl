// steps — the first lengths[b] time steps of every sequence, in their order or from the last to the first.
//
//   y[b,t,n] = x[b,t,n]   or x[b, lengths[b] − 1 − t, n] when REVERSE      for t < lengths[b]
//              + last[b,n] for t = lengths[b] − 1, when LAST
//   behind them 0, or behind[b,n] when BEHIND: whatever x is there, it is not computed with
//
//   x            [B, T, N]  counts as 0 and is not read unless X
//   lengths      [B]        not read unless LENGTHS: then all are T; so are lengths above T
//   behind last  [B, N]     not read unless BEHIND, LAST
//   y            [B, T, N]
//
//   thread      four consecutive elements of y
//   grid        [B·T·N / 4] threads; a long row of workgroups is folded into y
//
// Behind the last element of y, where a vec4 goes on, zeros are written.

const X = true;
const REVERSE = false;
const LENGTHS = true;
const BEHIND = false;
const LAST = false;
const ALIGNED = false;     // N is a multiple of 4: four elements are of one step
const WORKGROUP = 64u;

struct Params { B : u32, T : u32, N : u32 }

@group(0) @binding(0) var<uniform>             p : Params;
@group(0) @binding(1) var<storage, read>       x : array<vec4f>;
@group(0) @binding(2) var<storage, read>       lengths : array<u32>;
@group(0) @binding(3) var<storage, read>       behind : array<vec4f>;
@group(0) @binding(4) var<storage, read>       last : array<vec4f>;
@group(0) @binding(5) var<storage, read_write> y : array<vec4f>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) gid : vec3u, @builtin(num_workgroups) groups : vec3u) {
  let thread = gid.y * groups.x * WORKGROUP + gid.x;
  let i = thread * 4u;
  let size = p.B * p.T * p.N;
  if (i >= size) { return; }
  if (ALIGNED) {
    let place = find(i);
    let state = place.y / 4u;
    var v = vec4f(0.0);
    if (X) { v = x[place.x / 4u]; }
    if (LAST) { v = select(v, v + last[state], place.z == 1u); }
    var other = vec4f(0.0);
    if (BEHIND) { other = behind[state]; }
    y[thread] = select(v, other, place.z == 2u);
  } else {
    let lane = i + vec4u(0u, 1u, 2u, 3u);
    y[thread] = select(vec4f(0.0), vec4f(at(lane.x), at(lane.y), at(lane.z), at(lane.w)), lane < vec4u(size));
  }
}

fn at(i : u32) -> f32 {
  let place = find(i);
  let state = place.y / 4u;
  var v = 0.0;
  if (X) { v = x[place.x / 4u][place.x % 4u]; }
  if (LAST) { v = select(v, v + last[state][place.y % 4u], place.z == 1u); }
  var other = 0.0;
  if (BEHIND) { other = behind[state][place.y % 4u]; }
  return select(v, other, place.z == 2u);
}

// Where element i of y is in x, where in a state, and 1 if its step is the last of its sequence, 2 if it is behind it.
fn find(i : u32) -> vec3u {
  let n = i % p.N;
  let t = i / p.N % p.T;
  let b = min(i / (p.N * p.T), p.B - 1u);
  var length = p.T;
  if (LENGTHS) { length = min(length, lengths[b]); }
  var step = t;
  if (REVERSE) { step = select(t, length - 1u - t, t < length); }
  return vec3u((b * p.T + step) * p.N + n, b * p.N + n, select(u32(t + 1u == length), 2u, t >= length));
}
