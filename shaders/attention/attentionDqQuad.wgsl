// attentionDqQuad — attentionDq.wgsl; four neighbouring threads share the columns of a head.
//
//   w_j            = exp(scale · query[b,t,h] · key[b,j,h] − top) · inverse       (top, inverse, seen) = tops[b,h,t]
//   dq[b,t,h]      = scale · Σ_{j < seen} w_j · (dy[b,t,h] · value[b,j,h] − delta[b,h,t]) · key[b,j,h]
//   delta[b,h,t]   = dy[b,t,h] · y[b,t,h]
//
//   q dq [B, Q, qStride]      head h of a query at vec4 h · D4 of its row; strides and places are in vec4s
//   k v  [B, T, …Stride]      head h of a key at kAt + h · D4, of a value at vAt + h · D4
//   y dy [B, Q, H · D4]
//   tops  [B, H, Q, 4]        the largest score, 1 / Σ exp of all relative to it, how many keys are seen, 0
//   delta [B, H, Q]
//
//   thread      every fourth vec4 of ROWS queries of a head, four keys at a time
//   quad        adds up its parts of every score
//   grid        [B · H · Q / ROWS] · 4 threads; a long row of workgroups is folded into y

enable subgroups;
// The threads of a quad take the same way.
diagnostic(off, subgroup_uniformity);

const D4 = 4u;             // vec4s of a head: a multiple of 4
const PART = D4 / 4u;      // of them a thread's
const ROWS = 4u;
const WORKGROUP = 64u;

struct Params { B : u32, Q : u32, T : u32, H : u32, qStride : u32, kStride : u32, vStride : u32, kAt : u32, vAt : u32, scale : f32 }

