// Draws from the distribution that logits stand for: one symbol from a row, on the device, so that a model can go on
// from what it has drawn without the host.
//
//   ids[n] = argmax_v x[n,v] + temperature · G[n,v]      G Gumbel noise: a draw from softmax(x / temperature)
//
// Gumbel 1954; Maddison, Tarlow & Minka 2014, section 2. Top-k: Fan, Lewis & Dauphin 2018; top-p: Holtzman et al. 2020.

import sampleKernel from '../../../shaders/random/sample.wgsl';
import sampleBestKernel from '../../../shaders/random/sampleBest.wgsl';
import sampleFloorKernel from '../../../shaders/random/sampleFloorRows.wgsl';
import { defineOp } from '../../graph/op';
import { checked, count, positive, type Rules, tensor } from '../../graph/options';
import { nextDraw } from '../../graph/tape';
import { sizeOf } from '../../graph/shape';
import type { Tensor } from '../../graph/tensor';
import type { Traits } from '../../graph/traits';

/** Where the random numbers of draws come from, both u32 [1]: the same seed and count give the same draws. */
export interface DrawOptions {
  readonly seed: Tensor;
  /** Which time it is: another at every step, see `advance`. */
  readonly counter: Tensor;
  /** Divides the logits: below 1 likely ones become likelier. 0: always the likeliest. Default: 1. */
  readonly temperature?: number;
}

/** The options of `sample`. */
export interface SampleOptions extends DrawOptions {
  /** Only the k largest logits of a row may be drawn; those that equal the k-th too. Default: all. */
  readonly topK?: number;
  /**
   * Only the nucleus may be drawn: the most probable symbols, as few as have p of the probability together, and those
   * that equal the last of them. Of what topK leaves, at the given temperature. Default, and where it is 1: all.
   */
  readonly topP?: number;
}

interface Attrs {
  readonly call: number;
  readonly temperature: number;
  readonly topK?: number;
  readonly topP?: number;
}

/** A symbol for every row of logits [..., V]: u32 ids [...]. A row with a NaN, or of nothing but −∞, gives 2^32 − 1. */
export function sample(logits: Tensor, options: SampleOptions): Tensor {
  const {
    seed,
    counter,
    temperature = 1,
    topK,
    topP,
  } = checked('sample', options, SAMPLE, 'seed', 'counter');
  return sampleByCall(logits, seed, counter, { call: nextDraw(), temperature, topK, topP });
}

/** The rules of DrawOptions, see graph/options. */
export const DRAW: Rules<DrawOptions> = {
  seed: tensor,
  counter: tensor,
  temperature: (value) =>
    value === 0 ||
    (Number(value) >= TEMPERATURES.least && Number(value) <= TEMPERATURES.most) ||
    `0, for always the likeliest, or a number from ${TEMPERATURES.least} to ${TEMPERATURES.most}`,
};
/** The rules of SampleOptions, see graph/options. */
export const SAMPLE: Rules<SampleOptions> = {
  ...DRAW,
  topK: count,
  topP: (value) => (positive(value) === true && Number(value) <= 1) || 'a number above 0 and at most 1',
};

/** The same with a given number of the call, which tells its draws from others of the same step. */
export const sampleByCall = (x: Tensor, seed: Tensor, counter: Tensor, attrs: Attrs): Tensor =>
  sampleOp({ x, seed, counter }, attrs).ids;

const sampleOp = defineOp<'x' | 'seed' | 'counter', 'ids' | 'least' | 'best' | 'parts', Attrs>({
  name: 'sample',
  inputs: { x: '... V', seed: '1', counter: '1' },
  outputs: { ids: '...', least: '*', best: '*', parts: '*' },
  integers: ['seed', 'counter', 'ids', 'least', 'parts'],
  shape({ x }) {
    const lead = x.slice(0, -1);
    const pieces = [sizeOf(lead), partsOf(x.at(-1)!)];
    return { ids: lead, least: [sizeOf(lead)], best: pieces, parts: pieces };
  },
  dispatch({ ids, parts }, { N, V }, { call, temperature, topK = V, topP = 1 }, { family }) {
    const GREEDY = temperature === 0;
    const [TOP_K, TOP_P] = [!GREEDY && topK < V, !GREEDY && topP < 1];
    const FILTERED = TOP_K || TOP_P;
    const scale = GREEDY ? 1 : 1 / temperature;
    const P = partsOf(V);
    const floor = {
      kernel: sampleFloorKernel.with({ TOP_K, TOP_P, WORKGROUP: threadsOf(V, family) }),
      params: { K: Math.min(topK, V), scale, mass: topP },
      workgroups: [N],
    };
    const draw = {
      kernel: sampleKernel.with({ GREEDY, FILTERED }),
      bind: { ids: P > 1 ? parts : ids },
      params: { P, call, temperature },
      threads: [N * P],
    };
    const best = { kernel: sampleBestKernel.with(), params: { P }, threads: [N] };
    return [...(FILTERED ? [floor] : []), draw, ...(P > 1 ? [best] : [])];
  },
  flops: ({ x }) => 20 * x.size,
});

/** Threads for a row whose least logit is looked for: few where barriers are dear. */
const threadsOf = (V: number, family: Traits['family']): number =>
  family === 'direct' ? 16 : Math.max(16, Math.min(256, 2 ** Math.floor(Math.log2(V / 8))));

/** Parts of a row that threads take: none has fewer than 32 logits. */
const partsOf = (V: number): number => Math.max(1, Math.min(128, Math.floor(V / 32)));

/** Temperatures beyond which numbers would be too large or too small. */
export const TEMPERATURES = { least: 0.001, most: 1000 } as const;
