// fmaProbe — multiply-adds in registers and nothing else, to learn how many an adapter makes in a second.
//
//   y[i] = what x[0] becomes by ROUNDS · UNROLL times  v = v · x[1] + x[2], in twelve independent chains
//
//   x  [4]
//   y  [N]
//
//   thread      twelve chains: enough to hide the latency of a multiply-add, few enough for 16 registers
//   workgroup   WORKGROUP threads

const ROUNDS = 256u;
const UNROLL = 16u;
const WORKGROUP = 64u;

@group(0) @binding(0) var<storage, read>       x : array<f32>;
@group(0) @binding(1) var<storage, read_write> y : array<f32>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) gid : vec3u) {
  let start = f32(gid.x) * x[0];
  let factor = vec4f(x[1]);
  let term = vec4f(x[2]);
  var a = vec4f(start) + vec4f(0.0, 0.1, 0.2, 0.3);
  var b = a + 0.4;
  var c = a + 0.8;
  for (var round = 0u; round < ROUNDS; round++) {
    // @unroll
    for (var i = 0u; i < UNROLL; i++) {
      a = fma(a, factor, term);
      b = fma(b, factor, term);
      c = fma(c, factor, term);
    }
  }
  let sum = a + b + c;
  y[gid.x] = sum.x + sum.y + sum.z + sum.w;
}
