// Several yes-or-no answers a row, e.g. which of 88 keys sound: the negative log-likelihood of independent
// Bernoulli variables, from logits.
//
//   loss = Σ_n w[n] · Σ_k ( max(x,0) − x·t + log(1 + exp(−|x|)) ) / Σ_n w[n]        x, t at [n,k]

import { callerLine, check, inContext, hereStack, shapeText } from '../../graph/check';
import { checked, tensor } from '../../graph/options';
import { sizeOf } from '../../graph/shape';
import type { Tensor } from '../../graph/tensor';
import { elementLoss } from './elementLoss';
import { reshape } from '../layout/view';

/** The options of `binaryCrossEntropy`. */
export interface BinaryCrossEntropyOptions {
  /** How much each row counts, [...], e.g. 0 where a sequence is padded. Default: all the same. */
  readonly weights?: Tensor;
}

/**
 * −log p(targets) in nats for `logits` and `targets` [..., K], both f32: summed over the last axis, then the
 * weighted mean over all others, as a tensor []. No weight at all: 0, and no gradient. Targets may be
 * anything in [0, 1]; they have no gradient.
 */
export function binaryCrossEntropy(
  logits: Tensor,
  targets: Tensor,
  options: BinaryCrossEntropyOptions = {},
): Tensor {
  const { weights } = checked('binaryCrossEntropy', options, { weights: tensor });
  const at = hereStack();
  const rows = logits.shape.slice(0, -1);
  const shapes = Object.entries({ logits, targets, weights }).filter(([, x]) => x);
  const given = () => shapes.map(([name, x]) => `${name} ${shapeText(x!.shape)}`).join('   ');
  inContext(
    'binaryCrossEntropy',
    given,
    () => callerLine(at),
    () => {
      check(shapeText(logits.shape) === shapeText(targets.shape), 'logits and targets have different shapes');
      const fits = !weights || shapeText(weights.shape) === shapeText(rows);
      check(fits, `weights are not ${shapeText(rows)}`, 'give one weight for every row of logits');
    },
  );
  const N = sizeOf(rows);
  const flat = (x: Tensor) => reshape(x, [N, logits.size / N]);
  return elementLoss(flat(logits), flat(targets), weights && reshape(weights, [N]), {
    FUNCTION: 'BINARY_CROSS_ENTROPY',
    factor: 1,
  });
}
