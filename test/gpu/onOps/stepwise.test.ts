// Every model step by step gives at every position what it gives all at once; and generation goes on from that.

import { afterAll, describe, expect, test } from 'vitest';
import {
  array,
  assign,
  generateFrames,
  generateTokens,
  nn,
  relu,
  streamTokens,
  type Tensor,
} from '../../../src/index';
import { openTestEngine, uniform } from '../../harness/engine';

const engine = await openTestEngine({ poison: true });
afterAll(() => engine.destroy());

const V = 13;
const tokens = (size: number) => Uint32Array.from({ length: size }, (_, i) => (i * i * 5 + i) % V);

/** What the model gives at every position, step by step. */
async function byStep(model: nn.Stepwise, x: Float32Array | Uint32Array, [B, T, ...rest]: number[]) {
  const memory = new nn.Memory(B);
  const next = model.stepper(memory);
  const Q = x.length / B / T;
  const step = engine.record((now: Tensor) => {
    const y = next(now);
    memory.advance();
    return y;
  });
  engine.record(() => memory.prepare())();
  const rows: (Float32Array | Uint32Array)[] = [];
  for (let t = 0; t < T; t++) {
    const now = x.filter((_, i) => Math.floor(i / Q) % T === t);
    rows.push(await step(array([B, 1, ...rest], now)).read());
  }
  return rows;
}

async function compare(model: nn.Module & nn.Stepwise, x: Float32Array | Uint32Array, shape: number[]) {
  const [B, T] = shape;
  const whole = await engine
    .record((all: Tensor) => model.forward(all))(array(shape, x))
    .read();
  const rows = await byStep(model, x, shape);
  const Q = whole.length / B / T;
  let worst = 0;
  rows.forEach((row, t) => {
    for (let b = 0; b < B; b++)
      for (let q = 0; q < Q; q++) {
        const apart = Math.abs(row[b * Q + q] - whole[(b * T + t) * Q + q]);
        worst = Math.max(worst, Number.isNaN(apart) ? Infinity : apart);
      }
  });
  expect(worst).toBeLessThan(2e-5);
}

const bodies = [
  { model: 'rnn', hidden: 9, levels: 2 },
  { model: 'lstm', hidden: 9, levels: 2 },
  { model: 'gru', hidden: 9, levels: 1 },
  { model: 'tcn', hidden: 8, levels: 3, kernelSize: 3 },
  { model: 'gcnn', hidden: 8, levels: 3, kernelSize: 3 },
  { model: 'gcnn', hidden: 8, levels: 2, activation: 'tanh' },
  { model: 'wavenet', hidden: 8, levels: 3, stacks: 2 },
  { model: 'transformer', hidden: 16, levels: 2, heads: 2, length: 19, norm: 'pre' },
  { model: 'transformer', hidden: 16, levels: 2, heads: 2, length: 19, norm: 'post', positions: 'learned' },
] as const;

test.each(bodies)('vectors, $model: step by step is all at once', async (settings) => {
  nn.seed(3);
  const [B, T, inputs] = [2, 19, 5];
  const model = new nn.SequenceModel(inputs, 4, settings);
  await compare(model, uniform(4, B * T * inputs), [B, T, inputs]);
});

test.each([nn.MinGRU, nn.MinLSTM])('$name of two layers: step by step is all at once', async (Layer) => {
  nn.seed(4);
  const [B, T, inputs] = [2, 40, 5];
  await compare(new Layer(inputs, 6, { layers: 2 }), uniform(5, B * T * inputs), [B, T, inputs]);
});

test('a recurrent output step by step is all at once', async () => {
  const output = new nn.RecurrentOutput(5);
  engine.record((u: Tensor) => assign(output.recurrence, u))(
    array([5], Float32Array.of(-0.5, 0, 0.5, 0.9, 1)),
  );
  await compare(output, uniform(6, 2 * 40 * 5), [2, 40, 5]);
});

