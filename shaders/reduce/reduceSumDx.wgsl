// reduceSumDx — dx = factor · dy, repeated along the axis that was summed.
//
//   dx[p,r,q] = factor · dy[p,q]
//
//   dy  [P, Q]
//   dx  [P, R, Q], size elements
//
//   thread      four consecutive elements of dx
//   grid        [size / 4] threads; a long row of workgroups is folded into y

const WORKGROUP = 64u;

struct Params { size : u32, R : u32, Q : u32, factor : f32 }

@group(0) @binding(0) var<uniform>             p : Params;
@group(0) @binding(1) var<storage, read>       dy : array<f32>;
@group(0) @binding(2) var<storage, read_write> dx : array<vec4f>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) gid : vec3u, @builtin(num_workgroups) groups : vec3u) {
  let i = gid.y * groups.x * WORKGROUP + gid.x;
  if (i * 4u < p.size) {
    let lane = i * 4u + vec4u(0u, 1u, 2u, 3u);
    let v = p.factor * vec4f(dyAt(lane.x), dyAt(lane.y), dyAt(lane.z), dyAt(lane.w));
    dx[i] = select(vec4f(0.0), v, lane < vec4u(p.size));
  }
}

fn dyAt(i : u32) -> f32 { return dy[i / (p.R * p.Q) * p.Q + i % p.Q]; }
