// A device that is lost in the middle of a training, and what brings it back without `fit`.
import { array, keepStates, meanSquaredError, nn, open, optim, reopen, SeqgpuError } from 'seqgpu';

const engine = await open();
nn.seed(1);
const layer = new nn.Linear(3, 1);
const optimizer = new optim.Adam(layer.parameters(), { learningRate: 0.05 });
const step = engine.train((x, y) => optimizer.minimize(meanSquaredError(layer.forward(x), y)));
const x = array([4, 3], [1, 2, 0, 0, 1, 1, 2, 0, 1, 1, 1, 1]);
const y = array([4, 1], [5, 3, 4, 5]);

let kept = 0;
let losses = 0;
for (let i = 0; i < 60; i++) {
  if (i === 30 && losses++ === 0) engine.device.destroy(); // as a driver that is reset does

  if (i % 20 === 0) {
    await keepStates(engine); // between two steps: the values of all states are read
    kept = optimizer.steps;
  }
  try {
    await step(x, y).item();
  } catch (error) {
    if (!(error instanceof SeqgpuError && error.kind === 'lost')) throw error;
    await reopen(engine); // another device; all states as they were kept
    optimizer.steps = kept;
    console.log(`lost at step ${i}, and back at ${kept}`);
    i = kept - 1;
  }
}
console.log(`${optimizer.steps} updates, loss ${(await step(x, y).item()).toFixed(3)}`);
engine.destroy();
