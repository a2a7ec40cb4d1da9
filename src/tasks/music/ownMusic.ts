// Music of one's own as a task of the table: MIDI files on a grid of 88 keys, or a published .mat file.

import { MUSIC_ENDINGS, readOwnMusic } from '../../data/own/music';
import type { Music } from '../../data/music';
import type { Options } from '../../spec/option';
import { LEAST_STEPS } from '../preset';
import { defineTask } from '../taskSpec';
import { musicTask } from './musicTask';
import { MUSIC_KEPT } from './pianoRolls';

const OWN_MUSIC = {
  stepsPerBeat: { kind: 'count', help: 'of MIDI files: steps of a beat; otherwise 4, which are sixteenths' },
  validPart: { kind: 'rate', help: 'part of the pieces that validates; otherwise 0.1' },
  testPart: { kind: 'rate', help: 'part of the pieces that tests; otherwise 0.1' },
  splitSeed: { kind: 'seed', help: 'of the split, whatever the seed of the run', absent: '1' },
} as const satisfies Options;

/** Music, with what was left out of it. */
type ReadMusic = Music & { readonly notes?: readonly string[] };

/** Music of a user's own MIDI or .mat files, on a grid of 88 keys. */
export const ownMusic = defineTask<'music', typeof OWN_MUSIC, ReadMusic, { readonly pieces: number }>({
  name: 'music',
  title: 'Music of your own',
  about: 'which of 88 keys sound next in your own MIDI or .mat files: --from FOLDER',
  kind: 'music',
  reads: 'vectors',
  options: OWN_MUSIC,
  lacks: { length: 'its sequences have their own lengths; leave it out.' },
  start: {
    batch: 8,
    epochs: 20,
    ...LEAST_STEPS,
    optimizer: 'adam',
    learningRate: 5e-3,
    schedule: 'linear',
    clipNorm: 0.4,
  },
  presets: {},
  data: {
    from: { what: 'MIDI or .mat files', endings: MUSIC_ENDINGS },
    async read(files, settings) {
      const name = files.length === 1 ? files[0].name : `${files.length} files`;
      const { music, notes } = await readOwnMusic(files, { ...settings, name });
      return { ...music, notes };
    },
    facts: ({ train }) => ({ pieces: train.length }),
    notes: ({ notes = [] }) => notes,
    stepsPerEpoch: ({ pieces }, { batch }) => Math.ceil(pieces / batch),
    ...MUSIC_KEPT,
  },
  // Two quarter notes a second, of sixteenths.
  sample: { kind: 'music', tempo: 480 },
  make: ({ batch }, music) => musicTask({ music, batch }),
});
