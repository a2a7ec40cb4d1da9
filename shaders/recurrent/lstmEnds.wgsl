// lstmEnds — what an LSTM leaves behind the end of every sequence, and its state at the end.
//
//   y[b,t,j] = 0                            for t ≥ lengths[b]
//   hN[b,j] = y[b, lengths[b] − 1, j]       h0[b,j] where lengths[b] is 0
//   cN[b,j] = cells[b, lengths[b], j]       both as they are where lengths[b] is T or more
//
//   lengths  [B]
//   h0       [B, H]
//   cells    [B, T, H]  c before every step
//   y        [B, T, H]  h after every step
//   hN  cN   [B, H]     in: the state behind all T steps
//
//   thread      one unit of a sequence, from its end to T
//   grid        [B·H] threads; a long row of workgroups is folded into y

const WORKGROUP = 64u;

struct Params { B : u32, T : u32, H : u32 }

@group(0) @binding(0) var<uniform>             p : Params;
@group(0) @binding(1) var<storage, read>       lengths : array<u32>;
@group(0) @binding(2) var<storage, read>       h0 : array<f32>;
@group(0) @binding(3) var<storage, read>       cells : array<f32>;
@group(0) @binding(4) var<storage, read_write> y : array<f32>;
@group(0) @binding(5) var<storage, read_write> hN : array<f32>;
@group(0) @binding(6) var<storage, read_write> cN : array<f32>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) gid : vec3u, @builtin(num_workgroups) groups : vec3u) {
  let i = gid.y * groups.x * WORKGROUP + gid.x;
  if (i >= p.B * p.H) { return; }
  let first = i / p.H * p.T * p.H + i % p.H;
  let length = lengths[i / p.H];
  if (length < p.T) {
    hN[i] = select(y[first + (max(length, 1u) - 1u) * p.H], h0[i], length == 0u);
    cN[i] = cells[first + length * p.H];
  }
  for (var t = length; t < p.T; t++) { y[first + t * p.H] = 0.0; }
}
