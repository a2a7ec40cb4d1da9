// Beam search on the device against a slow search in plain TypeScript over the same model in doubles.

import { afterAll, describe, expect, test } from 'vitest';
import {
  add,
  array,
  assign,
  attentionWeights,
  concat,
  embedding,
  Generator,
  logSoftmax,
  matmul,
  nn,
  Parameter,
  reshape,
  slice,
  mul,
  translate,
  type BeamOptions,
  type Hypothesis,
  type Tensor,
} from '../../../src/index';
import type { Memory, StepFunction } from '../../../src/nn/stepwise';
import { TranslationModel, type Encoding } from '../../../src/nn/translation/translator';
import { openTestEngine, uniform } from '../../harness/engine';

const engine = await openTestEngine({ poison: true });
afterAll(() => engine.destroy());

const V = 9;
const SOURCES = 7;
const D = 4;
const [PAD, END] = [0, 1];

interface Tables {
  /** [V, D], [SOURCES, D] and [D, V]: what is read, and what comes of it. */
  readonly target: Float32Array;
  readonly source: Float32Array;
  readonly out: Float32Array;
}

/** A state that begins as the first source token says and remembers, half as much every step, what was written. */
class Toy extends TranslationModel {
  readonly generator = new Generator(1);
  readonly target: Parameter;
  readonly source: Parameter;
  readonly out: Parameter;

  constructor(tables: Tables) {
    super();
    this.target = new Parameter([V, D], () => tables.target);
    this.source = new Parameter([SOURCES, D], () => tables.source);
    this.out = new Parameter([D, V], () => tables.out);
  }

  encode(source: Tensor, lengths: Tensor): Encoding {
    const keys = embedding(source, this.source);
    return { lengths, keys, first: reshape(slice(keys, 1, 0, 1), [source.shape[0], D]) };
  }

  decode({ first }: Encoding, target: Tensor): Tensor {
    const [B, T] = target.shape;
    const rows = embedding(target, this.target);
    let state = first;
    const all = Array.from({ length: T }, (_, t) => {
      state = add(mul(state, 0.5), reshape(slice(rows, 1, t, t + 1), [B, D]));
      return reshape(state, [B, 1, D]);
    });
    return matmul(concat(all, 1), this.out);
  }

  translationStepper(memory: Memory, { first }: Encoding): StepFunction {
    const N = memory.batch;
    const state = memory.begin([N, D], 'state', () => first);
    return (ids) => {
      const now = add(mul(state, 0.5), reshape(embedding(ids, this.target), [N, D]));
      assign(state, now);
      return matmul(reshape(now, [N, 1, D]), this.out);
    };
  }
}

/** The same, which says what it looks at. */
class Looking extends Toy {
  override attentionOf({ keys, lengths }: Encoding, target: Tensor): Tensor {
    const [B, T] = target.shape;
    const weights = attentionWeights(embedding(target, this.target), keys, { lengths, scale: 1 });
    return reshape(weights, [B, T, keys.shape[1]]);
  }
}

function tablesOf(seed: number, twins = false): Tables {
  const target = uniform(seed, V * D).map((x) => 2 * x);
  const out = uniform(seed + 1, D * V).map((x) => 2 * x);
  if (twins)
    // Tokens 3 and 4, 5 and 6 are alike in all they do.
    for (const [a, b] of [
      [3, 4],
      [5, 6],
    ])
      for (let d = 0; d < D; d++) {
        target[b * D + d] = target[a * D + d];
        out[d * V + b] = out[d * V + a];
      }
  return { target, out, source: uniform(seed + 2, SOURCES * D).map((x) => 2 * x) };
}

const SENTENCES = [
  [3, 4, 5, END],
  [6, END],
  [2, 2, 5, 3, 4, END],
];

const dot = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Array.from(a).reduce((sum, x, i) => sum + x * b[i], 0);