const layers: nn.ConvLayer[] = [
  [12, 3],
  [8, 1, 0],
  [12, 3, 2],
];
const texts = {
  rnn: () => new nn.LanguageModel(V, { model: 'rnn', embedding: 6, hidden: 10, levels: 1 }),
  lstm: () =>
    new nn.LanguageModel(V, { model: 'lstm', embedding: 6, hidden: 10, levels: 2, inputBound: 0.05 }),
  gru: () => new nn.LanguageModel(V, { model: 'gru', embedding: 6, hidden: 10, levels: 1, cutoffs: [4, 9] }),
  tcn: () => new nn.TCNLM(V, { embedding: 6, channels: [8, 6], tied: true }),
  gcnn: () => new nn.GatedConvLM(V, { embedding: 6, layers }),
  wavenet: () =>
    new nn.WaveNetLM(V, {
      ...{ embedding: 6, dilations: [1, 2, 4], residualChannels: 8, dilationChannels: 8, skipChannels: 12 },
    }),
  'transformer, learned positions': () =>
    new nn.TransformerLM(V, {
      hidden: 16,
      levels: 2,
      heads: 2,
      length: 17,
      norm: 'pre',
      positions: 'learned',
    }),
  'transformer, sines': () =>
    new nn.TransformerLM(V, { hidden: 16, levels: 1, heads: 2, length: 17, norm: 'post', tied: true }),
};

test.each(Object.entries(texts))('text, %s: step by step is all at once', async (_name, make) => {
  nn.seed(5);
  const [B, T] = [2, 17];
  await compare(make(), tokens(B * T), [B, T]);
});

/** A layer of one's own that looks at one step alone, and one that does not say how it goes on. */
class Relu extends nn.Module implements nn.Stepwise {
  override forward(x: Tensor) {
    return relu(x);
  }
  stepper() {
    return (x: Tensor) => this.forward(x);
  }
}
class Total extends nn.Module {
  override forward(x: Tensor) {
    return x;
  }
}

const rows = {
  text: () =>
    new nn.Sequential(new nn.Embedding(V, 6), new nn.LSTM(6, 8, { layers: 2 }), new nn.Linear(8, V)),
  convolutions: () =>
    new nn.Sequential(
      new nn.Embedding(V, 6),
      new nn.TCN(6, [8, 8], { kernelSize: 3, dropout: 0.5 }),
      new nn.LayerNorm(8),
      new nn.CausalConv(8, 5, { kernelSize: 2, dilation: 3 }),
      new Relu(),
      new nn.Dropout(0.5),
      new nn.WeightNormConv(5, V, 2, 1),
    ),
  nested: () =>
    new nn.Sequential(
      new nn.Embedding(V, 6),
      new nn.Sequential(new nn.GRU(6, 7, { bias: false }), new nn.LayerNorm(7, { bias: false })),
      new nn.RNN(7, 5),
      new nn.Linear(5, V, { bias: false }),
    ),
};

test.each(Object.entries(rows))('layers in a row, %s: step by step is all at once', async (_name, make) => {
  nn.seed(4);
  const [B, T] = [2, 17];
  const model = make();
  await compare(model, tokens(B * T), [B, T]);
  const { sequences } = await generateTokens(engine, model, { prompt: [3, 1], length: 6, temperature: 0 });
  expect([...sequences[0]]).toEqual(await naively(model, [3, 1], 6, (known) => known));
});

test('a row goes step by step only if all its layers do', () => {
  const memory = new nn.Memory(1);
  const refused = (layer: nn.Module) => () => new nn.Sequential(new Relu(), layer).stepper(memory);
  expect(refused(new Total())).toThrow('layer 1, of Total, does not go step by step');
  expect(refused(new nn.Transformer(8, { heads: 2, layers: 1 }))).toThrow('layer 1, of Transformer');
});

test('what is computed once is prepared before a step, and is no number until then', async () => {
  nn.seed(4);
  const model = rows.convolutions();
  const ids = array([1, 1], Uint32Array.of(3));
  const within = engine.record((now: Tensor) => {
    const memory = new nn.Memory(1);
    const y = model.stepper(memory)(now);
    memory.advance();
    return y;
  });
  expect(() => within(ids)).toThrow(
    /Memory: what the step reads has not been prepared\.\n[^]*stepwise\.test[^]*fix: make the step function once/,
  );
  const memory = new nn.Memory(1);
  const next = model.stepper(memory);
  // Without a count of steps nobody is asked: what comes out tells it.
  const uncounted = engine.record((now: Tensor) => next(now));
  expect((await uncounted(ids).read()).every(Number.isNaN)).toBe(true);
  engine.record(() => memory.prepare())();
  expect((await uncounted(ids).read()).every(Number.isFinite)).toBe(true);
});

test('a memory has sequences', () => {
  expect(() => new nn.Memory(0)).toThrow('Memory: batch is 0');
  expect(() => new nn.Memory(undefined as never)).toThrow('Memory: batch is undefined');
});

