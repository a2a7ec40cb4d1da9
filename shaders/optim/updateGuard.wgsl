// updateGuard — whether an update may happen: not where the norm of the gradients is NaN, infinite, or beyond what its
// squares can hold.
//
//   go    = (norm, 1, r(β₁), √r(β₂))       r(β) = (1 − βᵃ) / (1 − βᵃ⁻ˢ), a = attempt, s = the updates skipped so far
//   go    = (0, 0, 1, 1), skips[0] += 1     where the norm is above most, or NaN
//
//   norm     [1]    of all gradients
//   attempt  [1]    counts the updates, those included that were skipped, from 1
//   skips    [2]    how many were skipped so far, and the first of them; in place
//   go       [4]    norm, whether, and what takes the skipped ones out of the host's bias corrections
//
//   thread      the only one
//   grid        [1] thread

const WORKGROUP = 1u;

// Logarithms of the β; the largest norm that the update can take.
struct Params { log1 : f32, log2 : f32, most : f32 }

@group(0) @binding(0) var<uniform>             p : Params;
@group(0) @binding(1) var<storage, read>       norm : array<f32>;
@group(0) @binding(2) var<storage, read>       attempt : array<u32>;
@group(0) @binding(3) var<storage, read_write> skips : array<u32>;
@group(0) @binding(4) var<storage, read_write> go : array<vec4f>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) gid : vec3u, @builtin(num_workgroups) groups : vec3u) {
  let i = gid.y * groups.x * WORKGROUP + gid.x;
  if (i > 0u) { return; }
  let a = attempt[0];
  let skipped = skips[0];
  // As bits, which order a NaN behind ∞: a compiler may take any comparison with one for false or true.
  let fits = (bitcast<u32>(norm[0]) & 0x7fffffffu) <= bitcast<u32>(p.most);
  go[0] = vec4f(0.0, 0.0, 1.0, 1.0);
  if (fits) { go[0] = vec4f(norm[0], 1.0, ratio(p.log1, a, skipped), sqrt(ratio(p.log2, a, skipped))); }
  if (!fits) {
    skips[0] = skipped + 1u;
    if (skips[1] == 0u) { skips[1] = a; }
  }
}

fn ratio(l : f32, a : u32, s : u32) -> f32 {
  if (s == 0u) { return 1.0; }
  return grown(l * f32(a)) / grown(l * f32(a - s));
}

// 1 − exp(x), x ≤ 0, also where that is small.
fn grown(x : f32) -> f32 {
  let series = -x * (1.0 + x / 2.0 * (1.0 + x / 3.0 * (1.0 + x / 4.0 * (1.0 + x / 5.0 * (1.0 + x / 6.0 * (1.0 + x / 7.0))))));
  return select(1.0 - exp(x), series, x > -0.5);
}
