// topK — the K largest numbers of every row, or of parts of it, and where they are.
//
//   values[n,k] = x[n, ids[n,k]], the largest first; of equal ones the first; NaN is larger than all
//
//   x        [N, V]
//   given    [N, P, K]   the numbers that count, when MERGE: bound but not read otherwise
//   ids      [N, P, K]   2^32 − 1 where a part has fewer;  when MERGE, or P is 1: [N, K]
//   values   the same    bits of x
//
//   thread      one part of one row, `length` numbers, of which the K largest so far are kept in order; when MERGE a row
//   grid        [N · P] threads, or [N]; a long row of workgroups is folded into y

const K = 5u;
const MERGE = false;
const NONE = 0xffffffffu;
const WORKGROUP = 64u;

struct Params { N : u32, V : u32, P : u32, length : u32 }

@group(0) @binding(0) var<uniform>             p : Params;
@group(0) @binding(1) var<storage, read>       x : array<u32>;
@group(0) @binding(2) var<storage, read>       given : array<u32>;
@group(0) @binding(3) var<storage, read_write> ids : array<u32>;
@group(0) @binding(4) var<storage, read_write> values : array<u32>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) gid : vec3u, @builtin(num_workgroups) groups : vec3u) {
  let i = gid.y * groups.x * WORKGROUP + gid.x;
  var n = i / p.P;
  var first = i % p.P * p.length;
  var end = min(first + p.length, p.V);
  if (MERGE) {
    n = i;
    first = i * p.P * K;
    end = first + p.P * K;
  }
  if (n >= p.N) { return; }

  var key : array<u32, K>;      // 0 is less than any number's
  var id : array<u32, K>;
  for (var k = 0u; k < K; k++) { id[k] = NONE; }
  for (var at = first; at < end; at++) {
    var v = at;
    if (MERGE) { v = given[at]; }
    if (v == NONE) { continue; }
    let own = order(x[n * p.V + v]);
    if (own <= key[K - 1u]) { continue; }
    var k = K - 1u;
    for (; k > 0u && key[max(k, 1u) - 1u] < own; k--) {
      key[k] = key[k - 1u];
      id[k] = id[k - 1u];
    }
    key[k] = own;
    id[k] = v;
  }
  for (var k = 0u; k < K; k++) {
    ids[i * K + k] = id[k];
    values[i * K + k] = x[n * p.V + min(id[k], p.V - 1u)];
  }
}

// Bits of an f32 as a number with its order: −0 is 0, and NaN the largest.
fn order(bits : u32) -> u32 {
  let size = bits & 0x7fffffffu;
  if (size > 0x7f800000u) { return NONE; }
  return select(0x80000000u + size, 0x80000000u - size, bits > 0x80000000u);
}
