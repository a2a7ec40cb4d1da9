// weightNormSums — the norms of the columns of a matrix, or what another has of their directions, in S parts.
//
//   parts[s,o] = √ Σ_r v[r,o]²
//   parts[s,o] = Σ_r dw[r,o] · v[r,o] / norm[o]       when ALONG;  r from s·length up to (s+1)·length, at most R
//
//   v dw   [R, O]     dw and norm are bound but not read unless ALONG
//   norm   [O]
//   parts  [S, O]
//
//   thread      one element of parts; it reads its part twice more where squares are beyond the range of f32
//   grid        [S·O] threads; a long row of workgroups is folded into y

const ALONG = false;
const CHUNK = 64u;         // terms summed before the sum is added to the others: few roundings
const WORKGROUP = 64u;

struct Params { R : u32, O : u32, S : u32, length : u32 }

@group(0) @binding(0) var<uniform>             p : Params;
@group(0) @binding(1) var<storage, read>       v : array<f32>;
@group(0) @binding(2) var<storage, read>       dw : array<f32>;
@group(0) @binding(3) var<storage, read>       norm : array<f32>;
@group(0) @binding(4) var<storage, read_write> parts : array<f32>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) gid : vec3u, @builtin(num_workgroups) groups : vec3u) {
  let i = gid.y * groups.x * WORKGROUP + gid.x;
  if (i >= p.S * p.O) { return; }
  let o = i % p.O;
  let first = i / p.O * p.length;
  let end = min(first + p.length, p.R);
  if (ALONG) {
    parts[i] = sums(o, first, end, 1.0 / norm[o]);
    return;
  }
  var size = sqrt(sums(o, first, end, 1.0));
  if (!(size > 1e-12 && size < 1e18)) {
    // Relative to the largest. As bits, of which those of NaN are the largest.
    var bits = 0u;
    for (var r = first; r < end; r++) { bits = max(bits, bitcast<u32>(v[r * p.O + o]) & 0x7fffffffu); }
    let top = bitcast<f32>(bits);
    // Where all are 0 or too small for a division, the norm is 0.
    size = top * sqrt(sums(o, first, end, select(0.0, 1.0 / top, top > 1.2e-38)));
  }
  parts[i] = size;
}

fn sums(o : u32, first : u32, end : u32, scale : f32) -> f32 {
  var total = 0.0;
  var r = first;
  while (r < end) {
    let last = min(r + CHUNK, end);
    // Two sums hide the latency of the loads.
    var even = 0.0;
    var odd = 0.0;
    for (; r + 1u < last; r += 2u) {
      even = term(r * p.O + o, scale, even);
      odd = term((r + 1u) * p.O + o, scale, odd);
    }
    if (r < last) { even = term(r * p.O + o, scale, even); r++; }
    total += even + odd;
  }
  return total;
}

fn term(at : u32, scale : f32, sum : f32) -> f32 {
  let scaled = scale * v[at];
  if (ALONG) { return fma(dw[at], scaled, sum); }
  return fma(scaled, scaled, sum);
}
