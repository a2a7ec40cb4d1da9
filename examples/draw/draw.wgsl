// A net while it learns, in one picture: its recurrent weights to the left, its hidden states over time above, and
// below them the signal (white) and what the net expects of it (amber). `wave` makes the signal; `picture` reads the
// buffers that training writes. Nothing of it passes through the CPU.

struct Frame { size : vec2f, seconds : f32, steps : f32, hidden : f32 }

@group(0) @binding(0) var<uniform> f : Frame;
@group(0) @binding(1) var<storage, read_write> made : array<f32>;
@group(0) @binding(2) var<storage, read> weights : array<f32>; // [hidden, 4 · hidden]
@group(0) @binding(3) var<storage, read> states : array<f32>;  // [steps, hidden] of the first sequence
@group(0) @binding(4) var<storage, read> guess : array<f32>;   // [steps]
@group(0) @binding(5) var<storage, read> signal : array<f32>;  // [steps + 1]

// Sequences of one chord, each from another moment on.
@compute @workgroup_size(64) fn wave(@builtin(global_invocation_id) id : vec3u) {
  if (id.x >= arrayLength(&made)) { return; }
  let length = u32(f.steps) + 1u;
  let t = f32(id.x % length) + 31.0 * f32(id.x / length) + 20.0 * f.seconds;
  made[id.x] = 0.5 * sin(0.21 * t) * sin(0.017 * t) + 0.35 * sin(0.077 * t);
}

// One triangle that covers everything.
@vertex fn cover(@builtin(vertex_index) i : u32) -> @builtin(position) vec4f {
  return vec4f(f32(i & 1u) * 4.0 - 1.0, f32(i >> 1u) * 4.0 - 1.0, 0.0, 1.0);
}

const NIGHT = vec3f(0.03, 0.035, 0.06);
const AMBER = vec3f(1.0, 0.6, 0.2);
const AZURE = vec3f(0.2, 0.6, 1.0);

fn heat(v : f32) -> vec3f {
  return NIGHT + select(AZURE, AMBER, v > 0.0) * min(abs(v), 1.0);
}

// Where in a panel a point is, 0 to 1; outside it is outside.
fn within(at : vec2f, corner : vec2f, size : vec2f) -> vec2f { return (at - corner) / size; }
fn inside(p : vec2f) -> bool { return all(p >= vec2f(0.0)) && all(p < vec2f(1.0)); }

// How bright a line between two heights is, `y` away from zero: a core and its glow.
fn shine(a : f32, b : f32, along : f32, y : f32) -> f32 {
  let far = abs(y - mix(a, b, along)) * 90.0 / sqrt(1.0 + 900.0 * (b - a) * (b - a));
  return exp(-far * far) + 0.25 * exp(-far);
}

@fragment fn picture(@builtin(position) position : vec4f) -> @location(0) vec4f {
  let at = position.xy / f.size;
  let left = within(at, vec2f(0.02, 0.04), vec2f(0.3, 0.92));
  let top = within(at, vec2f(0.34, 0.04), vec2f(0.64, 0.5));
  let bottom = within(at, vec2f(0.34, 0.58), vec2f(0.64, 0.38));
  if (inside(left)) {
    let cell = vec2u(left * vec2f(f.hidden, 4.0 * f.hidden));
    return vec4f(heat(2.0 * weights[cell.x * 4u * u32(f.hidden) + cell.y]), 1.0);
  }
  if (inside(top)) {
    let cell = vec2u(top * vec2f(f.steps, f.hidden));
    return vec4f(heat(states[cell.x * u32(f.hidden) + cell.y]), 1.0);
  }
  if (inside(bottom)) {
    let x = bottom.x * (f.steps - 1.0);
    let t = u32(x);
    let y = 1.0 - 2.0 * bottom.y;
    let real = shine(signal[t + 1u], signal[t + 2u], fract(x), y);
    let seen = shine(guess[t], guess[t + 1u], fract(x), y);
    return vec4f(NIGHT + 0.8 * real + AMBER * seen, 1.0);
  }
  return vec4f(0.5 * NIGHT, 1.0);
}
