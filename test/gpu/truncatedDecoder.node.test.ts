// Translators whose decoder sees the last k tokens of the target: beside windows that are cut out one by one, and all
// that every translator must do.

import { afterAll, describe, expect, test } from 'vitest';
import { array, crossEntropy, gradient, nn, type Tensor } from '../../src/index';
import { TruncatedDecoder } from '../../src/nn/translation/truncatedDecoder';
import { openTestEngine } from '../harness/engine';
import { V, ids, longest, read, translates } from '../harness/translators';

const engine = await openTestEngine({ poison: true });
afterAll(() => engine.destroy());

const layered = { hidden: 16, levels: 2, heads: 2, longest } as const;
const convolutions = { embedding: 6, outputs: 5, longest, encoder: [[8, 3]], decoder: [[8, 3]] } as const;
const recurrent = { hidden: 6, levels: 2 } as const;
const MODELS: Readonly<Record<string, () => nn.TranslationModel>> = {
  transformer: () => new nn.TranslationTransformer(V, { ...layered, norm: 'pre', positions: 'learned' }),
  'transformer, sines, one table': () => new nn.TranslationTransformer(V, { ...layered, tied: true }),
  ConvS2S: () => new nn.ConvS2S(V, convolutions),
  Seq2Seq: () => new nn.Seq2Seq(V, recurrent),
  'attention LSTM': () => new nn.AttentionLSTM(V, recurrent),
  GNMT: () => new nn.GNMT(V, { ...recurrent, passState: true }),
};
const every = Object.entries(MODELS);

const [B, S, T] = [2, 5, 6];
const source = ids(B, S, V.source);
const lengths = array([B], Uint32Array.of(S, 3));
const target = ids(B, T, V.target, 3);
const asked = ids(B, T, V.target, 7);

/** The window that ends at place t of row b: its source, that one's length, the inputs, and where they stand. */
function windowAt(b: number, t: number, k: number) {
  const start = Math.max(0, t + 1 - k);
  const shown = target.data.slice(b * T + start, b * T + t + 1) as Uint32Array;
  return [
    array([1, S], source.data.slice(b * S, (b + 1) * S) as Uint32Array),
    array([1], lengths.data.slice(b, b + 1) as Uint32Array),
    array([1, shown.length], shown),
    array(
      [1, shown.length],
      shown.map((_, i) => start + i),
    ),
  ] as const;
}

const near = (found: readonly number[], wanted: readonly number[], what: string) => {
  expect(found.length, what).toBe(wanted.length);
  const most = Math.max(...wanted.map(Math.abs), 1e-3);
  found.forEach((value, i) => expect(Math.abs(value - wanted[i]) / most, `${what}, ${i}`).toBeLessThan(2e-5));
};

describe.each(every)('%s', (name, make) => {
  test.each([1, 2, 4])('logits, attention and gradients of windows of %i, one by one', async (k) => {
    nn.seed(3);
    const model = make();
    const cut = new TruncatedDecoder(model, k, longest.target);
    const parameters = model.parameters();
    const looks = Boolean(model.attentionOf);
    expect(Boolean(cut.attentionOf)).toBe(looks);
    const ofWindow = engine.record((...[x, n, y, at, one]: Tensor[]) => {
      const encoding = model.encode(x, n);
      const logits = model.decode(encoding, y, at);
      const loss = crossEntropy(logits, one, { ignoreIndex: 99 });
      return [logits, ...gradient(loss, parameters), ...(looks ? [model.attentionOf!(encoding, y, at)] : [])];
    });
    const whole = engine.record((...[x, n, y, all]: Tensor[]) => {
      const encoding = cut.encode(x, n);
      const logits = cut.decode(encoding, y);
      const loss = crossEntropy(logits, all);
      return [logits, ...gradient(loss, parameters), ...(looks ? [cut.attentionOf!(encoding, y)] : [])];
    });
    const found = await Promise.all(whole(source, lengths, target, asked).map(read));
    const slopes = parameters.map(({ size }) => new Float64Array(size));
    for (let b = 0; b < B; b++) {
      for (let t = 0; t < T; t++) {
        const shown = Math.min(k, t + 1);
        const one = new Uint32Array(shown).fill(99);
        one[shown - 1] = Number(asked.data[b * T + t]);
        const given = windowAt(b, t, k);
        const [logits, ...rest] = await Promise.all(ofWindow(...given, array([1, shown], one)).map(read));
        const at = b * T + t;
        const of = (values: number[], width: number) => values.slice(at * width, (at + 1) * width);
        near(of(found[0], V.target), logits.slice(-V.target), `logits at ${b}, ${t}`);
        if (looks) near(of(found.at(-1)!, S), rest.at(-1)!.slice(-S), `attention at ${b}, ${t}`);
        slopes.forEach((sum, i) => rest[i].forEach((slope, j) => (sum[j] += slope / (B * T))));
      }
    }
    slopes.forEach((sum, i) => near(found[i + 1], Array.from(sum), `${name}: ${parameters[i].name}`));
    ofWindow.destroy();
    whole.destroy();
  });

  test('as many tokens as there are change nothing, and parameters are the model’s own', async () => {
    nn.seed(3);
    const model = make();
    const cut = new TruncatedDecoder(model, T, longest.target);
    const both = engine.record((...[x, n, y]: Tensor[]) =>
      [model, cut].map((one) => one.decode(one.encode(x, n), y)),
    );
    const [wanted, found] = await Promise.all(both(source, lengths, target).map(read));
    expect(found).toEqual(wanted);
    expect([...cut.namedParameters()]).toEqual([...model.namedParameters()]);
    expect(cut.generator).toBe(model.generator);
    both.destroy();
  });

  const shows = Boolean(make().attentionOf);
  translates(engine, () => new TruncatedDecoder(make(), 2, longest.target), { limit: longest.target, shows });
});

test('positions that are given are those of the windows', async () => {
  nn.seed(3);
  const model = MODELS.transformer();
  const cut = new TruncatedDecoder(model, 2, longest.target);
  const positions = array(
    [B, T],
    Uint32Array.from({ length: B * T }, (_, i) => 2 + (i % T)),
  );
  const ask = engine.record((...[x, n, y, at]: Tensor[]) => cut.decode(cut.encode(x, n), y, at));
  const found = await read(ask(source, lengths, target, positions));
  const one = engine.record((...[x, n, y, at]: Tensor[]) => model.decode(model.encode(x, n), y, at));
  const [x, n, y, at] = windowAt(1, 4, 2);
  const later = array(
    [1, 2],
    (at.data as Uint32Array).map((place) => place + 2),
  );
  const logits = await read(one(x, n, y, later));
  near(found.slice((T + 4) * V.target, (T + 5) * V.target), logits.slice(V.target), 'logits');
});

test('what a decoder sees is a whole number of tokens', () => {
  const model = MODELS.Seq2Seq();
  for (const k of [0, -1, 1.5, NaN]) {
    const cut = () => new TruncatedDecoder(model, k, 8);
    expect(cut).toThrow(`TruncatedDecoder: k is ${k}.`);
    expect(cut).toThrow('give the number of target tokens that the decoder may see');
  }
  expect(() => new TruncatedDecoder(model, 1, 0)).toThrow('longest is 0');
});
