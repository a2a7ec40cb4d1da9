// What the tasks of polyphonic music have in common: pieces of a JSON file, and what is counted of them.

import { textIn, type ByteSource } from '../../data/byteSource';
import { parseMusic, type Music } from '../../data/music';

/** `file`: its name in the data folder. */
export const pianoRolls = (file: string) =>
  ({
    kind: 'music',
    reads: 'vectors',
    options: {},
    lacks: { length: 'its sequences have their own lengths; leave it out.' },
    data: {
      files: [file],
      read: ([source]: readonly ByteSource[]): Music => parseMusic(textIn(source), source.name),
      facts: ({ train }: Music) => ({ pieces: train.length }),
      stepsPerEpoch: ({ pieces }: { readonly pieces: number }, { batch }: { readonly batch: number }) =>
        Math.ceil(pieces / batch),
    },
  }) as const;
