// Stores what a step computes in f16 where the device can, and scales the loss, so that small gradients survive.
import { array, explainPlan, half, mean, nn, open, optim, square } from 'seqgpu';

const engine = await open();
if (engine.device.features.has('shader-f16')) half(engine); // SwiftShader and some older GPUs have it not

nn.seed(1);
const model = new nn.Sequential(new nn.LSTM(8, 64), new nn.Linear(64, 8));
const adam = new optim.Adam(model.parameters(), { learningRate: 1e-2, clipNorm: 1 });
const scaled = optim.lossScale(adam); // times 2^15; halved behind a step that was skipped
const step = engine.train((x) => scaled.minimize(mean(square(model.forward(x)))));

const x = array(
  [16, 32, 8],
  Float32Array.from({ length: 16 * 32 * 8 }, (_, i) => Math.sin(i * i)),
);
const first = await step(x).item();
for (let i = 0; i < 20; i++) step(x);
const [skipped] = await engine.read(adam.skips);
console.log(explainPlan(step.plan(x)).match(/\d+ slots, .*\./)![0]);
console.log(`loss ${first.toFixed(3)} → ${(await step(x).item()).toFixed(3)}, ${skipped} steps skipped`);
engine.destroy();
