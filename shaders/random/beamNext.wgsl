// beamNext — the best continuations of the K beams of a sentence, and the K of them that go on.
//
//   found[b, 0 … 2K−1]   the largest scores[b,k] + values[b·K+k, m] of all k and m, as k · V + ids[b·K+k, m], without
//                        those whose id is `pad`; the largest first, of equal ones that of the lower k, then of the lower m
//   sums                 their scores
//   nextScores tokens parents   of the first K whose id is not `end`: score, id, and b · K + k
//
//   scores values sums nextScores   f32 [B, K], [B · K, M], [B, 2K], [B, K]; a NaN is larger than all
//   ids found tokens parents        u32 [B · K, M], [B, 2K], [B · K], [B · K]
//
//   thread      one sentence; rows of values are in order, so that they are merged
//   grid        [B] threads; a long row of workgroups is folded into y

const K = 5u;
const WORKGROUP = 64u;

struct Params { B : u32, M : u32, V : u32, pad : u32, end : u32 }

@group(0) @binding(0) var<uniform>             p : Params;
@group(0) @binding(1) var<storage, read>       scores : array<f32>;
@group(0) @binding(2) var<storage, read>       values : array<f32>;
@group(0) @binding(3) var<storage, read>       ids : array<u32>;
@group(0) @binding(4) var<storage, read_write> found : array<u32>;
@group(0) @binding(5) var<storage, read_write> sums : array<f32>;
@group(0) @binding(6) var<storage, read_write> nextScores : array<f32>;
@group(0) @binding(7) var<storage, read_write> tokens : array<u32>;
@group(0) @binding(8) var<storage, read_write> parents : array<u32>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) gid : vec3u, @builtin(num_workgroups) groups : vec3u) {
  let b = gid.y * groups.x * WORKGROUP + gid.x;
  if (b >= p.B) { return; }
  var head : array<u32, K>;    // how much of every beam's row is taken
  var going = 0u;
  for (var r = 0u; r < 2u * K; r++) {
    var best = K;
    var top = 0.0;
    for (var k = 0u; k < K; k++) {
      let row = (b * K + k) * p.M;
      if (head[k] < p.M && ids[row + min(head[k], p.M - 1u)] == p.pad) { head[k]++; }
      if (head[k] < p.M) {
        let score = scores[b * K + k] + values[row + head[k]];
        if (best == K || isAbove(score, top)) {
          best = k;
          top = score;
        }
      }
    }
    let id = ids[(b * K + best) * p.M + head[best]];
    head[best]++;
    found[b * 2u * K + r] = best * p.V + id;
    sums[b * 2u * K + r] = top;
    if (id != p.end && going < K) {
      nextScores[b * K + going] = top;
      tokens[b * K + going] = id;
      parents[b * K + going] = b * K + best;
      going++;
    }
  }
}

fn isAbove(a : f32, b : f32) -> bool { return !isNan(b) && (isNan(a) || a > b); }

// By its bits: a compiler may take any comparison with a NaN for false or true.
fn isNan(v : f32) -> bool { return (bitcast<i32>(v) & 0x7fffffff) > 0x7f800000; }  // as in elementwise/chain.wgsl
