// Tasks of pairs on a GPU: the loss in doubles, padding that does not count, a run that goes on where it stopped, and
// exact matches beside those of the symbols themselves.

import { afterAll, expect, test } from 'vitest';
import { readCorpus } from '../../src/data/translation/corpus';
import { bytesAsSource } from '../../src/data/byteSource';
import { PAD } from '../../src/data/translation/symbols';
import type { HostArray } from '../../src/graph/host';
import { run } from '../../src/runs/run';
import { makeSettings } from '../../src/runs/settings';
import { datesTask } from '../../src/tasks/dates/datesTask';
import { exactRows } from '../../src/tasks/exactMatch';
import { ofPairs } from '../../src/tasks/pairsProgram';
import { ofOneSequence } from '../../src/tasks/task';
import { translationTask } from '../../src/tasks/translation/translationTask';
import type { Stored } from '../../src/train/safetensors';
import { openTestEngine } from '../harness/engine';

const engine = await openTestEngine();
afterAll(() => engine.destroy());

const fileOf = (text: string) => bytesAsSource('a.txt', new TextEncoder().encode(text));
const lines = Array.from({ length: 60 }, (_, i) => {
  const words = String(i + 1)
    .split('')
    .map((digit) => 'abcdefghij'[Number(digit)]);
  return `${words.join(' ')}\t${words.reverse().join(' ')}${' z'.repeat(i % 5)}`;
});
const corpus = readCorpus(
  'letters',
  { train: { tabs: fileOf(lines.join('\n')) } },
  { unit: 'word', atLeast: 1 },
);
const small = { hidden: 16, levels: 1, heads: 2, batch: 5, batchTokens: 0, warmup: 2, dropout: 0.2 };
const settings = makeSettings('translation', 'transformer', {
  ...small,
  unit: 'word',
  steps: 12,
  evaluateEvery: 6,
});
const task = translationTask({ corpus, batch: 5, smoothing: 0.1 });

test('the loss is the mean over targets that are no padding, smoothed in training alone', async () => {
  const program = task.program({ ...settings, dropout: 0 });
  const model = ofPairs(program.model);
  const ask = engine.record((...[source, lengths, inputs, targets]) => [
    model.decode(model.encode(source, lengths), inputs),
    program.loss(source, lengths, inputs, targets),
    program.measures(source, lengths, inputs, targets).nats,
  ]);
  const V = corpus.coder.size;
  let short = 0;
  for (const batch of task.batches('valid')) {
    const [logits, loss, nats] = await Promise.all(ask(...batch).map((one) => one.read()));
    const { data, shape } = batch[3];
    let [smoothed, plain, count] = [0, 0, 0];
    for (let n = 0; n < shape[0] * shape[1]; n++) {
      if (data[n] === PAD) continue;
      const row = Array.from(logits.subarray(n * V, (n + 1) * V), Number);
      const top = Math.max(...row);
      const total = top + Math.log(row.reduce((sum, x) => sum + Math.exp(x - top), 0));
      const hit = total - row[data[n]];
      plain += hit;
      smoothed += 0.9 * hit + (0.1 * row.reduce((sum, x) => sum + total - x, 0)) / V;
      count++;
    }
    short += Number(count < shape[0] * shape[1]);
    expect(count).toBe(task.weightOf(batch));
    expect(loss[0]).toBeCloseTo(smoothed / count, 4);
    expect(nats[0]).toBeCloseTo(plain / count, 4);
  }
  expect(short).toBeGreaterThan(0);
  ask.destroy();
});

