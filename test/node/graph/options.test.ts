// Options: no name and no value of one is ignored, anywhere; and the types refuse most of it before anything runs.

import { describe, expect, test } from 'vitest';
import * as seqgpu from '../../../src/index';
import type { Engine } from '../../../src/gpu/engine';
import { checked, count, flag, only, part, type Rules } from '../../../src/graph/options';
import { State } from '../../../src/graph/state';
import { Tensor } from '../../../src/graph/tensor';
import { fit } from '../../../src/train/fit';

const { nn, optim } = seqgpu;
const input = (...shape: number[]) => new Tensor(shape, 'f32', { kind: 'input', name: 'x' });
const ids = (...shape: number[]) => new Tensor(shape, 'u32', { kind: 'input', name: 'ids' });
/** Hands over what the types refuse. */
const any = (value: unknown) => value as never;

/** Refused with this text, at a line of this file. */
function refused(body: () => unknown, message: string): void {
  expect(body).toThrow(message);
  expect(body).toThrow(/\n {4}at .*test\/node\/graph\/options\.test\.ts:\d+/);
}

describe('checked', () => {
  type Given = { levels?: number; dropout?: number; learningRate?: number; bias?: boolean };
  const rules: Rules<Given> = { levels: count, dropout: part, learningRate: part, bias: flag };
  const check = (given: unknown, ...needed: 'levels'[]) =>
    checked<Given>('Net', given as Given, rules, ...needed);

  test('gives back what is right, and what is undefined is not given', () => {
    const given = { levels: 2, dropout: undefined, other: undefined };
    expect(check(given)).toBe(given);
    expect(only(rules, any({ levels: 3, size: 2 }))).toEqual({ levels: 3 });
  });

  test.each([
    ['dropuot', 'dropout'],
    ['num_levels', 'levels'],
    ['lr', 'learningRate'],
    ['learning_rate', 'learningRate'],
    ['Bias', 'bias'],
  ])('%s is meant to be %s', (wrong, right) => {
    refused(() => check({ [wrong]: 1 }), `Net: there is no option ${wrong}.`);
    refused(() => check({ [wrong]: 1 }), `did you mean ${right}?`);
  });

  test.each(['reduction', 'x', 'bidirectional', 'toString', '__proto__x'])('%s is like none', (wrong) => {
    refused(() => check({ [wrong]: 1 }), 'fix: the options of Net are levels, dropout, learningRate, bias.');
  });

  test.each([
    [2, '2'],
    [null, 'null'],
    [[2], '[2]'],
    ['levels', '"levels"'],
    [true, 'true'],
    [input(2), 'a Tensor'],
  ])('%s is no object of options', (given, text) => {
    refused(() => check(given), `Net: ${text} is given where options belong`);
  });

  test('what is needed is asked for', () => {
    refused(() => check({}, 'levels'), 'Net: levels is undefined.');
    refused(() => check(undefined, 'levels'), 'Net: undefined is given where options belong');
  });

  test.each([0, -1, 2.5, NaN, Infinity, '2', null])('levels: %s is refused', (levels) => {
    refused(() => check({ levels }), 'fix: give a whole number of at least 1.');
  });
});

