// Published WaveNets as data. The paper gives no channels; these are from the code that others published.

import { dilationStacks, type WaveNetSettings } from './waveNetSettings';

/** The settings of published WaveNets. */
export const WAVENET = {
  // github.com/ibab/tensorflow-wavenet, wavenet_params.json: 16 kHz, five stacks, 320 ms in sight.
  ibab: {
    dilations: dilationStacks(5, 10),
    residualChannels: 32,
    dilationChannels: 32,
    skipChannels: 512,
    globalChannels: 32,
  },
} as const satisfies Readonly<Record<string, WaveNetSettings>>;
