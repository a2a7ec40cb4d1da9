// A table of measured kernels in the user's cache, as `open` and `doctor` take it: what is damaged must be refused with a
// clear reason or lead to a way that is offered.

import { writeFileSync } from 'node:fs';
import { examined, tuningText } from '../../src/cli/engine/tuned.node';
import { cachedTable, tableText, writeCached, type StoredTable } from '../../src/gpu/device/tuningCache.node';
import { fail } from '../../src/graph/check';
import { onTape } from '../../src/graph/tape';
import { Tensor } from '../../src/graph/tensor';
import { LEAST } from '../../src/graph/traits';
import { Tuning } from '../../src/graph/tuning';
import { matmul } from '../../src/ops/matmul/matmul';
import { makePlan } from '../../src/plan/makePlan';
import type { PlannedDispatch } from '../../src/plan/launch';

function launchWith(tuning: Tuning): PlannedDispatch {
  const inputs = [0, 1].map(() => new Tensor([64, 64], 'f32', { kind: 'input', name: 'x' }));
  const { result } = onTape(false, () => matmul(inputs[0], inputs[1]));
  return makePlan({ inputs, outputs: [result], effects: [] }, { ...LEAST, tuning }).dispatches[0];
}

/** Every way of the product, by its name. */
function offered(): Map<string, PlannedDispatch> {
  const tuning = new Tuning();
  tuning.trial = 0;
  const ways = launchWith(tuning).choice!.ways!;
  return new Map(
    ways.map((id, trial) => {
      tuning.trial = trial;
      return [id, launchWith(tuning)];
    }),
  );
}

const OFFERED = offered();
const { key } = launchWith(new Tuning()).choice!;
const OTHER = `${key} another`;
const HERE = { adapter: 'toy', driver: 'lib 1', seqgpu: '1.2.3', icd: '/some/icd.json' };
const { icd: _icd, ...measuredOn } = HERE;

const TABLE: StoredTable = {
  ...measuredOn,
  date: '2026-11-29',
  inherited: [OTHER],
  kernels: { [key]: [...OFFERED.keys()][3], [OTHER]: 'matmul TM=4 TN=4' },
};

/** A right one. */
export const CACHED_TABLE = tableText(TABLE);

/** Takes the file as the cache's; throws what `doctor` says where it is refused. */
export function readCachedTable(file: Uint8Array, folder: string): unknown {
  const { XDG_CACHE_HOME: before } = process.env;
  process.env.XDG_CACHE_HOME = folder;
  try {
    writeFileSync(writeCached(HERE, TABLE), file);
    const { table } = cachedTable(HERE);
    const text = tuningText(examined(HERE));
    if (!table) fail(text);
    if (/\p{Cc}/u.test(text) || text.length > 4000) throw new Error(`doctor says ${JSON.stringify(text)}`);
    const { choice, variant } = launchWith(new Tuning(table));
    const way = OFFERED.get(choice!.id);
    if (way?.variant !== variant) throw new Error(`${choice!.id} is no way that is offered`);
    return table;
  } finally {
    if (before === undefined) delete process.env.XDG_CACHE_HOME;
    else process.env.XDG_CACHE_HOME = before;
  }
}
