// What every model that translates must do, whatever it is made of: asked of a model, as tests of their own.

import { expect, test } from 'vitest';
import {
  array,
  crossEntropy,
  gradient,
  nn,
  reshape,
  State,
  translate,
  type Engine,
  type HostArray,
  type Tensor,
} from '../../src/index';

/** How many words its languages have. */
export const V = { source: 13, target: 11 };
/** The most tokens that it is asked about. */
export const longest = { source: 9, target: 8 };

/** Mean cross-entropy of a batch, as test/golden has it: source, targets, lengths [B, 1], target inputs. */
export const lossOf =
  (model: nn.TranslationModel) =>
  (source: Tensor, targets: Tensor, ...rest: Tensor[]) => {
    const [lengths, prefix] = rest;
    return crossEntropy(model.decode(model.encode(source, reshape(lengths, [-1])), prefix), targets);
  };

/** Ids [rows, length]. */
export const ids = (rows: number, length: number, words: number, by = 5): HostArray =>
  array(
    [rows, length],
    Uint32Array.from({ length: rows * length }, (_, i) => (i * i * by + 3 * i + by) % words),
  );
/** The first columns of each row, and others behind them. */
const widened = (
  { shape: [B, T], data }: HostArray,
  more: number,
  filled: (i: number) => number,
): HostArray =>
  array(
    [B, T + more],
    Uint32Array.from({ length: B * (T + more) }, (_, i) => {
      const [b, t] = [Math.floor(i / (T + more)), i % (T + more)];
      return t < T ? data[b * T + t] : filled(i);
    }),
  );
export const read = async (reading: { read(): Promise<ArrayLike<number>> }): Promise<number[]> =>
  Array.from(await reading.read());

/**
 * The largest distance, relative to the largest value: to at least so much, since a bias of all keys changes no weight,
 * and its gradient is 0 but for rounding.
 */
function apart(found: readonly number[], wanted: readonly number[], least = 1e-3): number {
  expect(found.length).toBe(wanted.length);
  const most = Math.max(...wanted.map(Math.abs), least);
  return found.reduce((worst, value, i) => {
    const off = Math.abs(value - wanted[i]) / most;
    return Number.isNaN(off) ? Infinity : Math.max(worst, off);
  }, 0);
}

/** What the encoder leaves, kept in states, as a search keeps it. */
async function kept(
  engine: Engine,
  model: nn.TranslationModel,
  source: HostArray,
  known: HostArray,
): Promise<nn.Encoding> {
  const names: string[] = [];
  const record = engine.record((x: Tensor, n: Tensor) => {
    const encoding = Object.entries(model.encode(x, n));
    names.splice(0, names.length, ...encoding.map(([name]) => name));
    return encoding.map(([, tensor]) => tensor);
  });
  const readings = record(source, known);
  const all = await Promise.all(readings.map((reading) => reading.read()));
  const states = readings.map(({ shape }, i) => {
    const type = names[i] === 'lengths' ? 'u32' : 'f32';
    return [names[i], new State(shape, () => all[i], names[i], type)] as const;
  });
  return Object.fromEntries(states);
}