describe('ops', () => {
  const x = input(2, 4);
  const w = input(4, 3);
  const cases: Record<string, [body: () => unknown, message: string]> = {
    ignore_index: [
      () => seqgpu.crossEntropy(x, ids(2), any({ ignore_index: 0 })),
      'did you mean ignoreIndex?',
    ],
    reduction: [() => seqgpu.crossEntropy(x, ids(2), any({ reduction: 'sum' })), 'no option reduction'],
    'ignoreIndex −1': [() => seqgpu.crossEntropy(x, ids(2), { ignoreIndex: -1 }), 'ignoreIndex is -1'],
    'smoothing 1': [() => seqgpu.crossEntropy(x, ids(2), { smoothing: 1 }), 'smoothing is 1'],
    'accuracy(k)': [() => seqgpu.accuracy(x, ids(2), any(5)), 'accuracy: 5 is given where options belong'],
    'softmax(x, 0)': [() => seqgpu.softmax(x, ...[any(0)]), 'softmax: it is over the last axis'],
    'logSoftmax(x, { dim })': [
      () => seqgpu.logSoftmax(x, ...[any({ dim: 0 })]),
      'logSoftmax: it is over the last',
    ],
    'a bias in place': [() => seqgpu.matmul(x, w, any(input(3))), 'matmul: a Tensor is given where options'],
    transpose_a: [() => seqgpu.matmul(x, w, any({ transpose_a: true })), 'did you mean transposeA?'],
    'transposeA: 1': [() => seqgpu.matmul(x, w, any({ transposeA: 1 })), 'transposeA is 1'],
    'activation gelu': [
      () => seqgpu.matmul(x, w, any({ activation: 'gelu' })),
      'one of none, relu, tanh, sigmoid',
    ],
    keepdim: [() => seqgpu.sum(x, 0, any({ keepdim: true })), 'did you mean keep?'],
    'sum(x, 0, true)': [() => seqgpu.sum(x, 0, any(true)), 'sum: true is given where options belong'],
    'mean(x, [0, 1])': [() => seqgpu.mean(x, any([0, 1])), 'no axis [0, 1]'],
    'sum(x, 0.5)': [() => seqgpu.sum(x, 0.5), 'no axis 0.5'],
    eps: [() => seqgpu.layerNorm(x, any({ eps: 1 })), 'did you mean epsilon?'],
    'epsilon −1': [() => seqgpu.layerNorm(x, { epsilon: -1 }), 'epsilon is -1'],
    'dilation 1.5': [
      () => seqgpu.causalConv(input(1, 5, 2), input(2, 2, 2), { dilation: 1.5 }),
      'dilation is 1.5',
    ],
    'heads NaN': [() => seqgpu.causalAttention(input(1, 2, 12), { heads: NaN }), 'heads is NaN'],
    'no heads': [() => seqgpu.causalAttention(input(1, 2, 12), any({})), 'heads is undefined'],
    'dropout NaN': [
      () => seqgpu.dropout(x, { rate: NaN, generator: new seqgpu.Generator(0) }),
      'dropout: rate is NaN',
    ],
    'weights: a list': [() => seqgpu.binaryCrossEntropy(x, x, any({ weights: [1, 1] })), 'weights is [1, 1]'],
    'offset 0.5': [() => seqgpu.readAt(x, ids(1), { offset: 0.5 }), 'offset is 0.5'],
    top_k: [() => seqgpu.sample(x, any({ seed: ids(1), counter: ids(1), top_k: 3 })), 'did you mean topK?'],
    'topP 0': [() => seqgpu.sample(x, { seed: ids(1), counter: ids(1), topP: 0 }), 'topP is 0'],
    'no seed': [() => seqgpu.bernoulli(x, any({ counter: ids(1) })), 'seed is undefined'],
    'scale(x)': [() => seqgpu.scale(x, any(undefined)), 'the factor is undefined'],
    'transpose(x, 0, 1)': [() => seqgpu.transpose(x, any(0)), 'transpose: the axes are 0'],
    'reshape(x, 2, 4)': [() => seqgpu.reshape(x, any(2)), 'reshape: 2 is no shape'],
    'concat(a, b)': [() => seqgpu.concat(any(x), 0), 'concat: the tensors are a Tensor'],
    'concat([])': [() => seqgpu.concat([], 0), 'concat: the tensors are []'],
    'half a slice': [() => seqgpu.slice(x, 0, 0.5, 1.5), '0.5 to 1.5 is no part'],
    'lstm of another width': [
      () =>
        seqgpu.lstm({
          x: input(1, 2, 5),
          wx: input(3, 8),
          wh: input(2, 8),
          h0: input(1, 2),
          c0: input(1, 2),
        }),
      'lstm: I is 3 in wx but 5 in x',
    ],
    'rnn of another batch': [
      () => seqgpu.rnn({ x: input(4, 2, 3), wx: input(3, 2), wh: input(2, 2), h0: input(1, 2) }),
      'rnn: B is 1 in h0 but 4 in x',
    ],
    'one tap of another width': [
      () => seqgpu.causalConv(input(1, 5, 2), input(1, 3, 2)),
      'causalConv: C is 3 in w but 2 in x',
    ],
    'one bias of two': [
      () =>
        seqgpu.gru({ x: input(1, 2, 3), wx: input(3, 6), wh: input(2, 6), bx: input(6), h0: input(1, 2) }),
      'gru: no bh',
    ],
  };
  test.each(Object.entries(cases))('%s', (_name, [body, message]) => refused(body, message));

  test('sum over all axes keeps them if asked to', () => {
    expect(seqgpu.sum(x, undefined, { keep: true }).shape).toEqual([1, 1]);
  });
});

