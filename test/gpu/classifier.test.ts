// Classifiers of sequences of different lengths: ten steps as PyTorch takes them, and what is behind an end changes
// nothing, whatever the body.

import { afterAll, expect, test } from 'vitest';
import { array, crossEntropy, nn, optim, reshape, type Tensor } from '../../src/index';
import { Classifier } from '../../src/models/classifier';
import { MODELS } from '../../src/models/index';
import { modelOn } from '../../src/models/modelSpec';
import { FAMILIES, openTestEngine, uniform } from '../harness/engine';
import { compare } from '../harness/golden';
import golden from '../golden/classifier.json';

const engine = await openTestEngine({ poison: true });
afterAll(() => engine.destroy());

test.each(FAMILIES)(
  'an LSTM over sequences of different lengths: ten steps as in PyTorch (%s)',
  async (family) => {
    const own = await openTestEngine({ family });
    const { symbols, size, hidden, classes, time } = golden.config;
    const sizes = { vocabulary: symbols, width: size, classes };
    const settings = { model: 'lstm', hidden, levels: 1, length: time, seed: 1 } as const;
    const model = new Classifier(modelOn('lstm', 'vectors', MODELS).body, sizes, settings);
    const adam = new optim.Adam(model.parameters(), { learningRate: golden.optimizer.learningRate });
    const steps = golden.steps.map((step) => ({
      ...step,
      last: {
        shape: step.lengths.shape,
        data: step.lengths.data.map((length, b) => b * time + length - 1),
      },
    }));
    const [B] = golden.steps[0].inputs.shape;
    const loss = (ids: Tensor, targets: Tensor, last: Tensor) =>
      crossEntropy(model.classify(ids, reshape(last, [B])), reshape(targets, [B]));
    await compare(own, { ...golden, steps }, model, adam, loss, ['last']);
    own.destroy();
  },
);

const [WIDTH, CLASSES, T] = [3, 4, 12];
const BODIES = MODELS.filter(({ on }) => on.vectors).map(({ name }) => name);

test.each(BODIES)('%s: an answer is the same alone and beside longer ones', async (name) => {
  nn.seed(3);
  const settings = { model: name, hidden: 8, levels: 2, kernelSize: 3, heads: 2, length: T, seed: 1 };
  const model = new Classifier(
    modelOn(name, 'vectors', MODELS).body,
    { width: WIDTH, classes: CLASSES },
    settings,
  );
  const classify = engine.record((x, last) => model.classify(x, last));
  const answers = async (x: Float32Array, lengths: readonly number[]) => {
    const [B, steps] = [lengths.length, x.length / lengths.length / WIDTH];
    const last = Uint32Array.from(lengths, (length, b) => b * steps + length - 1);
    return [...(await classify(array([B, steps, WIDTH], x), array([B], last)).read())];
  };
  const lengths = [T, 5, 1];
  const all = uniform(7, 3 * T * WIDTH);
  // What stands behind an end is large, and would be seen.
  const padded = all.map((value, i) => {
    const b = Math.floor(i / (T * WIDTH));
    return Math.floor((i % (T * WIDTH)) / WIDTH) < lengths[b] ? value : 1e3;
  });
  const together = await answers(padded, lengths);
  expect(together).toHaveLength(3 * CLASSES);
  for (const [b, length] of lengths.entries()) {
    const alone = await answers(all.slice(b * T * WIDTH, (b * T + length) * WIDTH), [length]);
    alone.forEach((value, c) => expect(value).toBeCloseTo(together[b * CLASSES + c], 4));
  }
  // And with what stands behind the last step of another row.
  expect(together.every((value) => Math.abs(value) < 100)).toBe(true);
});
