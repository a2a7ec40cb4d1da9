// Which tile a product runs in. Tiles are constants of a kernel; the choice is made by the speeds that were measured of
// them and by what they do beyond the edge: in the barrier-free family, idle cores in the workgroup family.

import type { Dispatch } from '../../graph/tensor';
import type { Traits } from '../../graph/traits';

/** Threads that keep a CPU adapter busy. */
const LANES = 32;

/** What a launch costs on a CPU adapter; `perThread`: multiply-adds, as a quad of 8×8 makes them. */
export const directCost = (threads: number, perThread: number): number =>
  Math.max(threads, LANES) * perThread;

/** Threads of a workgroup that shares nothing: on a CPU adapter few, so that every core gets some of a small job. */
export const directWorkgroup = (family: Traits['family']): number => (family === 'direct' ? 8 : 64);

/**
 * Lanes from which on a load is a branch for every lane: what LLVM makes of eight and more (lavapipe). Between
 * branches no sums stay in registers, so a quad loads all its rows before it multiplies any, and has few sums.
 */
export const WIDE = 8;
const MOST_WIDE = 64;

/** The tile of the least cost; the first of equal ones. */
export const cheapest = <Tile extends { readonly cost: number }>(tiles: readonly Tile[]): Tile =>
  tiles.reduce((best, tile) => (tile.cost < best.cost ? tile : best));

/** TM × TN outputs of a thread; `units`: threads or workgroups for one product. */
export interface MatmulTile {
  /** In registers, in registers with loads shared by four neighbours, or in workgroup memory. */
  readonly kind: 'direct' | 'quad' | 'tiled';
  readonly TM: number;
  readonly TN: number;
  readonly units: number;
  readonly cost: number;
}

/** What a choice of tiles depends on: an adapter, or any adapter of a kind. */
export type Kind = Pick<Traits, 'family' | 'quads'> & Partial<Pick<Traits, 'lanes'>>;

/** The ways to make S products [M, K]·[K, N], best first by the model. */
export function matmulTiles(
  { family, quads, lanes }: Kind,
  M: number,
  K: number,
  N: number,
  S: number,
  straight = false,
): MatmulTile[] {
  // No model compares registers with workgroup memory: on a GPU they come last, for a measurement to find.
  if (family === 'workgroup') {
    const direct = tilesOf('direct', DIRECT_TILES, M, K, N, S);
    const few = direct.filter(({ TM, TN }) => TM >= 4 && TN >= 4 && TM * TN <= 64);
    return [...workgroupTiles(M, N, S), ...few];
  }
  return sorted([
    ...tilesOf('direct', DIRECT_TILES, M, K, N, S),
    ...(quads ? quadTiles(M, K, N, S, lanes, straight) : []),
  ]);
}

/** Threads that share with three neighbours. `straight`: rows of a and b are read as they are, those of a by fours. */
export function quadTiles(
  M: number,
  K: number,
  N: number,
  S: number,
  lanes = 0,
  straight = false,
): MatmulTile[] {
  const most = lanes < WIDE ? Infinity : MOST_WIDE;
  const from = QUAD_TILES.filter(([TM, TN]) => TM * TN <= most);
  return tilesOf('quad', from, M, K, N, S, straight);
}

function tilesOf(
  kind: 'direct' | 'quad',
  from: readonly Speed[],
  M: number,
  K: number,
  N: number,
  S: number,
  straight = false,
): MatmulTile[] {
  const across = kind === 'quad' ? 2 : 1;
  const tiles = from.map(([TM, TN, speed, ahead = speed]): MatmulTile => {
    const units = across ** 2 * Math.ceil(M / TM / across) * Math.ceil(N / TN / across);
    const cost = directCost(units * S, (TM * TN * K) / (straight ? ahead : speed));
    return { kind, TM, TN, units, cost };
  });
  return sorted(tiles);
}

/** What a tile is as numbers: the constants that it lists, or those of a product or of a step. */
type Numbers =
  | { readonly constants: Readonly<Record<string, number>> }
  | Pick<MatmulTile, 'TM' | 'TN'>
  | Pick<StepTile, 'TB' | 'units'>;

function numbersOf(tile: Numbers): Readonly<Record<string, number>> {
  if ('constants' in tile) return tile.constants;
  return 'TM' in tile ? { TM: tile.TM, TN: tile.TN } : { TB: tile.TB, units: tile.units };
}

/** The launch of the first tile; those of the others as its alternatives. */
export function launchFirst<Tile extends Numbers>(
  [first, ...rest]: readonly Tile[],
  launch: (tile: Tile) => Omit<Dispatch, 'tile'>,
): Dispatch {
  const launched = (tile: Tile): Dispatch => ({ ...launch(tile), tile: numbersOf(tile) });
  return { ...launched(first), alternatives: () => rest.map(launched) };
}

