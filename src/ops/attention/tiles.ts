// Attention in tiles of workgroup memory, for GPUs: which attentions it is for, and how their work is cut.

import attentionDkvTiledKernel from '../../../shaders/attention/attentionDkvTiled.wgsl';
import attentionDqTiledKernel from '../../../shaders/attention/attentionDqTiled.wgsl';
import attentionTiledKernel from '../../../shaders/attention/attentionTiled.wgsl';
import type { Dispatch } from '../../graph/tensor';
import type { Traits } from '../../graph/traits';

/** Queries, and keys, of a workgroup. */
const TILE = 32;
/** vec4s of a head that a workgroup's threads have beside each other, and the most that a thread has of a row. */
const ACROSS = 8;
const MOST = 4;
/** The share of its tiles that an attention must fill. */
const FILLED = 1 / 8;

/**
 * Whether tiles are worth it. They take two loads, of workgroup memory, where a thread that has a query to itself takes
 * five, some of them of a row for every lane and some of an array that is no register. But a query alone, as in
 * generation, or a handful of keys, leave most of a tile empty.
 */
export function fitsTiles({ family }: Traits, Q: number, T: number): boolean {
  const filled = (extent: number) => extent / (Math.ceil(extent / TILE) * TILE);
  return family === 'workgroup' && filled(Q) * filled(T) >= FILLED;
}

/** Heads of D4 vec4s each, in all rows of a batch. */
export interface Heads {
  readonly B: number;
  readonly heads: number;
  readonly D4: number;
}

/** A kernel's constant, and its grid over so many queries or keys: as few parts of a head as can be, and as narrow. */
function cut({ B, heads, D4 }: Heads, extent: number) {
  const parts = Math.ceil(D4 / (ACROSS * MOST));
  const COLUMNS = 2 ** Math.ceil(Math.log2(Math.ceil(D4 / parts / ACROSS)));
  const workgroups = [B * heads * Math.ceil(extent / TILE) * Math.ceil(D4 / (ACROSS * COLUMNS))];
  return { COLUMNS, workgroups };
}

type Switches = Readonly<Record<string, boolean>>;
type Tiles = Pick<Dispatch, 'kernel' | 'workgroups'>;

/** The forward pass. */
export function attentionTiles(heads: Heads, Q: number, switches: Switches): Tiles {
  const { COLUMNS, workgroups } = cut(heads, Q);
  return { kernel: attentionTiledKernel.with({ COLUMNS, ...switches }), workgroups };
}

/** The way back: of queries, then of keys and values. */
export function attentionBackTiles(heads: Heads, Q: number, T: number, switches: Switches): Tiles[] {
  const { PACKED, ...both } = switches;
  const { COLUMNS, workgroups } = cut(heads, Q);
  return [
    { kernel: attentionDqTiledKernel.with({ COLUMNS, ...both }), workgroups },
    {
      kernel: attentionDkvTiledKernel.with({ COLUMNS, ...both, PACKED }),
      workgroups: cut(heads, T).workgroups,
    },
  ];
}
