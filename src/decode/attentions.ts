// What a model of pairs looks at in a source while it writes a translation: for pictures, for the coverage of a source,
// and to copy words that it does not know.

import { END } from '../data/translation/symbols';
import type { Engine } from '../gpu/engine';
import { callerLine, fail, hereStack } from '../graph/check';
import { array } from '../graph/host';
import type { Tensor } from '../graph/tensor';
import type { TranslationModel } from '../nn/translation/translator';

/** A source, ended by its end, and a translation without its own. */
export interface Pair {
  readonly source: ArrayLike<number>;
  readonly tokens: readonly number[];
}

/**
 * The attention of every pair, [T, S] each: of the T tokens of its translation, that of the end counted, to the S of
 * its source. So many pairs are computed at once.
 */
export async function attentionsOf(
  engine: Engine,
  model: TranslationModel,
  pairs: readonly Pair[],
  batch = 32,
): Promise<Float32Array[]> {
  if (!model.attentionOf) {
    fail('attentionsOf: this model has no attention.', {
      at: callerLine(hereStack()),
      fix: 'use a model with attention.',
    });
  }
  const step = engine.record((source: Tensor, lengths: Tensor, target: Tensor) =>
    model.attentionOf!(model.encode(source, lengths), target),
  );
  const all: Float32Array[] = [];
  try {
    for (let first = 0; first < pairs.length; first += batch) {
      const some = pairs.slice(first, first + batch);
      const S = Math.max(...some.map(({ source }) => source.length));
      const T = Math.max(...some.map(({ tokens }) => tokens.length)) + 1;
      const B = some.length;
      const source = padded(
        some.map((pair) => pair.source),
        S,
      );
      const target = padded(
        some.map(({ tokens }) => [END, ...tokens]),
        T,
      );
      const lengths = Uint32Array.from(some, (pair) => pair.source.length);
      const weights = await step(array([B, S], source), array([B], lengths), array([B, T], target)).read();
      some.forEach((pair, b) => all.push(cut(weights as Float32Array, b * T * S, S, pair)));
    }
  } finally {
    step.destroy();
  }
  return all;
}

/** The part of one pair of weights [T, S] that begin at `from`. */
function cut(weights: Float32Array, from: number, S: number, { source, tokens }: Pair): Float32Array {
  const own = new Float32Array((tokens.length + 1) * source.length);
  for (let t = 0; t <= tokens.length; t++)
    own.set(weights.subarray(from + t * S, from + t * S + source.length), t * source.length);
  return own;
}

/** Rows of one length, with zeros behind those that are shorter. */
function padded(rows: readonly ArrayLike<number>[], length: number): Uint32Array {
  const all = new Uint32Array(rows.length * length);
  rows.forEach((row, i) => all.set(row, i * length));
  return all;
}
