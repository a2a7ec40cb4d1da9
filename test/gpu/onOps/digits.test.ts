// Spoken digits as a task: what is measured of whole recordings, each speaker apart, and runs with a WaveNet and an LSTM.

import { afterAll, expect, test } from 'vitest';
import { array, type nn, type Tensor } from '../../../src/index';
import type { Recording, SpokenDigits } from '../../../src/data/spokenDigits';
import { matrix, spectralNorm } from '../../../src/lab/matrix';
import { run, type Recipe } from '../../../src/runs/run';
import { muLawDecode } from '../../../src/data/muLaw';
import { normalisationOf } from '../../../src/data/speech/normalisation';
import { PARAMETERS, parametersOf } from '../../../src/data/speech/parameters';
import { perSample } from '../../../src/data/speech/perSample';
import { Random } from '../../../src/random';
import { SoundModel } from '../../../src/models/soundModel';
import { digitsTask } from '../../../src/tasks/digits/digitsTask';
import { ofOneSequence } from '../../../src/tasks/task';
import type { Stored } from '../../../src/train/safetensors';
import { openTestEngine } from '../../harness/engine';

const engine = await openTestEngine();
afterAll(() => engine.destroy());

/** A tone, higher for higher digits and louder for one speaker. */
const recording = (digit: number, speaker: Recording['speaker'], length: number): Recording => {
  const loud = speaker === 'george' ? 60 : 30;
  const codes = Uint8Array.from({ length }, (_, t) => 128 + loud * Math.sin((t * (digit + 1)) / 9));
  return { digit, speaker, codes };
};
const split = (length: number) =>
  (['jackson', 'george'] as const).flatMap((speaker) =>
    [0, 3].map((digit) => recording(digit, speaker, length + digit)),
  );
const digits: SpokenDigits = { train: split(120), valid: split(70), test: split(50) };
const recipe: Recipe = {
  ...{ model: 'wavenet', hidden: 8, skip: 16, levels: 3, stacks: 2 },
  ...{ optimizer: 'adam', learningRate: 1e-2, clipNorm: 1, steps: 12, evaluateEvery: 6, seed: 2 },
};
const task = digitsTask({ digits, batch: 3, length: 32 });

test('a run learns, says what each speaker has, and ends with the same bits when it is resumed', async () => {
  const saves: { last: Stored; best: Stored }[] = [];
  const onSave = async (last: Stored, best: Stored | null) => {
    saves.push({ last, best: best ?? saves.at(-1)!.best });
  };
  const whole = await run({ engine, task, recipe, onSave });
  const again = await run({ engine, task, recipe, resume: saves[0] });
  expect(again.test).toEqual(whole.test);
  const { evaluations } = whole.state;
  expect(evaluations[1].value).toBeLessThan(evaluations[0].value);
  const nats = 'nats per sample';
  expect(Object.keys(whole.test)).toEqual([nats, 'bits per sample', `${nats}, jackson`, `${nats}, george`]);
  // Both have as many samples.
  const [both, bits, ...own] = Object.values(whole.test);
  expect((own[0] + own[1]) / 2).toBeCloseTo(both, 4);
  expect(bits).toBeCloseTo(both / Math.LN2, 5);
  expect(task.anchors.map(({ name }) => name)).toEqual([
    ...['unigram, jackson', 'Markov, jackson', 'unigram, george', 'Markov, george'],
  ]);
});

test('what is measured is every sample of every recording, and nothing else', async () => {
  const one = digitsTask({ digits, batch: 3, length: 32, speaker: 'george' });
  const { model, measures } = one.program(recipe) as { model: SoundModel } & ReturnType<typeof one.program>;
  const measure = engine.record((...batch: Tensor[]) => measures(...batch).nats);
  let [sum, count] = [0, 0];
  for (const batch of one.batches('test')) {
    sum += one.weightOf(batch) * (await measure(...batch).item());
    count += one.weightOf(batch);
  }
  const own = digits.test.filter(({ speaker }) => speaker === 'george');
  expect(count).toBe(own.reduce((all, { codes }) => all + codes.length, 0));
  let wanted = 0;
  for (const { codes, digit } of own) {
    const answer = engine.record((x: Tensor, who: Tensor, what: Tensor) => model.forward(x, who, what));
    const before = Uint32Array.from([128, ...codes.subarray(0, -1)]);
    const [who, what] = [1, digit].map((value) => array([1], Uint32Array.of(value)));
    const logits = await answer(array([1, codes.length], before), who, what).read();
    codes.forEach((code, t) => {
      const row = Array.from(logits.slice(t * 256, (t + 1) * 256));
      wanted += Math.log(row.reduce((all, v) => all + Math.exp(v), 0)) - row[code];
    });
  }
  expect(sum / count).toBeCloseTo(wanted / count, 4);
});

