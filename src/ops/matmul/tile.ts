// Which tile a product runs in. Tiles are constants of a kernel; the choice is made by a model of what limits the
// adapter: loads in the barrier-free family, idle cores in the workgroup family.

import type { Dispatch } from '../../graph/tensor';
import type { Traits } from '../../graph/traits';

/** On a CPU adapter one cache-resident load costs as much as this many multiply-adds. */
const LOAD = 11;
/** Taking over what a neighbour loaded. */
const SHARE = 2;
/** And storing one sum. */
const STORE = 30;
/** Threads that keep a CPU adapter busy. */
export const LANES = 32;
/** Compiling one unrolled multiply-add takes as long as running this many in each of several thousand steps. */
const COMPILE = 300;

interface Work {
  /** Times that a thread goes through its loop, and what it does there each time. */
  readonly rounds: number;
  readonly loads: number;
  /** Values that come from a neighbour. */
  readonly shared?: number;
  readonly products: number;
  /** Sums that are carried from round to round, which costs a masked copy each, and are stored in the end. */
  readonly sums: number;
}

/** What a launch costs on a CPU adapter, in multiply-adds. */
export function directCost(threads: number, { rounds, loads, shared = 0, products, sums }: Work): number {
  const perThread = rounds * (products + sums + LOAD * loads + SHARE * shared) + STORE * sums;
  return Math.max(threads, LANES) * perThread + products * COMPILE;
}

/** Threads of a workgroup that shares nothing: on a CPU adapter few, so that every core gets some of a small job. */
export const directWorkgroup = (family: Traits['family']): number => (family === 'direct' ? 8 : 64);

/**
 * Lanes from which on a load is a branch for every lane: what LLVM makes of eight and more (lavapipe). Between
 * branches no sums stay in registers, so a quad loads all its rows before it multiplies any, and has few sums.
 */
export const WIDE = 8;
const MOST_WIDE = 256;

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
  alignedB = true,
): MatmulTile[] {
  const rounds = Math.ceil(K / 4);
  // No model compares registers with workgroup memory: on a GPU they come last, for a measurement to find.
  if (family === 'workgroup') {
    const direct = directTiles(M, rounds, N, S).filter(({ TM, TN }) => TM >= 4 && TN >= 4 && TM * TN <= 64);
    return [...workgroupTiles(M, N, S), ...direct];
  }
  return sorted([
    ...directTiles(M, rounds, N, S),
    ...(quads ? quadTiles(M, rounds, N, S, alignedB && K % 4 === 0, lanes) : []),
  ]);
}

/** Every four k, a thread loads 4·(TM + TN) values for 4·TM·TN multiply-adds. */
function directTiles(M: number, rounds: number, N: number, S: number): MatmulTile[] {
  const tiles = MATMUL_TILES.map(([TM, TN]): MatmulTile => {
    const units = Math.ceil(M / TM) * Math.ceil(N / TN);
    const work = { rounds, loads: 4 * (TM + TN), products: 4 * TM * TN, sums: TM * TN };
    return { kind: 'direct', TM, TN, units, cost: directCost(units * S, work) };
  });
  return sorted(tiles);
}

/** Where neighbours share, it loads half of that, in whole vec4s where K and the rows of b are `aligned`. */
export function quadTiles(
  M: number,
  rounds: number,
  N: number,
  S: number,
  aligned = true,
  lanes?: number,
): MatmulTile[] {
  // The largest tile takes minutes to compile when it also loads one by one.
  const large = aligned && M * N * 4 * rounds * S >= LARGE_PRODUCT ? Infinity : MOST_SHARED;
  const most = lanes && lanes >= WIDE ? MOST_WIDE : large;
  const tiles = QUAD_TILES.filter(([TM, TN]) => 4 * TM * TN <= most).map(([TM, TN]): MatmulTile => {
    const units = 4 * Math.ceil(M / TM / 2) * Math.ceil(N / TN / 2);
    const half = 2 * (TM + TN);
    const work = { rounds, loads: half, shared: half, products: 4 * TM * TN, sums: TM * TN };
    return { kind: 'quad', TM, TN, units, cost: directCost(units * S, work) };
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

const MATMUL_TILES = [
  [8, 16],
  [16, 8],
  [8, 8],
  [4, 16],
  [8, 4],
  [4, 8],
  [4, 4],
  [2, 8],
  [1, 16],
  [1, 8],
  [1, 4],
] as const;
const QUAD_TILES = [
  [32, 16],
  [16, 16],
  [16, 8],
  [8, 16],
  [8, 8],
  [16, 4],
  [8, 4],
  [4, 4],
] as const;
/** Unrolled multiply-adds of a quad kernel, unless the product is so large that compiling pays at once. */
const MOST_SHARED = 1024;
const LARGE_PRODUCT = 2 ** 30;

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
  const rounds = Math.ceil(K / 4);
  for (const quad of quads ? [false, true] : [false]) {
    for (const TB of [1, 2, 4, 8, 16]) {
      for (const u of units) {
        const sums = TB * u * gates;
        if (sums > (quad ? 2 : 1) * MOST_STEP_SUMS) continue;
        const across = quad ? 2 : 1;
        const blocks = across ** 2 * Math.ceil(B / TB / across) * Math.ceil(H / u / across);
        const loads = (4 * (TB + u * gates)) / across;
        const work = { rounds, loads, shared: quad ? loads : 0, products: 4 * sums, sums };
        tiles.push({ TB, units: u, blocks, quad, cost: directCost(blocks, work) });
      }
    }
  }
  return sorted(tiles);
}

const MOST_STEP_SUMS = 128;
