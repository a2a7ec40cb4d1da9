// A training that goes wrong, and how to find where: print, checkStep, and what the plan says.
import { array, checkStep, exp, mean, nn, open, optim, print, scope, square, sub, type Tensor } from 'seqgpu';

const engine = await open();
nn.seed(1);
const layer = new nn.Linear(4, 4);
const sgd = new optim.SGD(layer.parameters(), { learningRate: 1e-2 });

// What must be positive is made so by exp, and that of 100 is infinite in f32.
const positive = (x: Tensor) => scope('positive', () => exp(print('before', x, { every: 2 })));
const step = engine.train((x, y) => sgd.minimize(mean(square(sub(positive(layer.forward(x)), y)))));

const batch = (size: number) =>
  [array([1, 4], [size, size, size, size]), array([1, 4], [1, 1, 1, 1])] as const;
for (const size of [1, 1, 1000]) console.log(`loss ${await step(...batch(size)).item()}`);

// Which op was the first, on which line, and what was it given? Nothing changes by asking.
console.log(String(await checkStep(step, ...batch(1000))));
console.log(String(await checkStep(step, ...batch(1))));
engine.destroy();