test('rows without a pair and padding behind the others change nothing', async () => {
  const program = task.program({ ...settings, dropout: 0 });
  const ask = engine.record((...batch) => program.measures(...batch).nats);
  const [[source, lengths, inputs, targets]] = [...task.batches('test')];
  const [B, S] = source.shape;
  const [, T] = targets.shape;
  const filled =
    [...targets.data].reduce((most, symbol, n) => (symbol === PAD ? most : Math.max(most, n % T)), 0) + 1;
  const longest = Math.max(...lengths.data);
  const rows = [...targets.data].filter((symbol, n) => n % T === 0 && symbol !== PAD).length;
  const cut = ({ data }: HostArray, width: number, to: number): HostArray => ({
    shape: [rows, to],
    data: Uint32Array.from({ length: rows * to }, (_, n) =>
      Number(data[Math.floor(n / to) * width + (n % to)]),
    ),
  });
  expect(rows < B || filled < T || longest < S).toBe(true);
  const kept = { shape: [rows], data: lengths.data.slice(0, rows) };
  const [whole, bare] = await Promise.all(
    [
      [source, lengths, inputs, targets],
      [cut(source, S, longest), kept, cut(inputs, T, filled), cut(targets, T, filled)],
    ].map((batch) => ask(...batch).item()),
  );
  expect(bare).toBeCloseTo(whole, 5);
  ask.destroy();
});

test('a run goes on from where it was saved with the same bits, and its perplexity falls', async () => {
  let half: Stored | undefined;
  let end: Stored | undefined;
  const whole = await run({
    engine,
    task,
    recipe: settings,
    onSave: async (last) => {
      half ??= last;
      end = last;
    },
  });
  let resumed: Stored | undefined;
  const on = await run({
    engine,
    task,
    recipe: settings,
    resume: { last: half!, best: null },
    onSave: async (last) => void (resumed = last),
  });
  expect(on.test).toEqual(whole.test);
  for (const [name, { data }] of end!.tensors) expect(resumed!.tensors.get(name)!.data, name).toEqual(data);
  expect(whole.state.losses.at(-1)!.value).toBeLessThan(whole.state.losses[0].value);
  expect(whole.test.perplexity).toBeCloseTo(Math.exp(whole.test['nats per token']), 6);
  expect(() => ofOneSequence(whole.model)).toThrow('is no model of one sequence');
});

test('dates are trained on, and it is said how many are written exactly', async () => {
  const given = { hidden: 16, levels: 1, heads: 2, batch: 8, steps: 2, warmup: 1, evaluateEvery: 2 };
  const recipe = makeSettings('dates', 'transformer', given);
  const { valid, test: held } = await run({ engine, task: datesTask({ batch: 8, evaluated: 1 }), recipe });
  expect(valid['exact match']).toBe(0);
  expect(held['nats per character']).toBeGreaterThan(0.5);
});

test('a row is exact where every symbol up to its end is the likeliest', async () => {
  const program = task.program({ ...settings, dropout: 0 });
  const model = ofPairs(program.model);
  const likeliest = engine.record((source, lengths, inputs) =>
    model.decode(model.encode(source, lengths), inputs),
  );
  const [batch] = [...task.batches('valid')];
  const [source, lengths, inputs, targets] = batch.map(thrice);
  const logits = await likeliest(source, lengths, inputs).read();
  const V = corpus.coder.size;
  const said = Uint32Array.from({ length: targets.data.length }, (_, n) => {
    const row = [...logits.subarray(n * V, (n + 1) * V)];
    return row.indexOf(Math.max(...row));
  });
  const [B, T] = targets.shape;
  // Row 0 asks for what is said; row 1 too, but for its last symbol; row 2 has no target.
  const wanted = Uint32Array.from(said, (symbol) => symbol || 1);
  wanted[2 * T - 1] = (said[2 * T - 1] + 1) % V || 1;
  wanted.fill(PAD, 2 * T, 3 * T);
  const found = await exactRows(engine, model, [[source, lengths, inputs, { shape: [B, T], data: wanted }]]);
  const asked = Array.from(said.subarray(0, T)).every((symbol) => symbol !== PAD);
  expect(found).toHaveLength(B - 1);
  expect(found[0]).toBe(asked);
  expect(found[1]).toBe(false);
  likeliest.destroy();
});

/** The first row of [B, …], three times. */
function thrice({ shape: [, ...rest], data }: HostArray): HostArray {
  const row = Array.from(
    data.subarray(
      0,
      rest.reduce((a, b) => a * b, 1),
    ),
  );
  return { shape: [3, ...rest], data: Uint32Array.from([...row, ...row, ...row]) };
}
