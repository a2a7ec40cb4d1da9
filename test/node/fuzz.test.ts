// The fuzzer's own arithmetic: its ops in bounded doubles against the plain loops of test/reference, values and
// gradients; what its bounds are worth; and that it shrinks and prints.

import { describe, expect, test } from 'vitest';
import * as seqgpu from '../../src/index';
import { type Bounded, exactly, filled, gradients, map, multiply, plus, times } from '../fuzz/bounded';
import { clampTo, sum } from '../fuzz/functions';
import { generate } from '../fuzz/generate';
import { interpret } from '../fuzz/interpret';
import { print } from '../fuzz/print';
import { type Moment, type Options, type Program } from '../fuzz/program';
import { ROOMS } from '../fuzz/rooms';
import { shrink } from '../fuzz/shrink';
import { uniform } from '../harness/engine';
import type { Case, Doubles, Reference } from '../harness/reference';

const references = import.meta.glob<Reference>('../reference/*.ts', { eager: true });

type Exact = (inputs: readonly Bounded[], c: Case) => Bounded | Bounded[] | null;

const once = (call: number, key: readonly [number, number] = [0, 0]): Moment => ({
  training: true,
  key,
  draw: () => call,
});

/** The room of an op, under the options that its reference has. */
const room =
  (name: string, to: (options: never) => Options = (options) => options): Exact =>
  (inputs, { options }) =>
    ROOMS[name].exact(inputs, { ...to((options ?? {}) as never) }, once(0)) as Bounded;

const cells =
  (name: string): Exact =>
  (inputs, { options }) => {
    const all = ROOMS[name].exact(inputs, {}, once(0)) as Readonly<Record<string, Bounded>>;
    const list = name === 'lstm' ? [all.y, all.hN, all.cN] : [all.y, all.hN];
    return list.filter((_, i) => !options.only || options.only.includes(i));
  };

/** Without a bias and a gain, which other rooms make; lengths are always among the inputs. */
const additive =
  (name: string): Exact =>
  (inputs, { options }) =>
    options.bias || options.gain
      ? null
      : (ROOMS[name].exact(inputs.slice(0, options.lengths ? 5 : 4), {}, once(0)) as Bounded);

const fromEnd = (axis: number, rank: number): number => (axis < 0 ? axis + rank : axis);

const [BELOW, ABOVE] = [clampTo(0.25, Infinity), clampTo(-Infinity, 0.25)];

const EXACT: Readonly<Record<string, Exact>> = {
  binary: (inputs, c) => room(c.options.name)(inputs, c),
  unary: (inputs, c) =>
    c.options.name === 'scale'
      ? times(inputs[0], 2.5, -0.25)
      : c.options.name.startsWith('clamp from')
        ? map(inputs[0], c.options.name.endsWith('below') ? BELOW : ABOVE)
        : (ROOMS[c.options.name].exact(inputs, {}, once(0)) as Bounded),
  matmul: room('matmul', ({ tA, tB, activation }: Record<string, Options['x']>) => ({
    transposeA: tA ?? false,
    transposeB: tB ?? false,
    activation,
  })),
  causalConv: room('causalConv', ({ dilation, activation }: Record<string, Options['x']>) => ({
    dilation: dilation ?? 1,
    activation,
  })),
  causalAttention: room('causalAttention'),
  selfAttention: room('selfAttention'),
  maskPadding: room('maskPadding'),
  attention: room('attention'),
  gatherRows: room('gatherRows'),
  attentionWeights: room('attentionWeights'),
  cachedAttention: room('cachedAttention'),
  additiveAttention: additive('additiveAttention'),
  additiveAttentionWeights: additive('additiveAttentionWeights'),
  rnn: cells('rnn'),
  gru: cells('gru'),
  lstm: cells('lstm'),
  linearScan: room('linearScan'),
  embedding: (inputs, c) => (c.shapes.length > 2 ? null : room('embedding')(inputs, c)),
  weightNorm: room('weightNorm'),
  layerNorm: room('layerNorm', ({ given, epsilon }: Record<string, Options['x']>) => ({
    given,
    epsilon: epsilon ?? 1e-5,
  })),
  softmax: (inputs, c) => room(c.options.name)(inputs, c),
  gate: room('gate'),
  rowNorm: room('rowNorm'),
  crossEntropy: room('crossEntropy'),
  binaryCrossEntropy: (inputs) => ROOMS.binaryCrossEntropy.exact(inputs, {}, once(0)) as Bounded,
  meanSquaredError: room('meanSquaredError'),
  reduce: (inputs, c) => {
    const { axis, mean } = c.options;
    const at = axis === undefined ? {} : { axis: fromEnd(axis, inputs[0].shape.length) };
    return ROOMS[mean ? 'mean' : 'sum'].exact(inputs, at, once(0)) as Bounded;
  },
  shift: (inputs, { options: { axis, by } }) =>
    ROOMS.shift.exact(inputs, { axis: fromEnd(axis, inputs[0].shape.length), by }, once(0)) as Bounded,
  concat: (inputs, { options: { axis } }) =>
    ROOMS.concat.exact(inputs, { axis: fromEnd(axis, inputs[0].shape.length) }, once(0)) as Bounded,
  view: viewed,
  readAt: room('readAt', ({ offset }: Record<string, Options['x']>) => ({ offset: offset ?? 0 })),
  causalConvStep: ringStep,
  dropout: ([x, key], { options: { rate, spatial, call } }) =>
    ROOMS.dropout.exact([x], { rate, spatial }, once(call, [key.data[0], key.data[1]])) as Bounded,
};

