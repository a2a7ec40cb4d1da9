// The cells of study `tbptt`: a style of truncation each, and how far its gradients may go back.

import type { Budget, Cell, Setup } from '../../runs/study';

/** What a cell of the study is made with. */
export interface TbpttSettings {
  /** What the targets ask for: the symbol of so many steps ago. */
  readonly delay: number;
  readonly style: 'full' | 'chunked' | 'true';
  /** Steps that a gradient may go back: n of chunks, k2 of windows. */
  readonly reach: number;
  readonly symbols: number;
  readonly hidden: number;
  readonly batch: number;
  /** Steps of a segment. */
  readonly T: number;
  readonly steps: number;
  readonly learningRate: number;
  readonly seed: number;
}

/** What a cell of the study comes to. */
export interface TbpttResult {
  /** Nats per symbol: [step, mean since the point before]. */
  readonly curve: readonly (readonly [number, number])[];
  /** Mean over the last tenth of the training. */
  readonly loss: number;
  /** ‖∂loss_t/∂s_(t−1−i)‖ of the trained model, nothing cut. */
  readonly gradient: readonly number[];
}

/** Steps between a symbol and the moment that it is asked for. */
export const DELAY = 6;
/** How large models and trainings are at each budget. */
export const SIZES: Record<Budget, Pick<TbpttSettings, 'hidden' | 'steps' | 'batch'>> = {
  small: { hidden: 24, steps: 240, batch: 16 },
  medium: { hidden: 48, steps: 1000, batch: 32 },
  full: { hidden: 128, steps: 4000, batch: 64 },
};
/** Different symbols of the stream. */
export const SYMBOLS = 4;
/** Points of a curve. */
export const POINTS = 24;
/** The share of the loss of guessing below which something was learned. */
export const ENOUGH = 0.9;
/** Chunks and windows, in units of the delay. */
const REACHES = {
  chunked: [DELAY / 2, DELAY, 2 * DELAY, 4 * DELAY],
  true: [DELAY / 2, DELAY, DELAY + 1, 2 * DELAY],
} as const;
/** Steps of a segment. */
export const T = 4 * DELAY;

/** The name of a cell. */
export const idOf = (style: string, reach: number): string => `${style}/${reach}`;
/** The styles of truncation, each with its reach. */
export const STYLES: readonly { style: TbpttSettings['style']; reach: number }[] = [
  ...REACHES.chunked.map((reach) => ({ style: 'chunked' as const, reach })),
  ...REACHES.true.map((reach) => ({ style: 'true' as const, reach })),
  { style: 'full', reach: T },
];

/** A style in words. */
export const titleOf = (style: TbpttSettings['style'], reach: number): string => {
  if (style === 'full') return `whole segments of ${reach}`;
  return style === 'chunked' ? `chunks, n = ${reach}` : `windows, k1 = 1, k2 = ${reach}`;
};

/** The cells of the study at a budget. */
export function cells({ budget, seed }: Setup): Cell<TbpttSettings>[] {
  const common = { ...SIZES[budget], delay: DELAY, symbols: SYMBOLS, T, learningRate: 1e-2, seed };
  return STYLES.map(({ style, reach }) => ({
    id: idOf(style, reach),
    settings: { ...common, style, reach },
  }));
}
