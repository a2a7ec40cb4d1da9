// embeddingCount — how often each digit occurs in each chunk of ids: half a pass of a radix sort.
//
//   counts[q,d] = number of i with digit(ids[before[i]]) = d        i in chunk q: q·length up to (q+1)·length
//
//   ids     [N]        from V on all alike
//   before  [N]        the order so far; bound but not read when FIRST, it is then 0, 1, 2 …
//   counts  [Q, DIGITS]
//
//   thread      one chunk
//   grid        [Q] threads; a long row of workgroups is folded into y

const FIRST = false;
const DIGITS = 16u;
const WORKGROUP = 32u;

struct Params { N : u32, V : u32, Q : u32, length : u32, shift : u32 }

@group(0) @binding(0) var<uniform>             p : Params;
@group(0) @binding(1) var<storage, read>       ids : array<u32>;
@group(0) @binding(2) var<storage, read>       before : array<u32>;
@group(0) @binding(3) var<storage, read_write> counts : array<u32>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) gid : vec3u, @builtin(num_workgroups) groups : vec3u) {
  let q = gid.y * groups.x * WORKGROUP + gid.x;
  if (q >= p.Q) { return; }
  var count : array<u32, DIGITS>;
  let end = min((q + 1u) * p.length, p.N);
  for (var i = q * p.length; i < end; i++) {
    var place = i;
    if (!FIRST) { place = before[i]; }
    count[(min(ids[place], p.V) >> p.shift) % DIGITS] += 1u;
  }
  for (var d = 0u; d < DIGITS; d++) { counts[q * DIGITS + d] = count[d]; }
}
