// embeddingDtable — the gradient of the table: each row adds up the places where it was used, in their order.
//
//   dtable[v,c] = Σ_i dy[order[i], c]        i from starts[v] up to starts[v+1]; 0 where a row was not used
//
//   dy      [N, C]
//   order   [N]        positions, sorted by their ids
//   starts  [V + 1]
//   dtable  [V, C], size elements
//
//   thread      four consecutive elements of dtable
//   grid        [size / 4] threads; a long row of workgroups is folded into y

const ALIGNED = false;     // C is a multiple of 4
const BATCHED = false;     // four places at a time; a CPU adapter runs this even for unused rows
const WORKGROUP = 64u;

struct Params { size : u32, V : u32, C : u32 }

@group(0) @binding(0) var<uniform>             p : Params;
@group(0) @binding(1) var<storage, read>       dy : array<vec4f>;
@group(0) @binding(2) var<storage, read>       order : array<u32>;
@group(0) @binding(3) var<storage, read>       starts : array<u32>;
@group(0) @binding(4) var<storage, read_write> dtable : array<vec4f>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) gid : vec3u, @builtin(num_workgroups) groups : vec3u) {
  let i = gid.y * groups.x * WORKGROUP + gid.x;
  if (i * 4u >= p.size) { return; }
  if (ALIGNED) {
    let across = p.C / 4u;
    let v = i / across;
    let c = i % across;
    let end = starts[v + 1u];
    var sum = vec4f(0.0);
    var n = starts[v];
    if (BATCHED) {
      // The loads of four do not wait for one another.
      for (; n + 3u < end; n += 4u) {
        let first = dy[order[n] * across + c] + dy[order[n + 1u] * across + c];
        sum += first + (dy[order[n + 2u] * across + c] + dy[order[n + 3u] * across + c]);
      }
    }
    for (; n < end; n++) { sum += dy[order[n] * across + c]; }
    dtable[i] = sum;
  } else {
    let lane = i * 4u + vec4u(0u, 1u, 2u, 3u);
    let sums = vec4f(at(lane.x), at(lane.y), at(lane.z), at(lane.w));
    dtable[i] = select(vec4f(0.0), sums, lane < vec4u(p.size));
  }
}

fn at(i : u32) -> f32 {
  let v = min(i / p.C, p.V - 1u);
  let c = i % p.C;
  let end = starts[v + 1u];
  var sum = 0.0;
  for (var n = starts[v]; n < end; n++) {
    let place = order[n] * p.C + c;
    sum += dy[place >> 2u][place & 3u];
  }
  return sum;
}