/** Tiles by their costs, the cheapest first. */
export const sorted = <Tile extends { readonly cost: number }>(tiles: readonly Tile[]): Tile[] =>
  [...tiles].sort((x, y) => x.cost - y.cost);

/** A tile, and its multiply-adds a second beside those of a quad of 8×8, also where rows are read straight ahead. */
type Speed = readonly [TM: number, TN: number, speed: number, ahead?: number];

const DIRECT_TILES: readonly Speed[] = [
  [8, 8, 0.65],
  [16, 8, 0.56],
  [8, 16, 0.55],
  [8, 4, 0.5],
  [4, 8, 0.5],
  [4, 4, 0.42],
  [4, 16, 0.4],
  [2, 8, 0.26],
  [1, 16, 0.15],
  [1, 8, 0.13],
  [1, 4, 0.09],
];
const QUAD_TILES: readonly Speed[] = [
  [8, 8, 1],
  [16, 16, 0.92],
  [16, 8, 0.88, 1.1],
  [16, 4, 0.86],
  [8, 16, 0.78],
  [8, 4, 0.77],
  [4, 4, 0.58],
];

/** For S products [M, K]·[K, N] in workgroup memory: tiles of 8·TM × 8·TN. */
export function workgroupTiles(M: number, N: number, S: number): MatmulTile[] {
  const tiles = WORKGROUP_TILES.map(({ size, speed }): MatmulTile => {
    const units = Math.ceil(M / (8 * size)) * Math.ceil(N / (8 * size));
    const cost = (Math.max(units * S, CORES) * size * size) / speed;
    return { kind: 'tiled', TM: size, TN: size, units, cost };
  });
  return sorted(tiles);
}

/** What a thread makes; small blocks read workgroup memory more often for the same work. */
const WORKGROUP_TILES = [
  { size: 8, speed: 1 },
  { size: 4, speed: 0.6 },
];
/** Workgroups that keep a GPU busy. */
const CORES = 128;

/** A number of products that leaves no core idle, whatever their size. */
export const MANY = 1e6;

/** In how many parts a sum over `length` is cut when it is made by only so many `threads` or workgroups. */
export function splits(family: Traits['family'], units: number, length: number): number {
  const { enough, least } = SPLIT[family];
  return Math.max(1, Math.min(Math.floor(enough / units), Math.floor(length / least)));
}

/** `enough`: threads or workgroups that keep any adapter of the family busy; `least`: terms worth a part. */
const SPLIT = { direct: { enough: 2 * LANES, least: 64 }, workgroup: { enough: 2 * CORES, least: 128 } };

/** A step of a recurrent layer: B rows times H units, with `gates` sums of K products each. */
export interface StepSizes {
  readonly B: number;
  readonly H: number;
  readonly K: number;
  readonly gates: number;
}

/** Rows TB and units of a thread in a step of a recurrent layer, and the threads that cover it. */
export interface StepTile {
  readonly TB: number;
  readonly units: number;
  readonly blocks: number;
  /** Four neighbours share what they load of the state. */
  readonly quad?: boolean;
}

/** The rows and units of a thread, best first; `units`: what a kernel can take. */
export function stepTiles(
  { B, H, K, gates }: StepSizes,
  units: readonly number[],
  quads: boolean,
): StepTile[] {
  const tiles: (StepTile & { cost: number })[] = [];
  for (const quad of quads ? [false, true] : [false]) {
    const across = quad ? 2 : 1;
    for (const [TB, rows] of ROWS) {
      for (const u of units) {
        const sums = TB * u * gates;
        // Threads side by side have as many of the rows each.
        if (TB % across || sums > across * MOST_STEP_SUMS) continue;
        const blocks = across ** 2 * Math.ceil(B / TB / across) * Math.ceil(H / u / across);
        const speed = rows * (u * gates > 4 ? 1 : FEW_COLUMNS) * (quad ? 1 : TB > 8 ? 0.5 : 0.65);
        tiles.push({ TB, units: u, blocks, quad, cost: directCost(blocks, (sums * K) / speed) });
      }
    }
  }
  return sorted(tiles);
}

/** Rows of a thread, and its multiply-adds a second beside those of eight; the same of four columns beside more. */
const ROWS = [
  [1, 0.4],
  [2, 0.58],
  [4, 0.82],
  [8, 1],
  [16, 0.9],
] as const;
const FEW_COLUMNS = 0.85;
const MOST_STEP_SUMS = 128;
