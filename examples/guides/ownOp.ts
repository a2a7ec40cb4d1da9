// An op of one's own, with its gradient: a running mean over time, which forgets. A layer is trained through it.
import { array, defineOp, meanSquaredError, nn, open, optim, scale, type Tensor } from 'seqgpu';
import { kernel } from 'seqgpu/reflect';
import { checkGradient } from 'seqgpu/testing';

type Dims = Readonly<Record<string, number>>;

// y[b,t,c] = keep · y[b,t−1,c] + (1 − keep) · x[b,t,c]; BACKWARD: the same from the end, of the gradient of y.
const running = kernel(
  'running',
  `const BACKWARD = false;
struct Params { B : u32, T : u32, C : u32, keep : f32 }
@group(0) @binding(0) var<uniform>             p : Params;
@group(0) @binding(1) var<storage, read>       x : array<f32>;
@group(0) @binding(2) var<storage, read_write> y : array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) gid : vec3u) {
  if (gid.x >= p.B * p.C) { return; }
  let first = gid.x / p.C * p.T * p.C + gid.x % p.C;
  var state = 0.0;
  for (var i = 0u; i < p.T; i++) {
    let at = first + select(i, p.T - 1u - i, BACKWARD) * p.C;
    state = p.keep * state + (1.0 - p.keep) * x[at];
    y[at] = state;
  }
}`,
);

const spec = (BACKWARD: boolean) => ({
  inputs: { x: 'B T C' }, // a letter has one size throughout; shape checks and their errors follow from it
  outputs: { y: 'B T C' },
  dispatch: (_tensors: unknown, { B, C }: Dims) => ({ kernel: running.with({ BACKWARD }), threads: [B * C] }),
});
const backward = defineOp<'x', 'y', { keep: number }>({ name: 'runningMeanDx', ...spec(true) });
const forward = defineOp<'x', 'y', { keep: number }>({
  name: 'runningMean',
  ...spec(false),
  gradient: ({ dy }, _sizes, options) => ({ x: backward({ x: dy }, options).y }),
});

/** The running mean of x [B, T, C] over time: what is `n` steps old counts keepⁿ. */
const runningMean = (x: Tensor, keep: number) => forward({ x }, { keep }).y;

const engine = await open();
const { worst, text } = await checkGradient(engine, ({ x }) => runningMean(x, 0.9), { x: [2, 7, 3] });
console.log(`gradient off by ${worst.toExponential(0)}: ${text}`);

// It is an op like any other: a layer in front of it learns by what it was multiplied, seen through the mean alone.
nn.seed(1);
const layer = new nn.Linear(2, 2);
const adam = new optim.Adam(layer.parameters(), { learningRate: 0.05 });
const step = engine.train((x, y) => adam.minimize(meanSquaredError(runningMean(layer.forward(x), 0.5), y)));
const doubled = engine.record((x: Tensor) => runningMean(scale(x, 2), 0.5));
const x = array(
  [4, 16, 2],
  Float32Array.from({ length: 128 }, (_, i) => Math.sin(i * i)),
);
const y = array([4, 16, 2], await doubled(x).read());
for (let i = 0; i <= 200; i++) {
  const loss = step(x, y);
  if (i % 100 === 0) console.log(`step ${i}  loss ${(await loss.item()).toFixed(5)}`);
}
engine.destroy();