@group(0) @binding(0) var<uniform>             p : Params;
@group(0) @binding(1) var<storage, read>       q : array<vec4f>;
@group(0) @binding(2) var<storage, read>       k : array<vec4f>;
@group(0) @binding(3) var<storage, read>       v : array<vec4f>;
@group(0) @binding(4) var<storage, read>       y : array<vec4f>;
@group(0) @binding(5) var<storage, read>       dy : array<vec4f>;
@group(0) @binding(6) var<storage, read>       tops : array<vec4f>;
@group(0) @binding(7) var<storage, read_write> dq : array<vec4f>;
@group(0) @binding(8) var<storage, read_write> delta : array<f32>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) gid : vec3u, @builtin(num_workgroups) groups : vec3u,
        @builtin(subgroup_invocation_id) lane : u32) {
  let i = (gid.y * groups.x * WORKGROUP + gid.x) / 4u;
  let own = lane % 4u;
  let blocks = (p.Q + ROWS - 1u) / ROWS;
  let head = i / blocks % p.H;
  let b = i / blocks / p.H;
  if (b >= p.B) { return; }

  var row : array<u32, ROWS>;
  var seen : array<u32, ROWS>;
  var query : array<vec4f, ROWS * PART>;
  var slope : array<vec4f, ROWS * PART>;
  var dquery : array<vec4f, ROWS * PART>;
  var top : array<vec4f, ROWS>;
  var inner : array<f32, ROWS>;
  // @unroll
  for (var r = 0u; r < ROWS; r++) {
    row[r] = min(i % blocks * ROWS + r, p.Q - 1u);
    let at = ((b * p.Q + row[r]) * p.H + head) * D4 + own;
    // @unroll
    for (var c = 0u; c < PART; c++) {
      query[r * PART + c] = p.scale * q[(b * p.Q + row[r]) * p.qStride + head * D4 + own + 4u * c];
      slope[r * PART + c] = dy[at + 4u * c];
      inner[r] += dot(dy[at + 4u * c], y[at + 4u * c]);
    }
    inner[r] = wholeOf(inner[r]);
    top[r] = tops[(b * p.H + head) * p.Q + row[r]];
    seen[r] = u32(top[r].z);
  }

  // Four at a time what all of them see; with NaN among what only some see, which times 0 is NaN, one by one.
  let full = seen[0] / 4u * 4u;
  for (var j = 0u; j < full; j += 4u) {
    let there = b * p.T + j + vec4u(0u, 1u, 2u, 3u);
    let kFrom = there * p.kStride + p.kAt + head * D4 + own;
    let vFrom = there * p.vStride + p.vAt + head * D4 + own;
    var keys : array<mat4x4f, PART>;
    var score = array<vec4f, ROWS>();
    var dweight = array<vec4f, ROWS>();
    // @unroll
    for (var c = 0u; c < PART; c++) {
      keys[c] = mat4x4f(k[kFrom.x + 4u * c], k[kFrom.y + 4u * c], k[kFrom.z + 4u * c], k[kFrom.w + 4u * c]);
      let value = mat4x4f(v[vFrom.x + 4u * c], v[vFrom.y + 4u * c], v[vFrom.z + 4u * c], v[vFrom.w + 4u * c]);
      // @unroll
      for (var r = 0u; r < ROWS; r++) {
        score[r] += query[r * PART + c] * keys[c];
        dweight[r] += slope[r * PART + c] * value;
      }
    }
    // @unroll
    for (var r = 0u; r < ROWS; r++) {
      // A thread has the gradient of one score, and hears those of the others.
      score[r] = ofAll(exp(ownOf(score[r], own) - top[r].x) * top[r].y * (ownOf(dweight[r], own) - inner[r]));
    }
    // @unroll
    for (var c = 0u; c < PART; c++) {
      // @unroll
      for (var r = 0u; r < ROWS; r++) { dquery[r * PART + c] += keys[c] * score[r]; }
    }
  }
  for (var j = full; j < seen[ROWS - 1u]; j++) {
    let kFrom = (b * p.T + j) * p.kStride + p.kAt + head * D4 + own;
    let vFrom = (b * p.T + j) * p.vStride + p.vAt + head * D4 + own;
    var one = array<f32, ROWS>();
    var dOne = array<f32, ROWS>();
    // @unroll
    for (var c = 0u; c < PART; c++) {
      let key = k[kFrom + 4u * c];
      let value = v[vFrom + 4u * c];
      // @unroll
      for (var r = 0u; r < ROWS; r++) {
        one[r] += dot(query[r * PART + c], key);
        dOne[r] += dot(slope[r * PART + c], value);
      }
    }
    // @unroll
    for (var r = 0u; r < ROWS; r++) { one[r] = exp(wholeOf(one[r]) - top[r].x) * top[r].y * (wholeOf(dOne[r]) - inner[r]); }
    // @unroll
    for (var c = 0u; c < PART; c++) {
      let key = k[kFrom + 4u * c];
      // @unroll
      for (var r = 0u; r < ROWS; r++) { dquery[r * PART + c] += select(vec4f(0.0), key * one[r], j < seen[r]); }
    }
  }

  // @unroll
  for (var r = 0u; r < ROWS; r++) {
    if (i % blocks * ROWS + r < p.Q) {
      // @unroll
      for (var c = 0u; c < PART; c++) { dq[(b * p.Q + row[r]) * p.qStride + head * D4 + own + 4u * c] = p.scale * dquery[r * PART + c]; }
      if (own == 0u) { delta[(b * p.H + head) * p.Q + row[r]] = inner[r]; }
    }
  }
}

// The sum over the threads of a quad of one number of four: a thread has that of its own place.
fn ownOf(part : vec4f, own : u32) -> f32 {  // as in attention/attentionQuad.wgsl
  let pair = select(part.yw, part.xz, own % 2u == 0u) + quadSwapX(select(part.xz, part.yw, own % 2u == 0u));
  return select(pair.y, pair.x, own < 2u) + quadSwapY(select(pair.x, pair.y, own < 2u));
}

// What the four threads of a quad have, in all of them.
fn ofAll(one : f32) -> vec4f {  // as in attention/attentionQuad.wgsl
  return vec4f(quadBroadcast(one, 0u), quadBroadcast(one, 1u), quadBroadcast(one, 2u), quadBroadcast(one, 3u));
}

// The sum over the threads of a quad, in all of them.
fn whole(part : vec4f) -> vec4f {  // as in attention/attentionQuad.wgsl
  let pair = part + quadSwapX(part);
  return pair + quadSwapY(pair);
}

// The same of one number.
fn wholeOf(part : f32) -> f32 { return whole(vec4f(part)).x; }  // as in attention/attentionQuad.wgsl
