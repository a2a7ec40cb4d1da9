// A GRU learns an echo from few examples, until it begins to learn them by heart; its best weights become a file.
import { array, crossEntropy, nn, open, optim, type Tensor } from 'seqgpu';
import { fit, learningRateOf, load, save, type FitState } from 'seqgpu/train';

const engine = await open();
nn.seed(1);
const model = new nn.Sequential(new nn.Embedding(8, 16), new nn.GRU(16, 32), new nn.Linear(32, 8));
const optimizer = new optim.Adam(model.parameters(), { learningRate: 0.01, clipNorm: 1 });
const loss = (ids: Tensor, wanted: Tensor) => crossEntropy(model.forward(ids), wanted);
const step = engine.train((ids, wanted) => optimizer.minimize(loss(ids, wanted)));
const measure = engine.record(loss);

function batch(seed: number) {
  const heard = Uint32Array.from({ length: 192 }, (_, i) => (Math.sin(seed + i * i) + 1) * 4);
  const said = heard.map((_, i) => (i % 12 && Math.sin(i * seed + i * i * 3) < 0.8 ? heard[i - 1] : 0));
  return [array([16, 12], heard), array([16, 12], said)] as const;
}
const evaluate = () => measure(...batch(9)).item();
const learningRate = learningRateOf({ learningRate: 0.01, schedule: 'cosine', steps: 400 });

let file = new Uint8Array();
const onSave = async (progress: FitState, improved: boolean) => {
  if (improved) file = await save(engine, { model, optimizer, progress });
};
const options = {
  engine,
  step,
  optimizer,
  source: (i: number) => batch(1 + (i % 2)),
  steps: 400,
  learningRate,
};
const state = await fit({ ...options, evaluate, evaluateEvery: 20, patience: 2, onSave });
const { step: best } = load(engine, file, { model, optimizer }) as FitState;
console.log(`stopped at step ${state.step}; step ${best} was the best: ${(await evaluate()).toFixed(4)}`);
engine.destroy();
