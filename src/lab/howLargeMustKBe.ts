// "How large must k be?": the answer of theory beside what is measured.

import type { Engine } from '../gpu/engine';
import { callerLine, fail, hereStack } from '../graph/check';
import type { HostArray } from '../graph/host';
import { checked, notNegative, type Rules } from '../graph/options';
import { boundedK, truncationBound, type Quantity, type TruncationBound } from './bound';
import type { RecurrentModel } from './recurrence';
import { RULES, truncationError, type TruncationError } from './truncationError';
import { readWeights, type RecurrentWeights } from './weights';

/** How `howLargeMustKBe` measures. */
export interface HowLargeOptions {
  /** Which k are measured; default: 1, 2, … up to the length of the data, but at most 64. */
  readonly ks?: readonly number[];
  /** The top layer's state (h, and c of an LSTM), or the model's output; default: the output. */
  readonly of?: Quantity;
  /**
   * B_x; default: that of the data. Of a model that embeds ids it must be given: the longest row of the table
   * for an RNN, the largest absolute value in it for an LSTM.
   */
  readonly inputBound?: number;
  /**
   * L_f, the Lipschitz constant of the output as a function of the top layer's h, e.g. `spectralNorm` of a linear
   * head. 1 for a model that is a recurrent layer or stack; must be given for others, or there is no bound.
   */
  readonly outputLipschitz?: number;
}

/** How large k must be, by theory and on the data. */
export interface HowLarge {
  readonly epsilon: number;
  readonly bound: TruncationBound & {
    /** From this k on theory promises ε; null where there is no bound. */
    readonly k: number | null;
  };
  readonly measured: {
    /** From this k on no distance was above ε; null where one was at the largest k below the length of the data. */
    readonly k: number | null;
    readonly errors: readonly (TruncationError & {
      /** What theory promises for this k. */
      readonly bound: number | null;
    })[];
  };
  /** Both answers in one sentence. */
  readonly text: string;
}

/**
 * For which k the model truncated to k inputs is within ε of the model: the bound of theory, which holds for all
 * inputs within B_x, and the smallest k that is seen to do on x [B, T, ...]. Distances are Euclidean.
 */
const HOW_LARGE: Rules<HowLargeOptions> = { ...RULES, inputBound: notNegative, outputLipschitz: notNegative };

/**
 * The k from which on the feed-forward model of the last k inputs differs from `model` by at most epsilon: what theory
 * promises from the weights, and what `data` needs.
 */
export async function howLargeMustKBe(
  engine: Engine,
  model: RecurrentModel,
  epsilon: number,
  x: HostArray,
  options: HowLargeOptions = {},
): Promise<HowLarge> {
  if (!(epsilon > 0)) {
    fail(`howLargeMustKBe: ε is ${epsilon}.`, { at: callerLine(hereStack()), fix: 'give a number above 0.' });
  }
  const { ks, of } = checked('howLargeMustKBe', options, HOW_LARGE);
  const found = await truncationError(engine, model, { ks, of })(x);
  const bound = boundOn(await readWeights(engine, model), x, options);
  const promised = boundedK(bound, epsilon);
  const T = x.shape[1];
  const errors = found.map((error) => ({ ...error, bound: bound.at?.(error.k) ?? null }));
  // At k ≥ T both models see all there is: that says nothing about them.
  const telling = errors.filter(({ k }) => k < T);
  const above = telling.map(({ worst }) => worst <= epsilon).lastIndexOf(false);
  const seen = telling[above + 1]?.k ?? null;
  const theory = promised === null ? bound.why : `theory promises ${epsilon} from k = ${promised} on.`;
  const shown =
    seen === null
      ? `On the data it is not reached up to k = ${telling.at(-1)?.k ?? 0}.`
      : `On the data k = ${seen} is enough.`;
  return {
    epsilon,
    bound: { ...bound, k: promised },
    measured: { k: seen, errors },
    text: `${theory![0].toUpperCase()}${theory!.slice(1)} ${shown}`,
  };
}

function boundOn(weights: RecurrentWeights, x: HostArray, options: HowLargeOptions): TruncationBound {
  const { of = 'output' } = options;
  const { outputLipschitz = weights.prefix ? undefined : 1 } = options;
  if (of === 'output' && outputLipschitz === undefined) {
    const why =
      'there is no bound: pass outputLipschitz, how much the output changes with the top layer’s h.';
    return { certificates: [], at: null, why };
  }
  const { inputBound = largestInput(x, weights) } = options;
  return truncationBound(weights, { inputBound, of, outputLipschitz: outputLipschitz ?? 1 });
}

/** B_x of the data: the longest input for an RNN, the largest number for an LSTM. */
function largestInput({ shape, data }: HostArray, { kind, layers }: RecurrentWeights): number {
  const C = shape.at(-1)!;
  if (data instanceof Uint32Array || C !== layers[0].input.columns) {
    fail('howLargeMustKBe: the inputs of the recurrent layers are not x itself.', {
      given: `x [${shape.join(', ')}]${data instanceof Uint32Array ? ' of ids' : ''}`,
      at: callerLine(hereStack()),
      fix: 'pass inputBound, the largest input that they can get.',
    });
  }
  let most = 0;
  for (let first = 0; first < data.length; first += C) {
    const row = data.subarray(first, first + C);
    const size = kind === 'lstm' ? row.reduce((top, v) => Math.max(top, Math.abs(v)), 0) : Math.hypot(...row);
    most = Math.max(most, size);
  }
  return most;
}
