// A translator whose decoder sees the source as a whole and of the target its last k tokens alone: an n-gram model of
// the target, n = k + 1, that is told the source. Trained so, it is to a translator what an LSTM n-gram (Chelba et al.
// 2017, arXiv 1703.10724) is to a language model.
//
//   target t₀ t₁ t₂ t₃ t₄, k = 3        the logits behind        t₀ t₁ t₂   are those of   the window t₀ t₁ t₂
//                                                                t₃                        t₁ t₂ t₃, the last
//                                                                t₄                        t₂ t₃ t₄, the last
//
// All windows are rows of one batch, each with what the encoder left of its source.

import { callerLine, fail, hereStack } from '../../graph/check';
import type { Generator } from '../../graph/generator';
import { Parameter, State } from '../../graph/state';
import { Tensor } from '../../graph/tensor';
import { gatherRows } from '../../ops/embedding/gatherRows';
import { concat } from '../../ops/layout/concat';
import { readAt } from '../../ops/layout/readAt';
import { reshape, slice, transpose } from '../../ops/layout/view';
import { writeAt } from '../../ops/layout/writeAt';
import { Module } from '../module';
import type { Memory, StepFunction } from '../stepwise';
import { TranslationModel, type Encoding } from './translator';

/**
 * `model` with k tokens of the target in sight: at every place its logits are those that `model.decode` gives behind
 * the last k tokens, told their positions; before there are k, behind all there are. A recurrent decoder begins each
 * window in the state that the encoder leaves. It has the model's own parameters under their own names, so training it
 * trains the model, and checkpoints fit both. Takes k times the work of the decoder, softmax included.
 */
export class TruncatedDecoder extends TranslationModel {
  readonly generator: Generator;
  readonly #model: TranslationModel;
  readonly #k: number;
  readonly #longest: number;

  /** `longest`: the most tokens that it writes, the mark of their end counted. */
  constructor(model: TranslationModel, k: number, longest: number) {
    super();
    checkCount('k', k, 'the number of target tokens that the decoder may see');
    checkCount('longest', longest, 'the most tokens of a target');
    // The model's fields are this module's, so that a parameter's path is the same wherever either stands.
    for (const [field, value] of Object.entries(model)) {
      if (value instanceof Parameter || value instanceof Module || Array.isArray(value)) {
        Reflect.set(this, field, value);
      }
    }
    this.generator = model.generator;
    this.#model = model;
    this.#k = k;
    this.#longest = longest;
    if (!model.attentionOf) return;
    this.attentionOf = (encoding, target, positions) =>
      this.#throughWindows(encoding, target, positions, (...all) => model.attentionOf!(...all));
  }

  override encode(source: Tensor, lengths: Tensor): Encoding {
    return this.#model.encode(source, lengths);
  }

  override decode(encoding: Encoding, target: Tensor, positions?: Tensor): Tensor {
    return this.#throughWindows(encoding, target, positions, (...all) => this.#model.decode(...all));
  }

  override translationStepper(memory: Memory, encoding: Encoding): StepFunction {
    const L = this.#longest;
    const k = Math.min(this.#k, L);
    memory.limit = Math.min(memory.limit, L);
    const history = memory.keep(new State([memory.batch, L], 'zeros', 'history', 'u32'));
    const places = idsOf([1, L, k], (at) => Math.max(0, Math.floor(at / k) - k + 1) + (at % k));
    const ends = idsOf([1, L], (t) => Math.min(t, k - 1));
    const first = idsOf([memory.batch], () => 0);
    return (ids) => {
      const { position } = memory;
      const written = writeAt(history, position, reshape(ids, [memory.batch]));
      // What stands behind a step's own place is of no account: a decoder sees nothing behind itself.
      const window = readAt(places, position);
      const shown = transpose(gatherRows(transpose(written), reshape(window, [k])));
      const logits = this.#model.decode(encoding, shown, gatherRows(window, first));
      const last = readAt(logits, reshape(readAt(ends, position), [1]));
      return reshape(last, [memory.batch, 1, -1]);
    };
  }

  /** What `decode` gives at every place of the target, [B, T, ...], asked of windows of k tokens. */
  #throughWindows(
    encoding: Encoding,
    target: Tensor,
    positions: Tensor | undefined,
    decode: TranslationModel['decode'],
  ): Tensor {
    const k = this.#k;
    const [B, T] = target.shape;
    if (k >= T) return decode(encoding, target, positions);
    const R = T - k + 1;
    const rows = idsOf([B * R], (row) => Math.floor(row / R));
    const repeated = Object.entries(encoding).map(([name, x]) => [name, gatherRows(x, rows)] as const);
    const places = positions
      ? windowsOf(positions, k)
      : idsOf([B * R, k], (at) => (Math.floor(at / k) % R) + (at % k));
    const y = decode(Object.fromEntries(repeated), windowsOf(target, k), places);
    const all = reshape(y, [B, R, k, ...y.shape.slice(2)]);
    const whole = reshape(slice(all, 1, 0, 1), [B, k, ...y.shape.slice(2)]);
    const others = reshape(slice(slice(all, 1, 1), 2, -1), [B, R - 1, ...y.shape.slice(2)]);
    return concat([whole, others], 1);
  }
}

/** All windows of k numbers of x [B, T], [B · (T − k + 1), k]. */
function windowsOf(x: Tensor, k: number): Tensor {
  const [B, T] = x.shape;
  const R = T - k + 1;
  const columns = Array.from({ length: k }, (_, j) => reshape(slice(x, 1, j, j + R), [B, R, 1]));
  return reshape(concat(columns, 2), [B * R, k]);
}

/** Ids that are known when a step is recorded. */
function idsOf(shape: readonly number[], at: (i: number) => number): Tensor {
  const size = shape.reduce((product, extent) => product * extent, 1);
  return new Tensor([...shape], 'u32', {
    kind: 'constant',
    data: Uint32Array.from({ length: size }, (_, i) => at(i)),
  });
}

function checkCount(name: string, value: number, what: string): void {
  if (Number.isInteger(value) && value >= 1) return;
  fail(`TruncatedDecoder: ${name} is ${value}.`, {
    at: callerLine(hereStack()),
    fix: `give ${what}, a whole number of at least 1.`,
  });
}