describe('layers', () => {
  const cases: Record<string, [body: () => unknown, message: string]> = {
    bidirectional: [
      () => new nn.LSTM(3, 4, any({ bidirectional: true })),
      'LSTM: there is no option bidirectional',
    ],
    num_layers: [() => new nn.GRU(3, 4, any({ num_layers: 2 })), 'did you mean layers?'],
    'layers in place': [() => new nn.RNN(3, 4, any(2)), 'RNN: 2 is given where options belong'],
    'layers 2.5': [() => new nn.LSTM(3, 4, { layers: 2.5 }), 'LSTM: layers is 2.5'],
    'forgetBias of a GRU': [
      () => new nn.GRU(3, 4, any({ forgetBias: 1 })),
      'GRU: there is no option forgetBias',
    ],
    'forgetBias of none': [
      () => new nn.LSTM(3, 4, { forgetBias: 1, bias: false }),
      'forgetBias is given for no bias',
    ],
    'dropout 1.5': [() => new nn.LSTM(3, 4, { dropout: 1.5 }), 'LSTM: dropout is 1.5'],
    'hidden 0': [() => new nn.LSTM(3, 0), 'LSTM: hidden is 0'],
    'inputs −1': [() => new nn.Linear(-1, 2), 'Linear: inputs is -1'],
    'outputs 2.5': [() => new nn.Linear(1, 2.5), 'Linear: outputs is 2.5'],
    'a bias in place ': [
      () => new nn.Linear(1, 2, any(false)),
      'Linear: false is given where options belong',
    ],
    biasValues: [() => new nn.Linear(1, 2, { biasValues: [1] }), 'biasValues has 1 values for 2 outputs'],
    'rate 1.5': [() => new nn.Dropout(1.5), 'Dropout: rate is 1.5'],
    'rate NaN': [() => new nn.Dropout(NaN), 'Dropout: rate is NaN'],
    inplace: [() => new nn.Dropout(0.5, any({ inplace: true })), 'Dropout: there is no option inplace'],
    'an epsilon in place': [
      () => new nn.LayerNorm(4, any(1e-5)),
      'LayerNorm: 0.00001 is given where options',
    ],
    'vocabulary 0': [() => new nn.Embedding(0, 4), 'Embedding: vocabulary is 0'],
    padding_idx: [
      () => new nn.Embedding(5, 4, any({ padding_idx: 0 })),
      'its initial value is { padding_idx }',
    ],
    'kernelSize 0': [() => new nn.CausalConv(1, 2, { kernelSize: 0 }), 'CausalConv: kernelSize is 0'],
    'dilation −2': [() => new nn.WeightNormConv(1, 2, 3, -2), 'WeightNormConv: dilation is -2'],
    'no kernelSize': [() => new nn.TCN(1, [2], any({})), 'TCN: kernelSize is undefined'],
    'no channels': [() => new nn.TCN(1, [], { kernelSize: 2 }), 'TCN: there are no channels'],
    kernel_size: [
      () => new nn.TCN(1, [2], any({ kernelSize: 2, kernel_size: 3 })),
      'did you mean kernelSize?',
    ],
    'heads that do not divide': [
      () => new nn.Transformer(10, { heads: 3, layers: 1 }),
      'SelfAttention: 3 heads of 10 columns have 3.3333333333333335 each',
    ],
    'a norm': [() => new nn.Transformer(8, any({ heads: 2, layers: 1, norm: 'first' })), 'one of pre, post'],
    'an activation': [() => new nn.GatedConv(2, [[4, 2]], any({ activation: 'gelu' })), 'one of glu, gtu'],
    'hidden of a model': [
      () => new nn.SequenceModel(1, 2, any({ model: 'lstm', levels: 1 })),
      'SequenceModel: hidden is undefined',
    ],
    'a model': [
      () => new nn.SequenceModel(1, 2, any({ model: 'mamba', hidden: 2, levels: 1 })),
      'model is "mamba"',
    ],
    'tied: 1': [
      () => new nn.LanguageModel(9, any({ model: 'rnn', embedding: 2, hidden: 2, levels: 1, tied: 1 })),
      'LanguageModel: tied is 1',
    ],
    'dilations 0': [
      () => new nn.WaveNet({ dilations: [0], residualChannels: 4, dilationChannels: 4, skipChannels: 4 }),
      'WaveNet: dilations is [0]',
    ],
  };
  test.each(Object.entries(cases))('%s', (_name, [body, message]) => refused(body, message));
});

