// The translators made of LSTMs: against PyTorch, with padding and without, one token at a time as all at once, and the
// sizes that are published.

import { afterAll, describe, expect, test } from 'vitest';
import { nn, optim } from '../../../src/index';
import { only, type Rules } from '../../../src/graph/options';
import type { Tensor } from '../../../src/graph/tensor';
import { ATTENTION_LSTM_RULES } from '../../../src/nn/translation/attentionLstm';
import { GNMT_RULES } from '../../../src/nn/translation/gnmt';
import { SEQ2SEQ_RULES } from '../../../src/nn/translation/seq2seq';
import { CHROME, openTestEngine } from '../../harness/engine';
import { compare, type Golden } from '../../harness/golden';
import { V, lossOf, translates } from '../../harness/translators';
import additive from '../../golden/attentionLstm.json';
import general from '../../golden/attentionLstmGeneral.json';
import deep from '../../golden/gnmt.json';
import passed from '../../golden/gnmtPassed.json';
import plain from '../../golden/seq2seq.json';

const own = <S>(rules: Rules<S>, { config }: { readonly config: unknown }): S => only(rules, config as S);

const GOLDEN = {
  Seq2Seq: [plain, () => new nn.Seq2Seq(plain.config.vocabularies, own(SEQ2SEQ_RULES, plain))],
  GNMT: [deep, () => new nn.GNMT(deep.config.vocabularies, own(GNMT_RULES, deep))],
  'GNMT with scores as in the paper, from the states of the encoder': [
    passed,
    () => new nn.GNMT(passed.config.vocabularies, own(GNMT_RULES, passed)),
  ],
  'LSTM with additive attention, one table': [
    additive,
    () => new nn.AttentionLSTM(additive.config.vocabularies, own(ATTENTION_LSTM_RULES, additive)),
  ],
  "LSTM with Luong's general attention": [
    general,
    () => new nn.AttentionLSTM(general.config.vocabularies, own(ATTENTION_LSTM_RULES, general)),
  ],
} as const;

const engine = await openTestEngine({ family: 'direct', poison: true });
const workgroup = await openTestEngine({ family: 'workgroup', poison: true });
afterAll(() => [engine, workgroup].forEach((one) => one.destroy()));

test.each(Object.entries(GOLDEN))('%s: ten steps as PyTorch takes them', async (name, [golden, make]) => {
  const { optimizer } = golden;
  for (const family of name === 'GNMT' && !CHROME ? [engine, workgroup] : [engine]) {
    const model = make();
    const { learningRate, momentum, clip } = optimizer;
    const sgd = new optim.SGD(model.parameters(), { learningRate, momentum, clipNorm: clip });
    await compare(family, golden as Golden, model, sgd, lossOf(model), ['lengths', 'prefix']);
  }
});

const MODELS: Readonly<Record<string, () => nn.TranslationModel>> = {
  Seq2Seq: () => new nn.Seq2Seq(V, { hidden: 6, levels: 2, embedding: 5 }),
  'Seq2Seq, from the beginning': () =>
    new nn.Seq2Seq(V, { hidden: 6, levels: 1, tied: true, backwards: false }),
  'LSTM with additive attention': () => new nn.AttentionLSTM(V, { hidden: 8, levels: 2, embedding: 5 }),
  'LSTM with dot products': () => new nn.AttentionLSTM(V, { hidden: 6, levels: 1, score: 'dot' }),
  GNMT: () => new nn.GNMT(V, { hidden: 6, levels: 3, embedding: 5 }),
  'GNMT from the states of the encoder': () =>
    new nn.GNMT(V, { hidden: 6, levels: 2, normed: false, passState: true }),
  'GNMT without residual sums': () => new nn.GNMT(V, { hidden: 6, levels: 3, residual: false }),
};

describe.each(Object.entries(MODELS))('%s', (name, make) => {
  translates(engine, make, { limit: Infinity, shows: !name.startsWith('Seq2Seq') });
});

