// delay — y is x, D steps later; the first D steps are `before`. Cut off after L steps.
//
//   y[b,l,n] = x[b, l - D, n], and before[b, n] for l < D
//
//   x       [B, T, N]
//   before  [B, N]       not used when D is 0
//   y       [B, L, N]
//
//   thread      four consecutive elements of y
//   grid        [B·L·N / 4] threads; a long row of workgroups is folded into y
//
// Behind the last element of y, where a vec4 goes on, anything is written.

const WORKGROUP = 64u;
const ALIGNED = false;     // N is a multiple of 4: four elements are of one step

struct Params { B : u32, T : u32, N : u32, L : u32, D : u32 }

@group(0) @binding(0) var<uniform>             p : Params;
@group(0) @binding(1) var<storage, read>       x : array<vec4f>;
@group(0) @binding(2) var<storage, read>       before : array<vec4f>;
@group(0) @binding(3) var<storage, read_write> y : array<vec4f>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) gid : vec3u, @builtin(num_workgroups) groups : vec3u) {
  let thread = gid.y * groups.x * WORKGROUP + gid.x;
  let i = thread * 4u;
  if (i >= p.B * p.L * p.N) { return; }
  if (ALIGNED) {
    let place = find(i);
    y[thread] = select(x[place.x / 4u], before[place.y / 4u], place.z == 1u);
  } else {
    y[thread] = vec4f(at(i), at(i + 1u), at(i + 2u), at(i + 3u));
  }
}

fn at(i : u32) -> f32 {
  let place = find(i);
  return select(x[place.x / 4u][place.x % 4u], before[place.y / 4u][place.y % 4u], place.z == 1u);
}

// Where element i of y is in x, where it is in `before`, and whether it comes from there.
fn find(i : u32) -> vec3u {
  let n = i % p.N;
  let l = i / p.N % p.L;
  let b = i / (p.N * p.L);
  return vec3u((b * p.T + max(l, p.D) - p.D) * p.N + n, b * p.N + n, u32(l < p.D));
}