describe('inputs of layers, in their own words', () => {
  const [x, long] = [input(2, 5, 3), input(2, 5, 7)];
  const lstm = new nn.LSTM(3, 4);
  const zero = (batch: number, hidden = 4) => [{ h: input(batch, hidden), c: input(batch, hidden) }];
  const cases: Record<string, [body: () => unknown, message: string]> = {
    'an LSTM': [() => lstm.forward(long), 'LSTM: x is [2, 5, 7], but [batch, time, 3] is needed'],
    'an LSTM without time': [
      () => lstm.forward(input(2, 3)),
      'LSTM: x is [2, 3], but [batch, time, 3] is needed',
    ],
    'states of another batch': [
      () => lstm.unroll(x, zero(3)),
      'LSTM: h of layer 0 is [3, 4], but [2, 4] is needed',
    ],
    'states of another width': [
      () => new nn.GRU(3, 5).unroll(x, zero(2)),
      'GRU: h of layer 0 is [2, 4], but [2, 5]',
    ],
    'no c': [() => lstm.unroll(x, [{ h: input(2, 4) }]), 'LSTM: c of layer 0 is undefined'],
    'too few states': [
      () => new nn.RNN(3, 4, { layers: 2 }).unroll(x, zero(2)),
      'RNN: there are 1 states for 2 layers',
    ],
    'a batch of 0': [() => lstm.zeroState(0), 'LSTM: batch is 0'],
    'ids as f32': [() => new nn.Embedding(5, 4).forward(x), 'Embedding: ids holds f32, but u32 is needed'],
    'ids for numbers': [
      () => new nn.Linear(3, 4).forward(ids(2, 3)),
      'Linear: x holds u32, but f32 is needed',
    ],
    'an array': [
      () => new nn.Linear(3, 4).forward(any(seqgpu.array([3], [1, 2, 3]))),
      'Linear: x is { shape, data }',
    ],
    'a Linear': [() => new nn.Linear(3, 4).forward(long), 'Linear: x is [2, 5, 7], but [..., 3] is needed'],
    'a LayerNorm': [
      () => new nn.LayerNorm(3).forward(long),
      'LayerNorm: x is [2, 5, 7], but [..., 3] is needed',
    ],
    'a TCN': [
      () => new nn.TCN(3, [4], { kernelSize: 2 }).forward(long),
      'TCN: x is [2, 5, 7], but [batch, time, 3]',
    ],
    'a convolution': [
      () => new nn.CausalConv(3, 4).forward(long),
      'CausalConv: x is [2, 5, 7], but [batch, time, 3]',
    ],
  };
  test.each(Object.entries(cases))('%s', (_name, [body, message]) => refused(body, message));
});

describe('optimizers', () => {
  const parameters = () => new nn.Linear(1, 1).parameters();
  const adam = (options: object) => () =>
    new optim.Adam(parameters(), any({ learningRate: 0.1, ...options }));
  const cases: Record<string, [body: () => unknown, message: string]> = {
    lr: [() => new optim.SGD(parameters(), any({ lr: 0.1 })), 'SGD: there is no option lr'],
    'no rate': [() => new optim.SGD(parameters(), any({})), 'SGD: learningRate is undefined'],
    'a rate in place': [
      () => new optim.SGD(parameters(), any(0.1)),
      'SGD: 0.1 is given where options belong',
    ],
    'no options': [() => new optim.AdamW(parameters(), any(undefined)), 'AdamW: undefined is given'],
    'rate ∞': [adam({ learningRate: Infinity }), 'Adam: learningRate is Infinity'],
    'rate −1': [adam({ learningRate: -1 }), 'Adam: learningRate is -1'],
    'betas [.9, 1]': [adam({ betas: [0.9, 1] }), 'Adam: betas is [0.9, 1]'],
    'one beta': [adam({ betas: [0.9] }), 'give two numbers from 0 up to, but not, 1'],
    'epsilon −1': [adam({ epsilon: -1 }), 'Adam: epsilon is -1'],
    'clipNorm NaN': [adam({ clipNorm: NaN }), 'Adam: clipNorm is NaN'],
    'weightDecay −1': [adam({ weightDecay: -1 }), 'Adam: weightDecay is -1'],
    'decays: a word': [adam({ decays: 'matrices' }), 'give a function of a parameter'],
    weight_decay: [adam({ weight_decay: 1 }), 'did you mean weightDecay?'],
    'momentum of Adam': [adam({ momentum: 0.9 }), 'Adam: there is no option momentum'],
    'momentum −1': [() => new optim.SGD(parameters(), { learningRate: 1, momentum: -1 }), 'momentum is -1'],
    'alpha 1': [() => new optim.RMSprop(parameters(), { learningRate: 1, alpha: 1 }), 'alpha is 1'],
    'λ 2': [() => seqgpu.stable(new nn.RNN(1, 2), { lambda: 2 }), 'stable: lambda is 2'],
  };
  test.each(Object.entries(cases))('%s', (_name, [body, message]) => refused(body, message));

  test('what was refused has taken no parameter, and a rate that is set later is checked too', () => {
    const taken = parameters();
    refused(() => new optim.Adam(taken, { learningRate: 1, epsilon: -1 }), 'epsilon is -1');
    const sgd = new optim.SGD(taken, { learningRate: 1 });
    refused(() => (sgd.learningRate = NaN), 'optimizer: learningRate is NaN');
    expect(sgd.learningRate).toBe(1);
  });

  test('an AdamW whose decay is undefined has its default', () => {
    expect(new optim.AdamW(parameters(), { learningRate: 1, weightDecay: undefined }).weightDecay).toBe(0.01);
  });
});