function viewed([x]: readonly Bounded[], { options: { axes, part } }: Case): Bounded {
  const rank = x.shape.length;
  if (!part) {
    const swapped = [...Array(rank - 2).keys(), rank - 1, rank - 2];
    return ROOMS.transpose.exact([x], { axes: axes ?? swapped }, once(0)) as Bounded;
  }
  const axis = fromEnd(part[0], rank);
  const [start, end] = [part[1], part[2] ?? x.shape[axis]].map((i) => fromEnd(i, x.shape[axis]));
  return ROOMS.slice.exact([x], { axis, start, end }, once(0)) as Bounded;
}

function ringStep([ring, x, w, position, bias, side]: readonly Bounded[], { options }: Case): Bounded[] {
  const dilation = (ring.shape[1] - 1) / Math.max(1, w.shape[0] - 1);
  const inputs = [ring, x, w, position, ...(bias ? [bias] : []), ...(side ? [side] : [])];
  const given = { activation: options.activation, dilation };
  const { after, y } = ROOMS.causalConvStep.exact(inputs, given, once(0)) as Record<string, Bounded>;
  return [after, y];
}

const list = <V>(value: V | readonly V[]): readonly V[] => (Array.isArray(value) ? value : [value as V]);
const sizeOf = (shape: readonly number[]) => shape.reduce((product, n) => product * n, 1);

/** Larger cases are about launches; here they would only take time. */
const MOST = 3000;

for (const [name, exact] of Object.entries(EXACT)) {
  const ref = Object.entries(references).find(([path]) => path.endsWith(`/${name}.ts`))![1];
  const cases = ref.cases.filter(({ shapes }) => Math.max(...shapes.map(sizeOf)) <= MOST);
  test(`${name} is what the reference says`, () => {
    for (const c of cases) {
      const inputs = c.shapes.map((shape, i) => ({
        shape,
        data: Float64Array.from(ref.fill?.(i, shape, c) ?? uniform(i + 1, sizeOf(shape))),
      }));
      const values = inputs.map(({ shape, data }) => exactly(shape, data));
      const found = exact(values, c);
      if (!found) continue;
      const wanted = list(ref.reference(inputs, c.options));
      wanted.forEach((y, i) => {
        expect(list(found)[i].shape, c.name).toEqual(y.shape);
        expect(apart(list(found)[i].data, y.data), `${c.name}, result ${i}`).toBeLessThan(1e-9);
      });
      checkGradients(ref, c, inputs, values, list(found));
    }
  });
}

/** Gradients of a weighted sum of all results, in some elements of every input, against central differences. */
function checkGradients(
  ref: Reference,
  c: Case,
  inputs: readonly Doubles[],
  values: readonly Bounded[],
  found: readonly Bounded[],
): void {
  const wrt = (ref.differentiable ?? inputs.map((_, i) => i)).filter((i) => !ref.integers?.includes(i));
  if (!wrt.length) return;
  const weights = found.map((y, i) => exactly(y.shape, uniform(100 + i, y.size)));
  const loss = found.map((y, i) => sum(multiply(y, weights[i]))).reduce(plus);
  const all = gradients(loss, filled([], 1));
  const lossOf = () =>
    list(ref.reference(inputs, c.options)).reduce(
      (total, y, i) => total + y.data.reduce((part, v, j) => part + v * weights[i].data[j], 0),
      0,
    );
  for (const i of wrt) {
    const { data } = inputs[i];
    const picked = Array.from({ length: Math.min(6, data.length) }, (_, k) =>
      Math.floor((k * data.length) / Math.min(6, data.length)),
    );
    const slopes = picked.map((at) => slopeAt(data, at, lossOf));
    const own = picked.map((at) => all.get(values[i])?.data[at] ?? 0);
    expect(apart(own, slopes), `${c.name}, gradient of input ${i}`).toBeLessThan(1e-5);
  }
}

