// Models that translate: with padding and without, one token at a time as all at once, what their attention shows, and the
// sizes that are published. Against PyTorch: ../translation.test.ts.

import { afterAll, describe, expect, test } from 'vitest';
import {
  add,
  array,
  crossEntropy,
  explainPlan,
  gradient,
  mul,
  nn,
  optim,
  sum,
  type HostArray,
  type Tensor,
} from '../../../src/index';
import { scaleGradient } from '../../../src/ops/elementwise/scaleGradient';
import { checkGradient } from '../../../src/testing/index';
import { openTestEngine, uniform } from '../../harness/engine';
import { V, ids, longest, read, translates } from '../../harness/translators';

const engine = await openTestEngine({ poison: true });
afterAll(() => engine.destroy());

const layered = { hidden: 16, levels: 2, heads: 2, longest } as const;
const MODELS: Readonly<Record<string, () => nn.TranslationModel>> = {
  'transformer, pre-norm': () =>
    new nn.TranslationTransformer(V, { ...layered, decoderLevels: 3, norm: 'pre', positions: 'learned' }),
  'transformer, post-norm': () => new nn.TranslationTransformer(V, { ...layered, tied: true }),
  ConvS2S: () =>
    new nn.ConvS2S(V, {
      ...{ embedding: 6, outputs: 5, longest },
      ...{
        encoder: [
          [8, 3],
          [8, 2],
        ] as const,
        decoder: [
          [8, 3],
          [4, 2],
        ] as const,
      },
    }),
  'ConvS2S, tied': () =>
    new nn.ConvS2S(V, {
      embedding: 8,
      longest,
      tied: true,
      encoder: [[8, 3]],
      decoder: [
        [8, 3],
        [8, 1],
      ],
    }),
};
const every = Object.entries(MODELS);

describe.each(every)('%s', (_name, make) => {
  translates(engine, make, { limit: longest.target });
});

/** That inputs of floats have right gradients. */
async function checkSlopes(body: (...all: Tensor[]) => Tensor, inputs: readonly (HostArray | number[])[]) {
  const { worst, text } = await checkGradient(engine, body, inputs, { elements: 12 });
  expect(worst, text).toBeLessThan(1e-2);
}

const known = array([2], Uint32Array.of(5, 3));

test.each(['pre', 'post'] as const)(
  'gradients through both halves of a transformer, %s-norm',
  async (norm) => {
    nn.seed(8);
    // A relu would have corners.
    const settings = {
      hidden: 16,
      levels: 1,
      decoderLevels: 2,
      heads: 2,
      norm,
      longest,
      nonlinearity: 'gelu',
    } as const;
    const { encoder, decoder } = new nn.TranslationTransformer(V, settings);
    const body = (x: Tensor, y: Tensor, n: Tensor) => {
      const source = encoder.forward(x, n);
      return decoder.forward(
        y,
        decoder.layers.map((layer) => ({ ...layer.encoder_attn.heard(source), lengths: n })),
      );
    };
    await checkSlopes(body, [[2, 5, 16], [2, 4, 16], known]);
  },
);

test('gradients through the decoder of a ConvS2S, and those of its encoder made smaller', async () => {
  nn.seed(9);
  const model = MODELS.ConvS2S() as nn.ConvS2S;
  const said = ids(2, 4, V.target);
  const decode = (keys: Tensor, values: Tensor, lengths: Tensor, y: Tensor) =>
    model.decode({ keys, values, lengths }, y);
  await checkSlopes(decode, [[2, 5, 6], [2, 5, 6], known, said]);
  const [x, weights] = [array([2, 3], uniform(1, 6)), array([2, 3], uniform(2, 6))];
  const scaled = engine.record((...[a, w]: Tensor[]) => {
    const y = scaleGradient(a, 0.25);
    return [y, ...gradient(sum(mul(add(y, 1), w)), [a])];
  });
  const [y, slope] = await Promise.all(scaled(x, weights).map(read));
  expect(y).toEqual([...x.data]);
  expect(slope).toEqual([...weights.data].map((weight) => weight / 4));
});

test('a ConvS2S depends on as many target tokens as its convolutions reach back', async () => {
  nn.seed(10);
  const decoder = [
    [4, 3],
    [4, 2],
    [4, 1],
  ] as const;
  expect(nn.contextOf(decoder)).toBe(4);
  const model = new nn.ConvS2S(V, { embedding: 4, encoder: [[4, 3]], decoder, longest });
  const logits = engine.record((...[x, n, y]: Tensor[]) => model.decode(model.encode(x, n), y));
  const [source, n, T] = [ids(1, 5, V.source), array([1], Uint32Array.of(5)), 8];
  const target = ids(1, T, V.target);
  const before = await read(logits(source, n, target));
  const other = (target.data as Uint32Array).map((id, i) => (i === 2 ? (id + 1) % V.target : id));
  const after = await read(logits(source, n, array([1, T], other)));
  const differ = Array.from({ length: T }, (_, t) => after[t * V.target] !== before[t * V.target]);
  expect(differ).toEqual(Array.from({ length: T }, (_, t) => t >= 2 && t < 6));
});

