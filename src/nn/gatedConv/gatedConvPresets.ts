// The published gated convolutional language models (Dauphin et al. 2017, table 1) as data, layer by layer as in
// fairseq's fconv_lm. GCNN-8, and the cutoffs of GCNN-8 and GCNN-13, could not be checked against the paper's tables.

import type { ConvLayer } from './gatedConv';
import type { GatedConvSettings } from './gatedConvLM';

type Published = Pick<GatedConvSettings, 'embedding' | 'layers' | 'cutoffs'>;

/* @__NO_SIDE_EFFECTS__ */
const repeat = (times: number, ...layers: ConvLayer[]): ConvLayer[] => Array(times).fill(layers).flat();

/** Down to `narrow` channels, a convolution over time there, up to `wide`; the residual spans all three. */
/* @__NO_SIDE_EFFECTS__ */
const bottleneck = (narrow: number, wide: number): ConvLayer[] => [
  [narrow, 1, 0],
  [narrow, 5, 0],
  [wide, 1, 3],
];

/** For WikiText-103 (8 and 14; 44.9 and 37.2 of test perplexity) and the Billion Word corpus (13, 14B; 38.1, 31.9). */
export const GCNN = {
  'gcnn-8': { embedding: 280, layers: repeat(8, [900, 4]), cutoffs: [2000, 10_000, 50_000] },
  'gcnn-13': { embedding: 128, layers: repeat(13, [1268, 4]), cutoffs: [10_000, 40_000, 200_000] },
  'gcnn-14': {
    embedding: 280,
    layers: [
      ...repeat(3, [850, 6]),
      ...repeat(1, [850, 1]),
      ...repeat(4, [850, 5]),
      ...repeat(1, [850, 1]),
      ...repeat(3, [850, 4]),
      [1024, 4],
      [2048, 4],
    ],
    cutoffs: [10_000, 20_000, 200_000],
  },
  'gcnn-14b': {
    embedding: 128,
    layers: [
      [512, 5],
      ...repeat(3, ...bottleneck(128, 512)),
      ...repeat(3, ...bottleneck(512, 1024)),
      ...repeat(6, ...bottleneck(1024, 2048)),
      ...bottleneck(1024, 4096),
    ],
    cutoffs: [10_000, 50_000, 200_000],
  },
} as const satisfies Readonly<Record<string, Published>>;

/** The name of a published net. */
export type NetName = keyof typeof GCNN;
/** The names of all published nets. */
export const NETS = /* @__PURE__ */ Object.keys(GCNN) as readonly NetName[];
