// cell.safetensors and cell-best.safetensors continue the cell of a study that was being trained. They say of which
// cell they are: of any other they are nothing.

import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { readStored, writeStored } from './storedFile.node';
import type { Cell, Checkpoint } from './study';

const CELL = 'cell.safetensors';
const BEST = 'cell-best.safetensors';

/** The checkpoint of a cell in a folder. */
export class CellFiles {
  /** `check` throws where the folder is not ours any more. */
  constructor(
    private readonly folder: string,
    private readonly check: () => void = () => {},
  ) {}

  /** What a cell has left, and keeps from now on. */
  of({ id, settings }: Cell<unknown>): Checkpoint {
    const key = JSON.stringify({ cell: id, settings });
    const read = (name: string) => {
      const path = join(this.folder, name);
      return existsSync(path) ? readStored(path) : null;
    };
    return {
      load: () => {
        const [last, best] = [CELL, BEST].map(read);
        // Before its first evaluation a cell has no best parameters of its own.
        return last?.metadata.cell === key
          ? { last, best: best?.metadata.cell === key ? best : null }
          : undefined;
      },
      save: (last, best) => {
        this.check();
        // The best parameters first, as in RunFolder.save.
        for (const [name, stored] of [[BEST, best] as const, [CELL, last] as const]) {
          if (!stored) continue;
          writeStored(join(this.folder, name), { ...stored, metadata: { ...stored.metadata, cell: key } });
        }
      },
    };
  }

  /** Removes what the cell has left, once its result is kept. */
  remove(): void {
    for (const name of [CELL, BEST]) rmSync(join(this.folder, name), { force: true });
  }

  /** Removes what a kill has left of cells whose results are kept. */
  tidy(isKept: (cell: string) => boolean): void {
    for (const name of [CELL, BEST]) {
      const path = join(this.folder, name);
      if (!existsSync(path)) continue;
      const { cell = '{}' } = readStored(path).metadata;
      if (isKept(String(Object(JSON.parse(cell)).cell ?? ''))) rmSync(path);
    }
  }
}