type Net = Required<Pick<nn.ConvS2SSettings, 'embedding' | 'outputs' | 'encoder' | 'decoder'>>;

describe('published sizes', () => {
  test('of the Transformer', () => {
    const sizeOf = (name: keyof typeof nn.TRANSLATION_TRANSFORMERS, words: number) =>
      new nn.TranslationTransformer(
        { source: words, target: words },
        { ...nn.TRANSLATION_TRANSFORMERS[name], longest },
      ).size;
    // Attention 4d² + 4d, feed-forward 2df + f + d, a norm 2d: in an encoder's layer 1, 1 and 2 of them, in a decoder's
    // 2, 1 and 3; and tables of d a word.
    const wanted = (d: number, f: number, tables: number) =>
      6 * (3 * (4 * d * d + 4 * d) + 2 * (2 * d * f + f + d) + 5 * 2 * d) + tables * d;
    expect(sizeOf('base', 37_000)).toBe(wanted(512, 2048, 37_000));
    expect(sizeOf('big', 37_000)).toBe(wanted(1024, 4096, 37_000));
    expect(sizeOf('iwslt', 10_000)).toBe(wanted(512, 1024, 20_000));
    // 65 and 213 million in table 3 of the paper, of a vocabulary of "about 37000".
    expect(sizeOf('base', 37_000) / 1e6).toBeCloseTo(63.1, 1);
    expect(sizeOf('big', 37_000) / 1e6).toBeCloseTo(214.2, 1);
  });

  test.each(Object.keys(nn.CONVS2S) as (keyof typeof nn.CONVS2S)[])('of ConvS2S %s', (name) => {
    const { embedding: E, outputs, encoder, decoder }: Net = nn.CONVS2S[name];
    const words = { source: 1000, target: 900 };
    const model = new nn.ConvS2S(words, { ...nn.CONVS2S[name], longest });
    // With weight norm a product has a direction, a length and a bias for every output.
    const linear = (from: number, to: number) => to * (from + 2);
    const half = (layers: readonly nn.ConvS2SLayer[]) =>
      layers.reduce(
        ({ size, from }, [width, taps]) => {
          const projection = from === width ? 0 : linear(from, width);
          return { size: size + projection + linear(taps * from, 2 * width), from: width };
        },
        { size: linear(E, layers[0][0]), from: layers[0][0] },
      ).size;
    const attention = decoder.reduce((sum, [width]) => sum + linear(width, E) + linear(E, width), 0);
    const ends = linear(encoder.at(-1)![0], E) + linear(decoder.at(-1)![0], outputs);
    const tables = E * (words.source + words.target + longest.source + longest.target);
    expect(model.size).toBe(half(encoder) + half(decoder) + attention + ends + tables + linear(outputs, 900));
  });
});

test('a training step needs at most 55 % of the memory of all its tensors', () => {
  const words = { source: 1000, target: 1000 };
  const shared = { longest: { source: 12, target: 12 }, tied: true, sharedEmbedding: true } as const;
  const layers = (count: number) => Array<nn.ConvS2SLayer>(count).fill([64, 3]);
  const models = [
    new nn.TranslationTransformer(words, { hidden: 64, levels: 3, heads: 4, norm: 'pre', ...shared }),
    new nn.ConvS2S(words, { embedding: 64, encoder: layers(4), decoder: layers(3), ...shared }),
  ];
  const batch = [ids(16, 12, 1000), array([16], new Uint32Array(16).fill(12)), ids(16, 12, 1000, 3)] as const;
  for (const model of models) {
    const adam = new optim.Adam(model.parameters(), { learningRate: 1e-3 });
    const step = engine.train((x, n, y) =>
      adam.minimize(crossEntropy(model.decode(model.encode(x, n), y), y)),
    );
    const [, share] = /, (\d+) % of the \d+ KiB without reuse/.exec(
      String(explainPlan(step.plan(...batch))),
    )!;
    expect(Number(share)).toBeLessThanOrEqual(55);
  }
});

test('settings and inputs that cannot be', () => {
  const transformer = (change: object) => () => new nn.TranslationTransformer(V, { ...layered, ...change });
  expect(transformer({ heads: 3 })).toThrow(/3 heads of 16 columns/);
  expect(transformer({ sharedEmbedding: true })).toThrow(/cannot share[^]*vocabularies of 13 and 11/);
  expect(transformer({ levels: 0 })).toThrow('levels is 0');
  const conv = { embedding: 6, longest, encoder: [[8, 3]], decoder: [[8, 3]] } as const;
  const convS2S = (change: object) => () => new nn.ConvS2S(V, { ...conv, ...change });
  expect(convS2S({ sharedEmbedding: true })).toThrow(/cannot share/);
  expect(convS2S({ tied: true, outputs: 5 })).toThrow('of 5 columns cannot use an embedding of 6');
  expect(convS2S({ encoder: [] })).toThrow('encoder is');
  const model = new nn.ConvS2S(V, conv);
  const long = engine.record((x: Tensor) => model.decoder.forward(x));
  expect(() => long(ids(1, 9, V.target))).toThrow('there are 8, but x has 9');
});
