// A model as a file: saved in the middle, loaded into another, and gone on with, bit for bit.
import { array, crossEntropy, nn, open, optim, type Tensor } from 'seqgpu';
import { decodeSafetensors, load, loadWeights, save } from 'seqgpu/train';

const engine = await open();

class Tagger extends nn.Module {
  readonly lstm = new nn.LSTM(8, 16);
  readonly head = new nn.Linear(16, 4);
  forward = (x: Tensor) => this.head.forward(this.lstm.forward(x));
}
function make(seed: number) {
  nn.seed(seed);
  const model = new Tagger();
  const optimizer = new optim.AdamW(model.parameters(), { learningRate: 1e-2 });
  const step = engine.train((x, y) => optimizer.minimize(crossEntropy(model.forward(x), y)));
  return { model, optimizer, step };
}
const x = array(
  [2, 5, 8],
  Float32Array.from({ length: 80 }, (_, i) => Math.sin(i * i)),
);
const y = array(
  [2, 5],
  Uint32Array.from({ length: 10 }, (_, i) => i % 4),
);

// Ten steps, a file, ten more.
const first = make(1);
for (let i = 0; i < 10; i++) first.step(x, y);
const { model, optimizer } = first;
const file = await save(engine, { model, optimizer, progress: { steps: 10 } });
for (let i = 0; i < 9; i++) first.step(x, y);
const expected = await first.step(x, y).item();

// Another model, which began elsewhere, takes the file and ends with the same bits.
const second = make(2);
const { steps } = load(engine, file, second) as { steps: number };
for (let i = 0; i < 9; i++) second.step(x, y);
console.log(
  `from step ${steps} on: ${(await second.step(x, y).item()) === expected ? 'the same' : 'other'} bits`,
);

// The names are PyTorch's, and so are the layouts.
for (const [name, { shape }] of decodeSafetensors(file, 'the file').tensors)
  if (!name.startsWith('optimizer.')) console.log(name, shape);

// Weights alone, from here or from PyTorch, in F32, F16 or BF16: all of them, or an error that says what does not fit.
const third = make(3);
loadWeights(engine, file, third.model);
engine.destroy();