test.each([true, false])('a layer that gives nothing hands on what it is given: %s', async (residual) => {
  const model = new nn.GNMT(V, { hidden: 6, levels: 3, residual });
  for (const [, parameter] of model.decoder[2].namedParameters()) {
    engine.write(parameter, new Float32Array(parameter.size));
  }
  const run = engine.record((source: Tensor, lengths: Tensor, prefix: Tensor) =>
    model.forward(source, lengths, prefix),
  );
  const two = (...ids: number[]) => ({ shape: [1, 2], data: Uint32Array.from(ids) });
  const logits = await run(two(2, 3), { shape: [1], data: Uint32Array.of(2) }, two(1, 4)).read();
  const rows = [0, 1].map((t) => Array.from(logits.slice(t * V.target, (t + 1) * V.target)));
  // A plain stack says the bias of its softmax, whatever it reads.
  expect(new Set(rows.map(String)).size).toBe(residual ? 2 : 1);
});

describe('published sizes', () => {
  /** PyTorch's LSTM of one layer and one way, which has two biases. */
  const lstm = (inputs: number, hidden: number) => 4 * hidden * (inputs + hidden) + 8 * hidden;

  test('of Seq2Seq', () => {
    const words = { source: 160_000, target: 80_000 };
    const h = nn.SEQ2SEQ.hidden;
    const { size } = new nn.Seq2Seq(words, nn.SEQ2SEQ);
    expect(size).toBe(160_000 * h + 80_000 * h + 80_000 * (h + 1) + 8 * lstm(h, h));
    // "384M parameters, of which 64M are pure recurrent connections", section 3.4.
    expect(size / 1e6).toBeCloseTo(384.1, 1);
    expect((8 * lstm(h, h)) / 1e6).toBeCloseTo(64.1, 1);
  });

  test('of GNMT', () => {
    const h = 1024;
    const gnmt = (words: number, levels: number) =>
      2 * words * h +
      words +
      3 * lstm(h, h) +
      lstm(2 * h, h) +
      (levels - 2) * lstm(h, h) +
      (levels - 1) * lstm(2 * h, h) +
      2 * h * h +
      2 * h +
      1;
    const sizeOf = (words: number, name: keyof typeof nn.GNMTS) =>
      new nn.GNMT({ source: words, target: words }, nn.GNMTS[name]).size;
    expect(sizeOf(32_000, 'gnmt-8')).toBe(gnmt(32_000, 8));
    // What NVIDIA's GNMT v2 prints with its vocabulary of WMT16 En-De.
    expect(sizeOf(31_794, 'gnmt-4')).toBe(159_593_523);
  });

  test('of LSTMs with attention', () => {
    const words = { source: 30_000, target: 30_000 };
    const { hidden: h, embedding: e } = nn.ATTENTION_LSTMS.bahdanau;
    const attention = 2 * h * h + h;
    const tables = 2 * words.source * e + words.target * (h + 1);
    expect(new nn.AttentionLSTM(words, nn.ATTENTION_LSTMS.bahdanau).size).toBe(
      tables + 2 * lstm(e, h / 2) + lstm(e, h) + attention + h * (2 * h + 1),
    );
    const layers = 2 * lstm(h, h / 2) * 4 + 4 * lstm(h, h);
    expect(new nn.AttentionLSTM(words, nn.ATTENTION_LSTMS.luong).size).toBe(
      2 * words.source * h + words.target * (h + 1) + layers + h * h + h * (2 * h + 1),
    );
  });
});

test('settings that cannot be', () => {
  const shared = { hidden: 6, levels: 2 } as const;
  expect(() => new nn.GNMT(V, { ...shared, levels: 1 })).toThrow(/at least 2/);
  expect(() => new nn.AttentionLSTM(V, { ...shared, hidden: 5 })).toThrow(/cannot be halved/);
  expect(() => new nn.Seq2Seq(V, { ...shared, tied: true, embedding: 4 })).toThrow(/cannot be tied/);
  expect(() => new nn.Seq2Seq(V, { ...shared, sharedEmbedding: true })).toThrow(
    /cannot share[^]*of 13 and 11/,
  );
  expect(() => new nn.GNMT(V, { ...shared, heads: 2 } as object as nn.RecurrentTranslatorSettings)).toThrow(
    /heads/,
  );
});
