// What a WaveNet is made of, what may be asked for, and how far it then sees.

import { check } from '../../graph/check';
import { checked, count, finite, flag, listOf, whole, type Rules } from '../../graph/options';

/** The settings of a WaveNet. */
export interface WaveNetSettings {
  /** Codes of a sample; default: 256. */
  readonly classes?: number;
  /** The dilation of every layer, in order: see dilationStacks. */
  readonly dilations: readonly number[];
  /** Taps of every convolution; default: 2. */
  readonly kernelSize?: number;
  /** Channels of x. */
  readonly residualChannels: number;
  /** Channels of z. */
  readonly dilationChannels: number;
  readonly skipChannels: number;
  /** Channels of h; default: no h. */
  readonly globalChannels?: number;
  /** Channels of y; default: no y. */
  readonly localChannels?: number;
  /** Codes are steps of a scale: near ones start near, see `waves`. */
  readonly ordered?: boolean;
  /** Where the bias of the logits starts, e.g. at the log-frequencies of the codes; default: 0. */
  readonly prior?: readonly number[];
}

/** 1, 2, 4 … 2^(levels − 1), so many times. */
/* @__NO_SIDE_EFFECTS__ */
export const dilationStacks = (stacks: number, levels: number): number[] =>
  Array.from({ length: stacks * levels }, (_, l) => 2 ** (l % levels));

/** Codes that a prediction can see: what the layers reach, and one for every tap of the first convolution. */
export const waveNetField = ({ dilations, kernelSize = 2 }: WaveNetSettings): number =>
  1 + (kernelSize - 1) * (1 + dilations.reduce((sum, dilation) => sum + dilation, 0));

/** Refuses what cannot be. */
export function checkWaveNet(settings: WaveNetSettings): void {
  checked('WaveNet', settings, WAVENET_RULES, ...NEEDED);
  const { dilations, classes = 256, prior } = settings;
  const text = `WaveNet: its prior has ${prior?.length} values for ${classes} classes`;
  check(!prior || prior.length === classes, text, 'give one for each');
  check(dilations.length, 'WaveNet: its dilations are []', 'give one of at least 1 for every layer');
}

const NEEDED = ['dilations', 'residualChannels', 'dilationChannels', 'skipChannels'] as const;

/** The rules of WaveNetSettings, see graph/options. */
export const WAVENET_RULES: Rules<WaveNetSettings> = {
  classes: count,
  dilations: listOf(count),
  kernelSize: count,
  residualChannels: count,
  dilationChannels: count,
  skipChannels: count,
  globalChannels: whole,
  localChannels: whole,
  ordered: flag,
  prior: listOf(finite),
};