/** `limit`: steps from a beginning, of its memory; `shows`: whether it has attention. */
export function translates(
  engine: Engine,
  make: () => nn.TranslationModel,
  { limit, shows = true }: { readonly limit: number; readonly shows?: boolean },
): void {
  nn.seed(7);
  const model = make();
  const [S, T] = [6, 5];
  const lengths = (...all: number[]) => array([all.length], Uint32Array.from(all));
  const three = [ids(3, S, V.source), ids(3, T, V.target, 3), lengths(6, 2, 4)] as const;
  const logits = engine.record((...[x, y, n]: Tensor[]) => model.decode(model.encode(x, n), y));

  test('one token at a time is all at once', async () => {
    const [source, target, known] = three;
    const wanted = await read(logits(source, target, known));
    const memory = new nn.Memory(3);
    const next = model.translationStepper(memory, await kept(engine, model, source, known));
    const step = engine.record((now: Tensor) => {
      const y = next(now);
      memory.advance();
      return y;
    });
    engine.record(() => memory.prepare())();
    const found: number[][] = [];
    for (let t = 0; t < T; t++) {
      const now = target.data.filter((_, i) => i % T === t) as Uint32Array;
      found.push(await read(step(array([3, 1], now))));
    }
    const rows = [0, 1, 2].flatMap((b) => found.map((row) => row.slice(b * V.target, (b + 1) * V.target)));
    expect(apart(rows.flat(), wanted)).toBeLessThan(2e-5);
    expect(memory.limit).toBe(limit);
  });

  test('padding changes no logit, loss or gradient', async () => {
    const [source, target, known] = three;
    const all = await read(logits(source, target, known));
    const parameters = model.parameters();
    const slopes = engine.record((...[x, n, y, asked]: Tensor[]) => {
      const loss = crossEntropy(model.decode(model.encode(x, n), y), asked);
      return [loss, ...gradient(loss, parameters)];
    });
    for (const [b, n] of [6, 2].entries()) {
      const alone = array([1, n], source.data.slice(b * S, b * S + n) as Uint32Array);
      const said = array([1, T], target.data.slice(b * T, (b + 1) * T) as Uint32Array);
      const row = await read(logits(alone, said, lengths(n)));
      expect(apart(all.slice(b * T * V.target, (b + 1) * T * V.target), row)).toBeLessThan(1e-5);
      const asked = ids(1, T, V.target, 7);
      const wanted = await Promise.all(slopes(alone, lengths(n), said, asked).map(read));
      const padded = [
        ...[widened(alone, 3, (i) => (i * 5 + 1) % V.source), lengths(n)],
        ...[widened(said, 2, (i) => i % V.target), widened(asked, 2, () => 0xffffffff)],
      ];
      const found = await Promise.all(slopes(...padded).map(read));
      found.forEach((values, i) => {
        const what = i ? parameters[i - 1].name : 'loss';
        expect(apart(values, wanted[i]), `${what} of ${n} tokens`).toBeLessThan(1e-5);
      });
    }
  });

  test('what comes later in the target changes nothing, what stands in the source does', async () => {
    const [source, target, known] = three;
    const before = await read(logits(source, target, known));
    for (const changed of [1, T - 1]) {
      const other = (target.data as Uint32Array).map((id, i) => (i === changed ? (id + 1) % V.target : id));
      const after = await read(logits(source, array([3, T], other), known));
      expect(after.slice(0, changed * V.target)).toEqual(before.slice(0, changed * V.target));
      expect(after.slice(changed * V.target, T * V.target)).not.toEqual(
        before.slice(changed * V.target, T * V.target),
      );
    }
    const other = (source.data as Uint32Array).map((id, i) => (i === 3 ? (id + 1) % V.source : id));
    const after = await read(logits(array([3, S], other), target, known));
    for (let t = 0; t < T; t++) expect(after[t * V.target]).not.toBe(before[t * V.target]);
  });

  test('a beam search scores as teacher forcing does', async () => {
    const sources = [
      [3, 7, 4, 1],
      [5, 1],
    ];
    const { translations } = await translate(engine, model, sources, { beam: 3, nBest: 2, length: 5 });
    for (const [b, found] of translations.entries())
      for (const { tokens, logProbability, ended } of found) {
        const said = [1, ...tokens];
        const [source, target] = [sources[b], said].map((all) =>
          array([1, all.length], Uint32Array.from(all)),
        );
        const rows = await read(logits(source, target, lengths(sources[b].length)));
        const asked = ended ? [...tokens, 1] : tokens;
        const sum = asked.reduce((total, id, t) => {
          const row = rows.slice(t * V.target, (t + 1) * V.target);
          return total + row[id] - Math.log(row.reduce((all, value) => all + Math.exp(value), 0));
        }, 0);
        expect(logProbability).toBeCloseTo(sum, 4);
      }
  });

  if (!shows) return;
  test('shows its attention: weights of the tokens of the source', async () => {
    const [source, target, known] = three;
    const shown = engine.record((...[x, y, n]: Tensor[]) => model.attentionOf!(model.encode(x, n), y));
    const reading = shown(source, target, known);
    expect(reading.shape).toEqual([3, T, S]);
    const weights = await read(reading);
    for (let i = 0; i < 3 * T; i++) {
      const row = weights.slice(i * S, (i + 1) * S);
      expect(row.reduce((a, b) => a + b)).toBeCloseTo(1, 5);
      row.forEach((weight, s) => expect(weight > 0).toBe(s < [6, 2, 4][Math.floor(i / T)]));
    }
  });
}
