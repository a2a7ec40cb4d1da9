// Options that several tasks have.

import type { Options } from '../spec/option';

/** The length of drawn sequences, or of pieces of sound. */
export const LENGTH = {
  length: { kind: 'count', required: true, help: 'T: how far back the answer lies' },
} as const satisfies Options;

/** How a text is read. */
export const TEXT = {
  bptt: { kind: 'count', required: true, help: 'steps per segment; gradients go back no further' },
  sampling: {
    kind: ['stream', 'random'],
    help: 'stream: segments one behind the other, so that a state goes on; random: each begins anywhere',
    absent: 'stream',
    misfit: ({ sampling, lead }) =>
      sampling === 'random' && Number(lead ?? 0) > 0
        ? { with: '--lead', fix: 'leave one of the two out.' }
        : undefined,
  },
  trainTokens: { kind: 'budget', help: 'train on the first so many tokens only; 0: on all' },
  evaluationTokens: { kind: 'budget', help: 'the same in validation and test' },
} as const satisfies Options;
