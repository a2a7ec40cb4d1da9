// What the tasks of polyphonic music have in common: pieces of a JSON file, and what is counted of them.

import { textIn, type ByteSource } from '../../data/byteSource';
import { KEYS, parseMusic, type Music } from '../../data/music';
import { fail } from '../../graph/check';
import { longestOf } from './musicTask';

/** What a run keeps: the pieces that music can begin with, and how long any of them was. */
export const MUSIC_KEPT = {
  keep: (music: Music) => ({ name: music.name, longest: longestOf(music), test: music.test }),
  kept(json: unknown, where: string): Music {
    const { name, longest, test } = Object(json) as Record<string, unknown>;
    if (!Number.isSafeInteger(longest)) {
      fail(`${where} holds no music.`, { fix: 'the file was changed or is damaged; train again.' });
    }
    const splits = { train: test, valid: test, test };
    const music = parseMusic(JSON.stringify({ name, keys: KEYS, ...splits }), where);
    return { ...music, train: [], valid: [], longest: Number(longest) };
  },
} as const;

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
      ...MUSIC_KEPT,
    },
  }) as const;
