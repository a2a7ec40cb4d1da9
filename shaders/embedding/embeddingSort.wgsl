// embeddingSort — positions in the order of one digit of their ids: half a pass of a stable radix sort.
//
//   after = before, sorted by digit(ids[before[i]])        digit: DIGITS values, from bit `shift` on
//
//   ids     [N]          from V on all alike
//   before  [N]          the order so far; bound but not read when FIRST, it is then 0, 1, 2 …
//   counts  [Q, DIGITS]  see embeddingCount.wgsl
//   after   [N]
//
//   thread      one chunk, q·length up to (q+1)·length; it adds up by itself where its digits go
//   grid        [Q] threads; a long row of workgroups is folded into y

const FIRST = false;
const DIGITS = 16u;
const WORKGROUP = 32u;

struct Params { N : u32, V : u32, Q : u32, length : u32, shift : u32 }

@group(0) @binding(0) var<uniform>             p : Params;
@group(0) @binding(1) var<storage, read>       ids : array<u32>;
@group(0) @binding(2) var<storage, read>       before : array<u32>;
@group(0) @binding(3) var<storage, read>       counts : array<u32>;
@group(0) @binding(4) var<storage, read_write> after : array<u32>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) gid : vec3u, @builtin(num_workgroups) groups : vec3u) {
  let q = gid.y * groups.x * WORKGROUP + gid.x;
  if (q >= p.Q) { return; }
  var next : array<u32, DIGITS>;    // where this chunk's first id of each digit goes
  var smaller = 0u;                 // ids with a smaller digit, in all chunks
  for (var d = 0u; d < DIGITS; d++) {
    var sum = smaller;
    for (var other = 0u; other < p.Q; other++) {
      if (other == q) { next[d] = sum; }
      sum += counts[other * DIGITS + d];
    }
    smaller = sum;
  }
  let end = min((q + 1u) * p.length, p.N);
  for (var i = q * p.length; i < end; i++) {
    var place = i;
    if (!FIRST) { place = before[i]; }
    let d = (min(ids[place], p.V) >> p.shift) % DIGITS;
    after[next[d]] = place;
    next[d] += 1u;
  }
}
