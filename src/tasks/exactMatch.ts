// The part of targets that a model of pairs writes exactly, symbol by symbol, taking the most likely one each time.
// Nothing need be written for it: greedy decoding writes a target where, after every beginning of it, its next symbol
// is the most likely. The first symbol that is not is where the two part.

import { PAD } from '../data/translation/symbols';
import type { Engine } from '../gpu/engine';
import type { HostArray } from '../graph/host';
import type { TranslationModel } from '../nn/translation/translator';
import { topK } from '../ops/random/topK';

/** For each row of batches of four arrays, whether it is written exactly; rows without a target are left out. */
export async function exactRows(
  engine: Engine,
  model: TranslationModel,
  batches: Iterable<readonly HostArray[]>,
  signal?: AbortSignal,
): Promise<boolean[]> {
  const likeliest = engine.record(
    (source, lengths, inputs) => topK(model.decode(model.encode(source, lengths), inputs), 1).ids,
  );
  const found: boolean[] = [];
  for (const [source, lengths, inputs, targets] of batches) {
    signal?.throwIfAborted();
    const said = await likeliest(source, lengths, inputs).read();
    const [B, T] = targets.shape;
    for (let row = 0; row < B; row++) {
      const wanted = targets.data.subarray(row * T, (row + 1) * T);
      if (wanted[0] === PAD) continue;
      found.push(wanted.every((symbol, t) => symbol === PAD || symbol === said[row * T + t]));
    }
  }
  likeliest.destroy();
  return found;
}