test('what has no step function is named', async () => {
  const own = new Total() as never;
  const tokensOf = generateTokens(engine, own, { prompt: [1], length: 2 });
  await expect(tokensOf).rejects.toThrow(/generateTokens: a Total does not go step by step\.\n[^]*stepper/);
  expect(() => streamTokens(engine, own, { prompt: [1], length: 2 })).toThrow('streamTokens: a Total does');
  const framesOf = generateFrames(engine, own, { prompt: [1], length: 2, channels: 1 });
  await expect(framesOf).rejects.toThrow('generateFrames: a Total does not go step by step');
});

/** Always the likeliest token, each found by running the whole model over what there is: all, or a window of it. */
async function naively(model: nn.Module, prompt: number[], length: number, seen: (known: number) => number) {
  const ids = [...prompt];
  for (let i = 0; i < length; i++) {
    const last = ids.slice(-seen(ids.length));
    const T = last.length;
    const forward = engine.record((all: Tensor) => model.forward(all));
    const logits = await forward(array([1, T], Uint32Array.from(last))).read();
    const row = [...logits.slice((T - 1) * V)];
    ids.push(row.indexOf(Math.max(...row)));
  }
  return ids.slice(prompt.length);
}

test('the likeliest tokens are those that the whole model finds', async () => {
  nn.seed(6);
  for (const make of [texts.lstm, texts.gcnn, texts.wavenet]) {
    const model = make();
    const { sequences } = await generateTokens(engine, model, {
      prompt: [3, 1, 4],
      length: 8,
      temperature: 0,
    });
    expect([...sequences[0]]).toEqual(await naively(model, [3, 1, 4], 8, (known) => known));
  }
});

test('a Transformer that has no more positions begins again with the second half of what it saw', async () => {
  nn.seed(7);
  const length = 8;
  const model = new nn.TransformerLM(V, { hidden: 16, levels: 1, heads: 2, length, norm: 'pre' });
  // Tokens that it knows when it finds the next: 1 … 8, then 5 … 8 again and again.
  const seen = (known: number) => (known <= length ? known : ((known - length - 1) % 4) + 5);
  const options = { prompt: [3, 1, 4], length: 20, temperature: 0 };
  const { sequences } = await generateTokens(engine, model, options);
  expect([...sequences[0]]).toEqual(await naively(model, options.prompt, 20, seen));
  const long = { prompt: tokens(21), length: 4, temperature: 0 };
  const after = await generateTokens(engine, model, long);
  expect([...after.sequences[0]]).toEqual(await naively(model, [...long.prompt], 4, (known) => known - 17));
});

test('a seed gives the same, another other; sequences of a batch differ', async () => {
  nn.seed(8);
  const model = texts.gru();
  const draw = async (seed: number, batch = 1) =>
    (await generateTokens(engine, model, { prompt: [1], length: 40, seed, batch, topK: 6, topP: 0.99 }))
      .sequences;
  const [a, b] = await draw(3, 2);
  expect(a).not.toEqual(b);
  expect(await draw(3, 2)).toEqual([a, b]);
  expect((await draw(4))[0]).not.toEqual((await draw(5))[0]);
});

describe('symbols while they are drawn', () => {
  const makes: Record<string, () => nn.Module & nn.Stepwise> = {
    lstm: texts.lstm,
    transformer: () => new nn.TransformerLM(V, { hidden: 16, levels: 1, heads: 2, length: 8, norm: 'pre' }),
  };
  const options = { prompt: [3, 1, 4], length: 60, batch: 2, seed: 5 };

  test.each(Object.keys(makes))('%s: pieces are what is drawn at once', async (name) => {
    nn.seed(10);
    const model = makes[name]();
    const { sequences } = await generateTokens(engine, model, options);
    const pieces: number[][][] = [];
    for await (const piece of streamTokens(engine, model, options)) {
      expect(piece.stepsPerSecond).toBeGreaterThan(0);
      pieces.push(piece.sequences.map((symbols) => [...symbols]));
    }
    expect(pieces.length).toBeGreaterThan(1);
    expect(pieces[0][0]).toHaveLength(16);
    sequences.forEach((all, b) => expect(pieces.flatMap((piece) => piece[b])).toEqual([...all]));
  });

  test.each(Object.keys(makes))('%s: what no buffer holds goes around in one', async (name) => {
    nn.seed(10);
    const model = makes[name]();
    const { sequences } = await generateTokens(engine, model, options);
    const { limits } = engine.device;
    const own = Object.getOwnPropertyDescriptor(engine.device, 'limits');
    // Room for the prompt and seven symbols.
    const small = {
      get: (_: unknown, key: string) =>
        key.startsWith('maxStorageBufferBinding') ? 80 : limits[key as never],
    };
    Object.defineProperty(engine.device, 'limits', { value: new Proxy({}, small), configurable: true });
    try {
      expect((await generateTokens(engine, model, options)).sequences).toEqual(sequences);
    } finally {
      Reflect.deleteProperty(engine.device, 'limits');
      if (own) Object.defineProperty(engine.device, 'limits', own);
    }
    expect(engine.device.limits.maxStorageBufferBindingSize).toBeGreaterThan(80);
  });

  test('who has enough leaves the loop, which frees all that it needed', async () => {
    // Of its own: what tests before this one left is collected at any time.
    const engine = await openTestEngine();
    nn.seed(10);
    const model = texts.gru();
    const some = async () => {
      const seen: number[] = [];
      for await (const { sequences } of streamTokens(engine, model, { prompt: [1], length: 1e12 })) {
        seen.push(...sequences[0]);
        if (seen.length > 20) break;
      }
      return seen;
    };
    const first = await some();
    const before = engine.stats.bytes;
    expect((await some()).slice(0, 21)).toEqual(first.slice(0, 21));
    expect(engine.stats.bytes).toBe(before);
    expect(() => streamTokens(engine, model, { prompt: [], length: 1 })).toThrow(
      'streamTokens: the prompt is empty',
    );
    engine.destroy();
  });
});