function slopeAt(data: Float64Array, at: number, loss: () => number): number {
  const [before, h] = [data[at], 1e-5];
  data[at] = before + h;
  const high = loss();
  data[at] = before - h;
  const low = loss();
  data[at] = before;
  return (high - low) / (2 * h);
}

/** The largest difference, relative to the largest value wanted. */
function apart(found: ArrayLike<number>, wanted: ArrayLike<number>): number {
  let [most, top] = [0, 1e-3];
  for (let i = 0; i < wanted.length; i++) {
    const difference = Math.abs(found[i] - wanted[i]);
    most = Math.max(most, Number.isNaN(difference) ? Infinity : difference);
    top = Math.max(top, Math.abs(wanted[i]));
  }
  return most / top;
}

/** What the library has beside ops, and ops that are nothing but calls of others. */
const NO_OPS = [
  'array',
  'causalConvRing',
  'checkStep',
  'constant',
  'debug',
  'defineOp',
  'encodeStep',
  'explainPlan',
  'generateFrames',
  'generateTokens',
  'streamTokens',
  'translate',
  'attentionsOf',
  'gpuArray',
  'gradient',
  'half',
  'lastStep',
  'open',
  'keepStates',
  'print',
  'profileStep',
  'reopen',
  'repeatStep',
  'scope',
  'sequences',
  'stable',
  'timeStep',
  'tuneStep',
  'zeros',
];

test('every public op is drawn', () => {
  const names = Object.keys(seqgpu).filter((name) => /^[a-z]/.test(name) && !['nn', 'optim'].includes(name));
  expect(names.filter((name) => !ROOMS[name] && !NO_OPS.includes(name))).toEqual([]);
  expect(NO_OPS.filter((name) => !names.includes(name))).toEqual([]);
});

describe('programs', () => {
  test('are the same for the same seed, and use most ops', () => {
    expect(generate(17)).toEqual(generate(17));
    const programs = Array.from({ length: 40 }, (_, seed) => generate(seed));
    const ops = new Set(programs.flatMap(({ nodes }) => nodes.map(({ op }) => op)));
    const unused = Object.keys(ROOMS).filter((op) => !ops.has(op));
    expect(unused.length, unused.join()).toBeLessThan(12);
    expect(programs.filter(({ optimizer }) => optimizer).length).toBeGreaterThan(4);
    expect(programs.filter(({ loss }) => loss !== undefined).length).toBeGreaterThan(15);
  });

  test('survive JSON, and have values that their bounds know well', () => {
    for (let seed = 100; seed < 112; seed++) {
      const program = generate(seed);
      const [step] = interpret(JSON.parse(JSON.stringify(program)) as Program).steps;
      for (const i of program.returned) {
        const { data, error } = step.values[i]!;
        const top = data.reduce((a, b) => Math.max(a, Math.abs(b)), 1e-3);
        expect(error.reduce((a, b) => Math.max(a, b)) / top, `seed ${seed}`).toBeLessThan(1e-3);
      }
    }
  });
});

test('a fault is shrunk to the op that has it, and printed as a program', async () => {
  const shows = async ({ nodes, returned }: Program) => returned.some((i) => nodes[i].op === 'gelu');
  const programs = Array.from({ length: 200 }, (_, seed) => () => generate(seed));
  const first = programs.find((make) => {
    const { nodes, returned } = make();
    return nodes.length > 12 && returned.some((i) => nodes[i].op === 'gelu');
  })!;
  const small = await shrink(first(), shows);
  expect(small.nodes.map(({ op }) => op)).toEqual(['argument', 'gelu']);
  const verdict = {
    configuration: 'direct',
    what: 'v1 in step 1',
    node: 1,
    at: 0,
    found: 2,
    wanted: 1,
    bound: 1e-6,
  };
  const text = print(small, verdict, { direct: { family: 'direct' } });
  expect(text).toContain('// direct: v1 in step 1: element 0 is 2 instead of 1');
  expect(text).toContain('const v1 = gelu(v0);');
  expect(text).toContain('await open({"family":"direct"})');
});
