// gatherRows — rows of x, picked by number.
//
//   y[m,c] = x[rows[m], c]        `missing` where rows[m] is not below N
//
//   x     [N, C]    any type: bits are copied, whatever they mean
//   rows  [M]
//   y     [M, C], size elements
//
//   thread      four consecutive elements of y
//   grid        [size / 4] threads; a long row of workgroups is folded into y

const ALIGNED = false;     // C is a multiple of 4
const WORKGROUP = 64u;

struct Params { size : u32, N : u32, M : u32, C : u32, missing : u32 }

@group(0) @binding(0) var<uniform>             p : Params;
@group(0) @binding(1) var<storage, read>       x : array<vec4u>;
@group(0) @binding(2) var<storage, read>       rows : array<u32>;
@group(0) @binding(3) var<storage, read_write> y : array<vec4u>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) gid : vec3u, @builtin(num_workgroups) groups : vec3u) {
  let i = gid.y * groups.x * WORKGROUP + gid.x;
  if (i * 4u >= p.size) { return; }
  if (ALIGNED) {
    let across = p.C / 4u;
    let row = rows[i / across];
    y[i] = select(vec4u(p.missing), x[min(row, p.N - 1u) * across + i % across], row < p.N);
  } else {
    let lane = i * 4u + vec4u(0u, 1u, 2u, 3u);
    y[i] = select(vec4u(0u), vec4u(at(lane.x), at(lane.y), at(lane.z), at(lane.w)), lane < vec4u(p.size));
  }
}

fn at(i : u32) -> u32 {
  let row = rows[min(i / p.C, p.M - 1u)];
  let place = min(row, p.N - 1u) * p.C + i % p.C;
  return select(p.missing, x[place >> 2u][place & 3u], row < p.N);
}