describe('what waits', () => {
  const engine = any({}) as Engine;
  const small = any({ device: { limits: { maxStorageBufferBindingSize: 10 * 88 * 4 } } }) as Engine;
  const model = new nn.LanguageModel(5, { model: 'rnn', embedding: 2, hidden: 2, levels: 1 });
  test.each([
    ['open', () => seqgpu.open(any({ power_preference: 'low-power' })), 'did you mean powerPreference?'],
    ['open: a family', () => seqgpu.open(any({ family: 'cpu' })), 'open: family is "cpu"'],
    ['fit', () => fit(any({ engine, steps: 10 })), 'fit: optimizer is undefined'],
    [
      'generateTokens',
      () => seqgpu.generateTokens(engine, model, any({ prompt: [1], length: 2, top_p: 1 })),
      'did you mean topP?',
    ],
    [
      'a prompt',
      () => seqgpu.generateTokens(engine, model, { prompt: [1.5], length: 2 }),
      'value 0 of the prompt is 1.5',
    ],
    [
      'generateFrames',
      () => seqgpu.generateFrames(engine, model, { prompt: [1], length: 2.5, channels: 1 }),
      'generateFrames: length is 2.5',
    ],
    [
      'steps that no buffer holds',
      () => seqgpu.generateFrames(small, model, { prompt: new Float32Array(88), length: 1e8, channels: 88 }),
      /length is 100000000, but a buffer of this adapter holds 9 steps at most\.[^]*at most 9\./,
    ],
    [
      'symbols that no buffer holds',
      () => seqgpu.generateTokens(small, model, { prompt: new Uint32Array(880), length: 1e8 }),
      /a buffer of this adapter holds 0 steps at most[^]*give fewer steps to begin with/,
    ],
  ])('%s', async (_name, body, message) => {
    await expect(body()).rejects.toThrow(message);
  });
});

// What the types refuse: every line below an expectation must not compile. None of it runs.
export function refusedByTheTypes(engine: Engine, x: Tensor): void {
  const step = engine.record((a: Tensor, b: Tensor) => seqgpu.add(a, b));
  step([1], 2);
  // @ts-expect-error too few arguments
  step([1]);
  // @ts-expect-error too many arguments
  step([1], [2], [3]);
  // @ts-expect-error a DataView says nothing of its numbers
  step(new DataView(new ArrayBuffer(4)), [1]);
  // @ts-expect-error a function that waits
  engine.record(async (a: Tensor) => a);
  // @ts-expect-error a result of no tensor
  engine.record((_a: Tensor) => 3);
  // @ts-expect-error an initial value is a function
  const state = new State([1], Float32Array.of(1));
  // @ts-expect-error texts are no numbers
  engine.write(state, ['1']);
  // @ts-expect-error an option of another library
  seqgpu.crossEntropy(x, x, { ignore_index: 0 });
  // @ts-expect-error an axis where there is none
  seqgpu.softmax(x, 0);
  // @ts-expect-error a boolean where options belong
  seqgpu.sum(x, 0, true);
  // @ts-expect-error an option of another library
  const layer = new nn.LSTM(1, 2, { bidirectional: true });
  // @ts-expect-error a number where options belong
  const other = new nn.LSTM(1, 2, 3);
  // @ts-expect-error no rate
  const adam = new optim.Adam([...layer.parameters(), ...other.parameters()], {});
  // @ts-expect-error one beta
  const adamW = new optim.AdamW(layer.parameters(), { learningRate: 1, betas: [0.9] });
  void engine.read(state);
  adam.project();
  adamW.project();
}
