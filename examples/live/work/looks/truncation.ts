// What a trained model of text loses when it sees only the last k characters: the feed-forward model of k inputs, for
// many k at once, beside the whole model.

import { array } from '../../../../src/graph/host';
import { fail } from '../../../../src/graph/check';
import type { Tensor } from '../../../../src/graph/tensor';
import { applications } from '../../../../src/lab/truncate';
import { concat } from '../../../../src/ops/layout/concat';
import { mul } from '../../../../src/ops/elementwise/binary';
import { reshape } from '../../../../src/ops/layout/view';
import { sum } from '../../../../src/ops/reduce/reduce';
import type { TextData } from '../../../../src/data/text';
import type { LanguageModel } from '../../../../src/nn/languageModel';
import { asked, type Look, type MakeLook, type Stage } from './look';

const KS = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32];
const MOST = KS.at(-1)!;

/** Passages, characters of each that are asked about, and those before, which every k may see. */
const [PASSAGES, ASKED] = [4, 64];

/** Passages of the validation text, evenly spread: ids, and of each the next as a one among zeros. */
function passagesOf({ valid, vocabulary, writing }: TextData) {
  const length = MOST + ASKED;
  if (valid.length < length + 1) {
    fail(`The text that validates has ${valid.length} characters, and ${length + 1} are needed.`, {
      fix: 'give a longer text.',
    });
  }
  const ids = new Uint32Array(PASSAGES * length);
  const wanted = new Float32Array(PASSAGES * length * vocabulary.size);
  for (let p = 0; p < PASSAGES; p++) {
    const start = Math.floor((p * (valid.length - length - 1)) / Math.max(1, PASSAGES - 1));
    for (let t = 0; t < length; t++) {
      ids[p * length + t] = valid[start + t];
      wanted[(p * length + t) * vocabulary.size + valid[start + t + 1]] = 1;
    }
  }
  const passage = Array.from({ length: ASKED }, (_, t) => writing.decode([ids[MOST + t]]));
  return {
    ids: array([PASSAGES, length], ids),
    wanted: array([PASSAGES * length, 1, vocabulary.size], wanted),
    passage,
  };
}

/** Bits per character for every k. */
export const truncation: MakeLook = ({ engine, program, data }: Stage): Look => {
  const model = program.model as LanguageModel;
  const { ids, wanted, passage } = passagesOf(data!.content as TextData);
  const [B, T] = ids.shape;
  const N = B * T;
  const ask = engine.record((x: Tensor, next: Tensor) => {
    const bitsOf = (y: Tensor): Tensor => {
      const logs = model.logProbabilities(reshape(y, [N, 1, -1]));
      return reshape(mul(sum(mul(logs, next), 2), -1 / Math.LN2), [1, N]);
    };
    const runs = applications(model, x, MOST);
    const whole = model.unroll(x, model.zeroState(B)).y;
    return concat([...KS.map((k) => bitsOf(runs[k - 1].y)), bitsOf(whole)], 0);
  });
  return async (step) => {
    const found = await (await asked(ask, ids, wanted)).read();
    const rows = Array.from({ length: KS.length + 1 }, (_, i) => {
      const row = found.subarray(i * N, (i + 1) * N);
      // Those behind the first characters, of which fewer than the largest k may be seen.
      return Float32Array.from({ length: B * ASKED }, (_none, n) => {
        return row[Math.floor(n / ASKED) * T + MOST + (n % ASKED)];
      });
    });
    const means = rows.map((row) => row.reduce((all, bits) => all + bits, 0) / row.length);
    const each = new Float32Array(KS.length * ASKED);
    KS.forEach((_, i) => each.set(rows[i].subarray(0, ASKED), i * ASKED));
    return {
      ...{ name: 'truncation', step, ks: KS, passage, each },
      ...{ bits: means.slice(0, -1), whole: means.at(-1)! },
      wholeEach: rows.at(-1)!.slice(0, ASKED),
    };
  };
};
