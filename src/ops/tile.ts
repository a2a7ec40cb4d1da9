// Which tile a product runs in. Tiles are constants of a kernel; the choice is made by a model of what limits the
// adapter: loads in the barrier-free family, idle cores in the workgroup family.

import reduceSumKernel from '../../shaders/reduceSum.wgsl';
import type { Dispatch } from '../graph/op';
import type { Tensor } from '../graph/tensor';
import type { Traits } from '../graph/traits';

/** On a CPU adapter one cache-resident load costs as much as this many multiply-adds. */
const LOAD = 11;
/** And storing one sum. */
const STORE = 30;
/** Threads that keep a CPU adapter busy. */
const LANES = 32;
/** Unrolled multiply-adds of a kernel, and its sums; beyond, compiling takes longer than 300 ms. */
const MOST_PRODUCTS = 640;
const MOST_SUMS = 160;
/** Compiling one unrolled multiply-add takes as long as running this many in each of several thousand steps. */
const COMPILE = 300;

interface Work {
  /** Times that a thread goes through its loop, and what it does there each time. */
  readonly rounds: number;
  readonly loads: number;
  readonly products: number;
  /** Sums that are carried from round to round, which costs a masked copy each, and are stored in the end. */
  readonly sums: number;
}

function directCost(threads: number, { rounds, loads, products, sums }: Work): number {
  const perThread = rounds * (products + sums + LOAD * loads) + STORE * sums;
  return Math.max(threads, LANES) * perThread + products * COMPILE;
}

/** Few threads make small workgroups, so that every core gets some. */
export const directWorkgroup = (threads: number): number => (threads < 16 * LANES ? LANES / 4 : LANES);

const cheapest = <Tile extends { readonly cost: number }>(tiles: readonly Tile[]): Tile =>
  tiles.reduce((best, tile) => (tile.cost < best.cost ? tile : best));

/** TM × TN outputs of a thread; `units`: threads or workgroups for one product. */
export interface MatmulTile {
  readonly TM: number;
  readonly TN: number;
  readonly units: number;
}

/** For S products [M, K]·[K, N] without barriers: TM + TN loads for TM · TN multiply-adds. */
export function matmulTile(M: number, K: number, N: number, S: number): MatmulTile {
  const tiles = MATMUL_TILES.map(([TM, TN]) => {
    const units = Math.ceil(M / TM) * Math.ceil(N / TN);
    const work = { rounds: Math.ceil(K / 4), loads: 4 * (TM + TN), products: 4 * TM * TN, sums: TM * TN };
    return { TM, TN, units, cost: directCost(units * S, work) };
  });
  return cheapest(tiles);
}

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

/** For S products [M, K]·[K, N] in workgroup memory: a tile of 8·TM × 8·TN. */
export function workgroupTile(M: number, N: number, S: number): MatmulTile {
  const tiles = WORKGROUP_TILES.map(({ size, speed }) => {
    const units = Math.ceil(M / (8 * size)) * Math.ceil(N / (8 * size));
    return { TM: size, TN: size, units, cost: (Math.max(units * S, CORES) * size * size) / speed };
  });
  return cheapest(tiles);
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

/** A convolution of B sequences of T steps, from C channels to N. */
export interface ConvSizes {
  readonly B: number;
  readonly T: number;
  readonly C: number;
  readonly N: number;
  readonly taps: number;
  /** At most T. */
  readonly dilation: number;
}

/** A tile as constants of a kernel, and the threads that cover the result. */
export interface ConvTile {
  readonly constants: Readonly<Record<string, number>>;
  readonly threads: number;
}

/**
 * PHASES · STEPS positions × TN channels, see causalConv.wgsl. A round, for one of the C channels and TAPS of the
 * taps, loads PHASES · (STEPS + TAPS - 1) values and TAPS · TN weights.
 */
export function convTile({ B, T, C, N, taps, dilation }: ConvSizes): ConvTile {
  const tiles: (ConvTile & { cost: number })[] = [];
  for (const [PHASES, STEPS] of POSITIONS) {
    for (const TN of [4, 8, 16]) {
      for (let groups = 1; groups <= taps; groups++) {
        const TAPS = Math.ceil(taps / groups);
        const sums = PHASES * STEPS * TN;
        const products = TAPS * sums;
        if (products > MOST_PRODUCTS || sums > MOST_SUMS) continue;
        const rows = B * Math.ceil(dilation / PHASES) * Math.ceil(T / dilation / STEPS);
        const threads = rows * Math.ceil(N / TN);
        const loads = PHASES * (STEPS + TAPS - 1) + TAPS * TN;
        const cost = directCost(threads, { rounds: groups * C, loads, products, sums });
        tiles.push({ constants: { TAPS, PHASES, STEPS, TN }, threads, cost });
      }
    }
  }
  return cheapest(tiles);
}

/** PHASES, STEPS: long dilations leave few steps. */
const POSITIONS = [
  [1, 32],
  [1, 16],
  [2, 8],
  [4, 4],
  [8, 2],
  [16, 1],
  [1, 8],
  [2, 4],
  [4, 2],
  [8, 1],
  [1, 4],
  [1, 1],
] as const;

export interface ConvDwTile extends ConvTile {
  /** Runs of STEPS positions, in all. */
  readonly runs: number;
}

/**
 * TAPS · TC · TN weights, summed over runs of STEPS positions, see causalConvDw.wgsl. A run loads
 * (STEPS + TAPS - 1) · TC values of x and STEPS · TN of dy.
 */
export function convDwTile({ B, T, C, N, taps, dilation }: ConvSizes): ConvDwTile {
  const tiles: (ConvDwTile & { cost: number })[] = [];
  for (const [TC, TN, STEPS] of WEIGHTS) {
    for (let groups = 1; groups <= taps; groups++) {
      const TAPS = Math.ceil(taps / groups);
      const sums = TAPS * TC * TN;
      const products = STEPS * sums;
      if (products > MOST_PRODUCTS || sums > MOST_SUMS) continue;
      const threads = groups * Math.ceil(C / TC) * Math.ceil(N / TN);
      const runs = B * dilation * Math.ceil(T / dilation / STEPS);
      const loads = (STEPS + TAPS - 1) * TC + STEPS * TN;
      // Runs are cut into parts until all lanes work.
      const cost = directCost(LANES, { rounds: (threads * runs) / LANES, loads, products, sums });
      tiles.push({ constants: { TAPS, TC, TN, STEPS }, threads, runs, cost });
    }
  }
  return cheapest(tiles);
}

const WEIGHTS = [1, 2, 4, 8].flatMap((TC) =>
  [4, 8, 16].flatMap((TN) => [1, 2, 4, 8].map((STEPS) => [TC, TN, STEPS])),
);

/** In how many parts a sum over `length` is cut when it is made by only so many `threads` or workgroups. */
export function splits(family: Traits['family'], units: number, length: number): number {
  const { enough, least } = SPLIT[family];
  return Math.max(1, Math.min(Math.floor(enough / units), Math.floor(length / least)));
}

/** `enough`: threads or workgroups that keep any adapter of the family busy; `least`: terms worth a part. */
const SPLIT = { direct: { enough: 2 * LANES, least: 64 }, workgroup: { enough: 2 * CORES, least: 128 } };

/** y = the sum of S parts, each as large as y. */
export const joinParts = (parts: Tensor, y: Tensor, S: number): Dispatch => ({
  kernel: reduceSumKernel.with(),
  bind: { x: parts, y },
  params: { P: 1, R: S, Q: y.size, S: 1, length: S, factor: 1 },
  threads: [y.size],
});
