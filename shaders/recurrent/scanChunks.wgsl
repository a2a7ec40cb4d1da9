// scanChunks — what every chunk of a linear recurrence makes of whatever comes in: h goes out as product · h + end.
//
//   product[b,k,c] = Π m_t      end[b,k,c] = h after the chunk, from 0 before it      t the L steps of chunk k
//
//   forward   h_t = m_t · h_{t-1} + v_t       m_t = a[b,t,c], v_t = v[b,t,c]
//   REVERSE   h_t = m_t · (h_{t+1} + v_t)
//
//   a, v      [B, T, C]
//   parts     [2, B, K, C]   product, then end; K = ⌈T / L⌉
//
//   thread      one chunk of one channel; neighbours own neighbouring channels
//   grid        [B·K·C] threads; a long row of workgroups is folded into y

const REVERSE = false;
const WORKGROUP = 64u;

struct Params { B : u32, T : u32, C : u32, K : u32, L : u32 }

@group(0) @binding(0) var<uniform>             p : Params;
@group(0) @binding(1) var<storage, read>       a : array<f32>;
@group(0) @binding(2) var<storage, read>       v : array<f32>;
@group(0) @binding(3) var<storage, read_write> parts : array<f32>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) gid : vec3u, @builtin(num_workgroups) groups : vec3u) {
  let place = gid.y * groups.x * WORKGROUP + gid.x;
  let all = p.B * p.K * p.C;
  if (place >= all) { return; }
  let c = place % p.C;
  let k = place / p.C % p.K;
  let b = place / (p.C * p.K);
  let first = k * p.L;
  let steps = min(p.L, p.T - first);
  var product = 1.0;
  var end = 0.0;
  for (var s = 0u; s < steps; s++) {
    let t = first + select(s, steps - 1u - s, REVERSE);
    let at = (b * p.T + t) * p.C + c;
    let m = a[at];
    product *= m;
    if (REVERSE) { end = m * (end + v[at]); } else { end = fma(m, end, v[at]); }
  }
  parts[place] = product;
  parts[all + place] = end;
}