test('other models, told nothing or one thing', async () => {
  const lstm: Recipe = {
    ...recipe,
    model: 'lstm',
    hidden: 6,
    levels: 1,
    embedding: 5,
    steps: 2,
    evaluateEvery: 2,
  };
  const { model, test: measured } = await run({ engine, task, recipe: { ...lstm, condition: 'none' } });
  expect(measured['nats per sample']).toBeGreaterThan(0);
  const sizes = (['none', 'digit', 'speaker', 'both'] as const).map(
    (condition) => new SoundModel({ ...lstm, condition }, { longest: 64 }).size - model.size,
  );
  expect(sizes).toEqual([0, 10 * 5, 2 * 5, 12 * 5]);
  expect(ofOneSequence(model).zeroState(3)[0].h.shape).toEqual([3, 6]);
});

test('evaluation on pieces; a transformer has a position for every sample that it reads; a stable model', async () => {
  const some = digitsTask({ digits, batch: 2, length: 32, evaluationPieces: 6 });
  const batches = [...some.batches('valid')];
  expect(batches.map(([{ shape }]) => shape)).toEqual([
    [3, 32],
    [3, 32],
  ]);
  expect([...some.batches('valid')]).toEqual(batches);
  const shared = { ...recipe, hidden: 8, levels: 1, embedding: 5, steps: 2, evaluateEvery: 2 };
  const attending = { ...shared, model: 'transformer', heads: 2 } as const;
  const { test: measured } = await run({ engine, task: some, recipe: attending });
  expect(measured['nats per sample']).toBeGreaterThan(0);
  const positions = [some, task].map((one) => {
    const { sequence } = one.program(attending).model as SoundModel;
    return (sequence as unknown as Record<string, nn.SequenceTransformer>).transformer.position.length;
  });
  expect(positions).toEqual([32, 2048]);
  const { model } = await run({ engine, task: some, recipe: { ...shared, model: 'rnn', stable: 0.5 } });
  const weights = (model as SoundModel).namedParameters().get('sequence.rnn.weight_hh_l0')!;
  const norm = spectralNorm(matrix(8, 8, (await engine.read(weights)) as Float32Array));
  expect(norm).toBeLessThan(0.5 + 1e-3);
});

test('a net that sees more than a piece has is refused', () => {
  expect(() => task.program({ ...recipe, levels: 5 })).toThrowErrorMatchingInlineSnapshot(`
    [SeqgpuError: digits: this wavenet sees 64 samples, and a piece has 32.
        fix: train on pieces of at least 64 (length), or with fewer levels or stacks.]
  `);
});

test.each(['wavenet', 'lstm'])(
  'a %s is told spectrum and pitch of every sample, in pieces and in whole',
  async (model) => {
    const long = split(900);
    const all = { train: long, valid: long, test: long };
    const told = digitsTask({ digits: all, batch: 3, length: 64, features: true, evaluationPieces: 2 });
    const frames = long.map(({ codes }) => parametersOf(muLawDecode(codes)));
    const normalisation = normalisationOf(frames.flat());
    const arrays = told.source(new Random(4)).next();
    const [, targets, , , beside] = arrays;
    expect([arrays.length, beside.shape]).toEqual([5, [3, 64, PARAMETERS]]);
    for (let b = 0; b < 3; b++) {
      const row = [...targets.data.slice(b * 64, (b + 1) * 64)].map(Number);
      const at = long.map(({ codes }) => placeOf([...codes], row));
      const i = at.findIndex((place) => place >= 0);
      const wanted = perSample(frames[i], normalisation, { start: at[i], length: 64 });
      expect(beside.data.slice(b * 64 * PARAMETERS, (b + 1) * 64 * PARAMETERS)).toEqual(wanted);
    }
    const { test: measured, state } = await run({
      engine,
      task: told,
      recipe: { ...recipe, model, steps: 6, evaluateEvery: 3 },
    });
    expect(Number.isFinite(measured['nats per sample'])).toBe(true);
    expect(state.step).toBe(6);
  },
);

/** Where a row of numbers stands in another; −1: nowhere. */
const placeOf = (all: readonly number[], part: readonly number[]): number =>
  all.findIndex((_, start) => part.every((value, i) => all[start + i] === value));
