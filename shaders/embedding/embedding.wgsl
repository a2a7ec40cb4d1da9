// embedding — rows of a table, picked by number.
//
//   y[n,c] = table[ids[n], c]        NaN where ids[n] is not below V
//
//   ids    [N]
//   table  [V, C]
//   y      [N, C], size elements
//
//   thread      four consecutive elements of y
//   grid        [size / 4] threads; a long row of workgroups is folded into y

const ALIGNED = false;     // C is a multiple of 4
const WORKGROUP = 64u;

struct Params { size : u32, N : u32, V : u32, C : u32, nan : u32 }

@group(0) @binding(0) var<uniform>             p : Params;
@group(0) @binding(1) var<storage, read>       ids : array<u32>;
@group(0) @binding(2) var<storage, read>       table : array<vec4f>;
@group(0) @binding(3) var<storage, read_write> y : array<vec4f>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) gid : vec3u, @builtin(num_workgroups) groups : vec3u) {
  let i = gid.y * groups.x * WORKGROUP + gid.x;
  if (i * 4u >= p.size) { return; }
  if (ALIGNED) {
    let across = p.C / 4u;
    let id = ids[i / across];
    // NaN comes from the host: WGSL has no way to write it.
    y[i] = select(vec4f(bitcast<f32>(p.nan)), table[min(id, p.V - 1u) * across + i % across], id < p.V);
  } else {
    let lane = i * 4u + vec4u(0u, 1u, 2u, 3u);
    y[i] = select(vec4f(0.0), vec4f(at(lane.x), at(lane.y), at(lane.z), at(lane.w)), lane < vec4u(p.size));
  }
}

fn at(i : u32) -> f32 {
  let id = ids[min(i / p.C, p.N - 1u)];
  let place = min(id, p.V - 1u) * p.C + i % p.C;
  return select(bitcast<f32>(p.nan), table[place >> 2u][place & 3u], id < p.V);
}
