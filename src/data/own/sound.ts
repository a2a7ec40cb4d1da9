// Recordings of one's own: WAV files of any rate as 8-bit μ-law codes of one rate, in splits; the folders that they lie
// in are classes, which a model may be told.

import { fail } from '../../graph/check';
import { allBytes, type ByteSource } from '../byteSource';
import { muLawEncode } from '../muLaw';
import { resample } from './resample';
import { splitItems, type SplitOptions } from './splitItems';
import { decodeWav } from '../wav';

/** Endings of the files that `readOwnSound` takes. */
export const SOUND_ENDINGS = ['wav', 'wave'] as const;

/** Samples per second: those of a telephone. */
const SOUND_RATE = 8000;

/** A recording as codes, with its class. */
export interface OwnRecording {
  /** The file. */
  readonly name: string;
  /** The place of its folder among the classes. */
  readonly label: number;
  /** μ-law codes. */
  readonly codes: Uint8Array;
}

/** Recordings of one's own in splits. */
export interface OwnSound {
  readonly name: string;
  /** Samples per second, of all. */
  readonly rate: number;
  /** Folders, by name; one, "", where all files lie in one. */
  readonly classes: readonly string[];
  readonly train: readonly OwnRecording[];
  readonly valid: readonly OwnRecording[];
  readonly test: readonly OwnRecording[];
  /** What was converted, in words; a line each. */
  readonly notes: readonly string[];
}

/** How files of sound are read and split. */
export interface OwnSoundOptions extends Pick<
  SplitOptions,
  'validPart' | 'testPart' | 'splitSeed' | 'whole'
> {
  /** The name of the whole, e.g. of its folder. */
  readonly name: string;
  /** Samples per second to convert to; default: 8000. */
  readonly rate?: number;
  /** The classes that a trained model knows, which then are those of the files. Default: the folders that there are. */
  readonly known?: readonly string[];
}

/** Files are split class by class. */
export function readOwnSound(sources: readonly ByteSource[], options: OwnSoundOptions): OwnSound {
  const { name, rate = SOUND_RATE } = options;
  const rates = new Map<number, number>();
  // A model that was told no class is told none of other files, wherever they lie.
  const one = options.known?.length === 1 ? options.known[0] : undefined;
  const folders = sources.map((source) => one ?? folderOf(source.name));
  const classes = options.known ?? [...new Set(folders)].sort((a, b) => (a < b ? -1 : 1));
  const strange = folders.findIndex((folder) => !classes.includes(folder));
  if (strange >= 0) {
    fail(`sound: ${sources[strange].name} lies in no folder of a class that the model knows.`, {
      given: `it knows ${classes.map((name) => JSON.stringify(name)).join(', ')}`,
      fix: 'name the folders of all classes, or the one that has them in it.',
    });
  }
  const recordings = sources.map((source, i): OwnRecording => {
    const sound = decodeWav(allBytes(source), source.name);
    if (sound.samples.length === 0) fail(`sound: ${source.name} is empty.`, { fix: 'take it away.' });
    rates.set(sound.rate, (rates.get(sound.rate) ?? 0) + 1);
    const { samples } = resample(sound, rate);
    return { name: source.name, label: classes.indexOf(folders[i]), codes: muLawEncode(samples) };
  });
  const groupOf = (i: number) => recordings[i].label;
  const nameOf = (label: number) => (classes[label] ? `the folder ${classes[label]}` : 'no folder');
  const grouped = classes.length > 1 ? { groupOf, nameOf } : {};
  const splits = splitItems(recordings.length, { ...options, ...grouped, what: 'recordings' });
  const of = (list: readonly number[]) => list.map((i) => recordings[i]);
  const notes = [...rates]
    .filter(([from]) => from !== rate)
    .map(([from, count]) => `${count} files are converted from ${from} to ${rate} samples per second`);
  return {
    name,
    rate,
    classes,
    train: of(splits.train),
    valid: of(splits.valid),
    test: of(splits.test),
    notes,
  };
}

/** The first folder of a path, "" where there is none. */
export const folderOf = (path: string): string => /^([^/\\]+)[/\\]/.exec(path)?.[1] ?? '';