/** Logarithms of the probabilities of what comes behind a beginning. */
function logProbabilities(
  { target, source, out }: Tables,
  sentence: readonly number[],
  before: readonly number[],
) {
  let state = Array.from(source.slice(sentence[0] * D, sentence[0] * D + D));
  for (const id of [END, ...before]) state = state.map((x, d) => 0.5 * x + target[id * D + d]);
  const logits = Array.from({ length: V }, (_, v) =>
    state.reduce((sum, x, d) => sum + x * out[d * V + v], 0),
  );
  const top = Math.max(...logits);
  const lse = top + Math.log(logits.reduce((sum, x) => sum + Math.exp(x - top), 0));
  return logits.map((x) => x - lse);
}

/** Σ_j log(min(Σ_t attention, 1)). */
function coverage(
  { target, source }: Tables,
  sentence: readonly number[],
  tokens: readonly number[],
): number {
  const sums = sentence.map(() => 0);
  for (const id of [END, ...tokens]) {
    const e = sentence.map((s) =>
      Math.exp(dot(target.slice(id * D, id * D + D), source.slice(s * D, s * D + D))),
    );
    const total = e.reduce((sum, x) => sum + x, 0);
    e.forEach((x, j) => (sums[j] += x / total));
  }
  return sums.reduce((sum, x) => sum + Math.log(Math.min(x, 1)), 0);
}

interface Beam {
  readonly tokens: readonly number[];
  readonly sum: number;
}

/** Everything that may come next is written down and sorted, every step. */
function slow(tables: Tables, sentence: readonly number[], options: Required<BeamOptions>): Hypothesis[] {
  const { beam, length, lengthRule, lengthPenalty, coveragePenalty } = options;
  let going: Beam[] = [{ tokens: [], sum: 0 }];
  const ended: Beam[] = [];
  for (let t = 0; t < length && ended.length < beam; t++) {
    const next = going.flatMap(({ tokens, sum }, k) =>
      logProbabilities(tables, sentence, tokens)
        .map((p, id) => ({ k, p, id, sum: sum + p, tokens: [...tokens, id] }))
        .filter(({ id }) => id !== PAD),
    );
    const close = (x: number) => (Math.abs(x) < 1e-9 ? 0 : x);
    next.sort((a, b) => close(b.sum - a.sum) || a.k - b.k || close(b.p - a.p) || a.id - b.id);
    const ends = next.slice(0, beam).filter(({ id }) => id === END);
    ended.push(...ends.map(({ tokens, sum }) => ({ tokens: tokens.slice(0, -1), sum })));
    going = next.filter(({ id }) => id !== END).slice(0, beam);
  }
  const ranked = (beams: readonly Beam[], has: boolean) =>
    beams
      .map(({ tokens, sum }) => {
        const n = tokens.length + (has ? 1 : 0);
        const divisor = (lengthRule === 'gnmt' ? (5 + n) / 6 : n) ** lengthPenalty;
        const covered = has && coveragePenalty ? coveragePenalty * coverage(tables, sentence, tokens) : 0;
        return { tokens, logProbability: sum, score: sum / divisor + covered, ended: has };
      })
      .sort((a, b) => (Math.abs(b.score - a.score) < 1e-6 ? 0 : b.score - a.score));
  return [...ranked(ended.slice(0, beam), true), ...ranked(going, false)].slice(0, options.nBest);
}

const DEFAULTS = {
  lengthRule: 'gnmt',
  lengthPenalty: 0.6,
  coveragePenalty: 0,
  batch: 32,
  length: 22,
} as const;

async function compare(tables: Tables, options: BeamOptions): Promise<void> {
  const model = new Looking(tables);
  const { translations } = await translate(engine, model, SENTENCES, options);
  model.destroy();
  SENTENCES.forEach((sentence, i) => {
    const wanted = slow(tables, sentence, { beam: 5, nBest: 1, ...DEFAULTS, ...options });
    expect(translations[i].map(({ tokens }) => tokens)).toEqual(wanted.map(({ tokens }) => tokens));
    translations[i].forEach((found, r) => {
      expect(found.ended).toBe(wanted[r].ended);
      expect(found.score).toBeCloseTo(wanted[r].score, 4);
      expect(found.logProbability).toBeCloseTo(wanted[r].logProbability, 4);
    });
  });
}

