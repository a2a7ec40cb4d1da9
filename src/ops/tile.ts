// Which tile a product runs in. Tiles are constants of a kernel; the choice is made by a model of what limits the
// adapter: loads in the barrier-free family, idle cores in the workgroup family.

import reduceSumKernel from '../../shaders/reduceSum.wgsl';
import type { Dispatch } from '../graph/op';
import type { Tensor } from '../graph/tensor';
import type { Traits } from '../graph/traits';

/** On a CPU adapter one cache-resident load costs as much as this many multiply-adds of a tile. */
const LOAD = 24;
/** Threads that keep a CPU adapter busy. */
const LANES = 32;
/** Unrolled multiply-adds of a kernel; beyond, compiling takes too long. */
const MOST_PRODUCTS = 768;

/** Compiling one unrolled multiply-add costs as much as running this many, spread over a few thousand steps. */
const COMPILE = 5000;

/** What `threads` threads cost that each do `rounds` rounds of so many loads and multiply-adds. */
const directCost = (threads: number, rounds: number, loads: number, products: number): number =>
  Math.max(threads, LANES) * rounds * (products + LOAD * loads) + products * COMPILE;

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

/** For S products [M, K]·[K, N] without barriers: TM + TN loads for TM·TN multiply-adds. */
export function matmulTile(M: number, N: number, S: number): MatmulTile {
  const tiles = MATMUL_TILES.map(([TM, TN]) => {
    const units = Math.ceil(M / TM) * Math.ceil(N / TN);
    return { TM, TN, units, cost: directCost(units * S, 1, TM + TN, TM * TN) };
  });
  return cheapest(tiles);
}

const MATMUL_TILES = [
  [16, 8],
  [8, 8],
  [8, 4],
  [4, 8],
  [4, 4],
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

/** A tile as constants of a kernel, and the threads that cover the result. */
export interface ConvTile {
  readonly constants: Readonly<Record<string, number>>;
  readonly threads: number;
}

/**
 * For N channels at all positions, from C channels: PHASES · STEPS positions × TN channels, see causalConv.wgsl.
 * A round, for one of the C, loads PHASES · (STEPS + TAPS - 1) values and TAPS · TN weights.
 */
export function convTile(
  B: number,
  T: number,
  C: number,
  N: number,
  taps: number,
  dilation: number,
): ConvTile {
  const tiles: (ConvTile & { cost: number })[] = [];
  for (const [PHASES, STEPS] of POSITIONS) {
    for (const TN of [4, 8, 16]) {
      for (let groups = 1; groups <= taps; groups++) {
        const TAPS = Math.ceil(taps / groups);
        const sums = PHASES * STEPS * TN;
        if (sums * TAPS > MOST_PRODUCTS) continue;
        const rows = B * Math.ceil(dilation / PHASES) * Math.ceil(T / dilation / STEPS);
        const threads = rows * Math.ceil(N / TN);
        const loads = PHASES * (STEPS + TAPS - 1) + TAPS * TN;
        // The second term is for the stores.
        const cost = directCost(threads, groups * C, loads, sums * TAPS) + directCost(threads, 1, sums, 0);
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

/**
 * For the gradient of w: TAPS · TC · TN weights, summed over `runs` runs of STEPS positions; see causalConvDw.wgsl.
 * A run loads (STEPS + TAPS - 1) · TC values of x and STEPS · TN of dy.
 */
export function convDwTile(
  ...[B, T, C, O, K, dilation]: readonly [
    B: number,
    T: number,
    C: number,
    O: number,
    K: number,
    dilation: number,
  ]
): ConvTile & { runs: number } {
  const tiles: (ConvTile & { runs: number; cost: number })[] = [];
  for (const TC of [1, 2, 4, 8]) {
    for (const TN of [4, 8, 16]) {
      for (const STEPS of [1, 2, 4, 8]) {
        for (let groups = 1; groups <= K; groups++) {
          const TAPS = Math.ceil(K / groups);
          const products = TAPS * TC * TN * STEPS;
          if (products > MOST_PRODUCTS) continue;
          const threads = groups * Math.ceil(C / TC) * Math.ceil(O / TN);
          const runs = B * dilation * Math.ceil(T / dilation / STEPS);
          const loads = (STEPS + TAPS - 1) * TC + STEPS * TN;
          const cost = directCost(MANY, threads * runs, loads, products);
          tiles.push({ constants: { TAPS, TC, TN, STEPS }, threads, runs, cost });
        }
      }
    }
  }
  return cheapest(tiles);
}

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
