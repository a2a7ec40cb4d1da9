// weightedMeanTiled — weightedMean with a workgroup for every part.
//
//   sums[s] = Σ_n pairs[n]                        n from s·length up to (s+1)·length, at most N
//   mean    = factor · Σ value / Σ weight         when FINISH; 0 where nothing weighs anything
//
//   pairs  [N, 2]   a value, already times its weight, and the weight
//   sums   [S, 2]   when FINISH, S is 1
//   mean   []
//
//   thread      every WORKGROUP-th pair of a part
//   workgroup   one part; the threads' sums are joined in a tree
//   grid        [S] workgroups; a long row of them is folded into y

const FINISH = false;
const WORKGROUP = 256u;    // a power of two

struct Params { N : u32, length : u32, factor : f32 }

@group(0) @binding(0) var<uniform>             p : Params;
@group(0) @binding(1) var<storage, read>       pairs : array<vec2f>;
@group(0) @binding(2) var<storage, read_write> sums : array<vec2f>;
@group(0) @binding(3) var<storage, read_write> mean : array<f32>;

var<workgroup> tree : array<vec2f, WORKGROUP>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) wid : vec3u, @builtin(num_workgroups) groups : vec3u, @builtin(local_invocation_id) lid : vec3u) {
  let s = wid.y * groups.x + wid.x;
  // Of a folded row, the last workgroups may be too many.
  if (s * p.length >= p.N) { return; }
  let end = min((s + 1u) * p.length, p.N);
  var sum = vec2f(0.0);
  for (var n = s * p.length + lid.x; n < end; n += WORKGROUP) { sum += pairs[n]; }
  tree[lid.x] = sum;
  for (var half = WORKGROUP / 2u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (lid.x < half) { tree[lid.x] += tree[lid.x + half]; }
  }
  if (lid.x == 0u) {
    sums[s] = tree[0];
    if (FINISH) { mean[0] = select(p.factor * tree[0].x / tree[0].y, 0.0, tree[0].y == 0.0); }
  }
}