test('steps of yes and no, each given all before', async () => {
  nn.seed(9);
  const channels = 5;
  const model = new nn.SequenceModel(channels, channels, { model: 'tcn', hidden: 8, levels: 2 });
  const prompt = [1, 0, 0, 1, 0, 0, 1, 1, 0, 0];
  const frames = await generateFrames(engine, model, {
    channels,
    prompt,
    length: 6,
    temperature: 0,
    batch: 2,
  });
  const known = [...prompt];
  for (let t = 2; t < 8; t++) {
    const forward = engine.record((x: Tensor) => model.forward(x));
    const y = await forward(array([1, t, channels], known)).read();
    known.push(...Array.from(y.slice((t - 1) * channels), (logit) => Number(logit > 0)));
  }
  for (const row of frames.sequences) expect([...row]).toEqual(known.slice(prompt.length));
  expect(frames.stepsPerSecond).toBeGreaterThan(0);
});

test('mistakes are named', async () => {
  const model = texts.rnn();
  const draw = (options: object) => generateTokens(engine, model, { prompt: [1], length: 2, ...options });
  await expect(draw({ prompt: [] })).rejects.toThrow('the prompt is empty');
  const symbols = model.encoder.weight.shape[0];
  for (const [prompt, at] of [
    [[symbols], 0],
    [[1, 2, 4_000_000_000, symbols], 2],
  ] as const) {
    const words = `prompt[${at}] is ${prompt[at]}, but the vocabulary has ${symbols} symbols.\n    at `;
    await expect(draw({ prompt })).rejects.toThrow(words);
  }
  for (const wrong of [NaN, Infinity]) {
    const music = generateFrames(engine, model, { channels: 2, prompt: [1, 0, 0, wrong], length: 2 });
    await expect(music).rejects.toThrow(`prompt[3] is ${wrong}.`);
  }
  await expect(draw({ length: 0 })).rejects.toThrow('length is 0');
  await expect(draw({ seed: -1 })).rejects.toThrow('seed is -1');
  await expect(draw({ temperature: -2 })).rejects.toThrow('temperature is -2');
  await expect(draw({ topP: 2 })).rejects.toThrow('topP is 2');
  const nowhere = generateFrames(engine, model, { channels: 5, prompt: [1, 2], length: 2 });
  await expect(nowhere).rejects.toThrow('2 values are no steps of 5');
  const weight = model.decoder.parameters()[0];
  engine.write(weight, new Float32Array(weight.size).fill(NaN));
  await expect(draw({})).rejects.toThrow('logits are not finite');
});

test('a beam goes on with what its parents remember', async () => {
  const memory = new nn.Memory(3);
  const state = memory.carry([3, 2], 'h');
  const step = engine.record((x: Tensor) => {
    assign(state, x);
    memory.advance();
    return x;
  });
  const reordered = engine.record((parents: Tensor) => nn.reorder(memory, parents));
  step(array([3, 2], Float32Array.of(1, 2, 3, 4, 5, 6)));
  reordered(array([3], Uint32Array.of(2, 2, 0)));
  expect([...(await engine.read(state))]).toEqual([5, 6, 5, 6, 1, 2]);
  expect([...(await engine.read(memory.position))]).toEqual([1]);
  expect(() => reordered(array([2], Uint32Array.of(0, 1)))).toThrow('reorder: parents [2] of 3 sequences');
});
