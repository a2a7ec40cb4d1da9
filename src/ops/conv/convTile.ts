// Which tile a convolution runs in without barriers, where neighbours do not share: see tile.ts.

import { cheapest, directCost, MANY, quadTiles, splits, WIDE } from '../matmul/tile';

/** Unrolled multiply-adds of a kernel, its sums, and its weights: beyond, what it holds is far from the processor. */
const MOST_PRODUCTS = 512;
const MOST_SUMS = 160;
const MOST_WEIGHTS = 48;
/** Back through time it holds more. */
export const MOST_PRODUCTS_BACK = 448;
/** Beyond so many steps a kernel is slower by a fifth. */
const MOST_STEPS = 16;

/** What a round costs in multiply-adds, as a quad of 8×8 makes them: fitted to times, see PERFORMANCE.md. */
const roundCost = (products: number, loads: number): number => 0.4 * products + 3 * loads + 30;

/**
 * Whether threads that share nothing are a way. Not beside quads where lanes are many: LLVM takes minutes for a window
 * of x in registers, since each of its loads is a branch.
 */
export const alone = (quads: boolean, lanes: number): boolean => !quads || lanes < WIDE;

/** What a convolution sees of time. */
export interface Reach {
  readonly dilation: number;
  /** Half of (K - 1) · dilation is ahead; otherwise none. */
  readonly same: boolean;
}

/**
 * How far a convolution looks ahead, and its taps without those that reach back beyond t = 0 from every position. A
 * dilation beyond T is like one of T; beyond 2T where half of it is ahead.
 */
export function reach(T: number, K: number, { dilation: wanted, same }: Reach) {
  const dilation = Math.min(wanted, same ? 2 * T : T);
  const ahead = same ? Math.ceil(((K - 1) * dilation) / 2) : 0;
  return { dilation, ahead, taps: Math.min(K, Math.ceil((T + ahead) / dilation)) };
}

/** A convolution of B sequences of T steps, from C channels to N. */
export interface ConvSizes {
  readonly B: number;
  readonly T: number;
  readonly C: number;
  readonly N: number;
  readonly taps: number;
  /** At most T, or 2T: see reach. */
  readonly dilation: number;
}

/** A tile as constants of a kernel, and the threads that cover the result. */
export interface ConvTile {
  readonly constants: Readonly<Record<string, number>>;
  readonly threads: number;
  readonly cost: number;
}

/**
 * PHASES · STEPS positions × TN channels, see causalConv.wgsl. A round, for one of the C channels and TAPS of the
 * taps, loads PHASES · (STEPS + TAPS - 1) values and TAPS · TN weights.
 */
export function convTiles({ B, T, C, N, taps, dilation }: ConvSizes, most = MOST_PRODUCTS): ConvTile[] {
  const tiles: ConvTile[] = [];
  for (const [PHASES, STEPS] of POSITIONS) {
    for (const TN of [4, 8, 16]) {
      for (let groups = 1; groups <= taps; groups++) {
        const TAPS = Math.ceil(taps / groups);
        const sums = PHASES * STEPS * TN;
        const products = TAPS * sums;
        // As many taps at a time in more groups are the same kernel.
        const again = Math.ceil(taps / TAPS) < groups;
        if (again || products > most || sums > MOST_SUMS || TAPS * TN > MOST_WEIGHTS) continue;
        const rows = B * Math.ceil(dilation / PHASES) * Math.ceil(T / dilation / STEPS);
        const threads = rows * Math.ceil(N / TN);
        const loads = PHASES * (STEPS + TAPS - 1) + TAPS * TN;
        const slower = STEPS > MOST_STEPS ? 1.25 : 1;
        const cost = directCost(threads, groups * C * slower * roundCost(products, loads));
        tiles.push({ constants: { TAPS, PHASES, STEPS, TN }, threads, cost });
      }
    }
  }
  return tiles;
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

/** The same of a gradient of weights, which has no window to keep. */
const MOST_PRODUCTS_DW = 640;
const dwCost = (products: number, sums: number, loads: number): number =>
  0.6 * (products + sums + 11 * loads);

/** The tile of a gradient of weights. */
export interface ConvDwTile extends ConvTile {
  /** Runs of STEPS positions, in all. */
  readonly runs: number;
}

/**
 * TAPS · TC · TN weights, summed over runs of STEPS positions, see causalConvDw.wgsl. A run loads
 * (STEPS + TAPS - 1) · TC values of x and STEPS · TN of dy.
 */
export function convDwTile({ B, T, C, N, taps, dilation }: ConvSizes): ConvDwTile {
  const tiles: ConvDwTile[] = [];
  for (const [TC, TN, STEPS] of WEIGHTS) {
    for (let groups = 1; groups <= taps; groups++) {
      const TAPS = Math.ceil(taps / groups);
      const sums = TAPS * TC * TN;
      const products = STEPS * sums;
      if (products > MOST_PRODUCTS_DW || sums > MOST_SUMS) continue;
      const threads = groups * Math.ceil(C / TC) * Math.ceil(N / TN);
      const runs = B * dilation * Math.ceil(T / dilation / STEPS);
      const loads = (STEPS + TAPS - 1) * TC + STEPS * TN;
      // Runs are cut into parts until all lanes work.
      const cost = threads * runs * dwCost(products, sums, loads);
      tiles.push({ constants: { TAPS, TC, TN, STEPS }, threads, runs, cost });
    }
  }
  return cheapest(tiles);
}

const WEIGHTS = [1, 2, 4, 8].flatMap((TC) =>
  [4, 8, 16].flatMap((TN) => [1, 2, 4, 8].map((STEPS) => [TC, TN, STEPS])),
);

/** Tiles of a gradient of weights for neighbours that share, and in how many parts each would sum, best first. */
export function quadParts(B: number, T: number, C: number, O: number, K: number, lanes: number) {
  return quadTiles(C, B * T, O, MANY, lanes).map((tile) => {
    const perPart = tile.units * K;
    const S = partsOf(Math.ceil((B * T) / 4), splits('direct', perPart, B * T));
    return { ...tile, S, perPart, cost: (tile.cost / MANY) * K };
  });
}

/** How many parts of a whole length there are, of so many wanted. */
export const partsOf = (length: number, wanted: number): number =>
  Math.ceil(length / Math.ceil(length / wanted));