describe('the slow search finds the same', () => {
  test.each([1, 2, 3, 4, 5, 6])('seed %i', async (seed) => {
    for (const beam of [1, 2, 5]) await compare(tablesOf(10 * seed), { beam, nBest: beam, length: 22 });
  });

  test.each([1, 2, 3])('of tokens that are alike, the lower one first: seed %i', async (seed) => {
    for (const beam of [2, 4]) await compare(tablesOf(10 * seed, true), { beam, nBest: beam, length: 9 });
  });

  test('by every rule of scores, in batches, and where nothing ends', async () => {
    const tables = tablesOf(70);
    await compare(tables, { beam: 4, nBest: 4, lengthRule: 'length', lengthPenalty: 1, length: 12 });
    await compare(tables, { beam: 4, nBest: 4, lengthPenalty: 0, length: 12, batch: 2 });
    await compare(tables, { beam: 4, nBest: 4, coveragePenalty: 0.4, length: 12 });
    await compare(tables, { beam: 3, nBest: 3, length: 2 });
    await compare(tables, { beam: V, nBest: V, length: 4 });
  });
});

const LONGEST = { source: 8, target: 12 };
const WORDS = { source: 20, target: 20 };
const MODELS = {
  Seq2Seq: () => new nn.Seq2Seq(WORDS, { hidden: 8, levels: 1 }),
  AttentionLSTM: () => new nn.AttentionLSTM(WORDS, { hidden: 8, levels: 1 }),
  GNMT: () => new nn.GNMT(WORDS, { hidden: 8, levels: 2 }),
  Transformer: () =>
    new nn.TranslationTransformer(WORDS, { hidden: 16, levels: 2, heads: 2, longest: LONGEST }),
  ConvS2S: () => {
    const decoder = [
      [8, 3],
      [8, 3],
    ] as const;
    return new nn.ConvS2S(WORDS, { embedding: 8, encoder: [[8, 3]], decoder, longest: LONGEST });
  },
};

test.each(Object.entries(MODELS))('%s finds what it gives that probability', async (_name, make) => {
  nn.seed(4);
  const model = make();
  const sources = [
    [7, 9, 3, END],
    [5, END],
    [19, 2, 4, 4, 6, 8, END],
  ];
  const { translations } = await translate(engine, model, sources, { beam: 4, nBest: 4, length: 9 });
  const decode = engine.record((source: Tensor, lengths: Tensor, target: Tensor) =>
    logSoftmax(model.decode(model.encode(source, lengths), target)),
  );
  for (const [i, source] of sources.entries()) {
    expect(new Set(translations[i].map(({ tokens }) => tokens.join())).size).toBe(4);
    for (const { tokens, logProbability, ended } of translations[i]) {
      const given = Uint32Array.from([END, ...tokens]);
      const asked = ended ? [...tokens, END] : tokens;
      const rows = await decode(
        array([1, source.length], Uint32Array.from(source)),
        array([1], Uint32Array.of(source.length)),
        array([1, given.length], given),
      ).read();
      const sum = asked.reduce((total, id, t) => total + rows[t * WORDS.target + id], 0);
      expect(logProbability).toBeCloseTo(sum, 3);
    }
  }
  decode.destroy();
  model.destroy();
});

test('what cannot be is refused', async () => {
  const toy = new Toy(tablesOf(1));
  const refused = (message: string, options: BeamOptions, sources: readonly number[][] = SENTENCES) =>
    expect(translate(engine, toy, sources, options)).rejects.toThrow(message);
  await refused(`beam is ${V + 1}, but the vocabulary has ${V} symbols`, { beam: V + 1 });
  await refused('beam is 64', { beam: 64 });
  await refused('3 translations are asked for, of 2 beams', { beam: 2, nBest: 3 });
  await refused('the coverage penalty needs attention', { coveragePenalty: 0.2 });
  await refused('there are no sources', {}, []);
  await refused('source 2 is empty', {}, [[3, END], []]);
  const unknown = `token 2 of source 1 is ${SOURCES}, but the vocabulary has ${SOURCES} symbols`;
  await refused(unknown, {}, [[3, SOURCES, END]]);
  engine.write(toy.out, new Float32Array(D * V).fill(NaN));
  await refused('logits are not finite', {});
});
