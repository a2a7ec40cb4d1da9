// Music of one's own: MIDI files, or one .mat file that has the splits of the published data sets (MuseData,
// Piano-midi, Nottingham, JSB Chorales: Boulanger-Lewandowski et al. 2012).

import { fail } from '../../graph/check';
import { allBytes, type ByteSource } from '../byteSource';
import { musicFromMatlab, readMatlab } from '../matlab';
import { readMidi } from './midi';
import { KEYS, type Music, type Piece } from '../music';
import { splitItems, type SplitOptions } from './splitItems';

/** Endings of the files that `readOwnMusic` takes. */
export const MUSIC_ENDINGS = ['mid', 'midi', 'mat'] as const;

/** Steps of a beat: sixteenths. */
const STEPS_PER_BEAT = 4;

/** How files of music are read and split. */
export interface OwnMusicOptions extends Pick<
  SplitOptions,
  'validPart' | 'testPart' | 'splitSeed' | 'whole'
> {
  /** The name of the whole, e.g. of its folder. */
  readonly name: string;
  /** Steps of a beat, for MIDI files; default: 4. */
  readonly stepsPerBeat?: number;
}

/** Music of one's own in splits. */
export interface OwnMusic {
  readonly music: Music;
  /** What was left out, in words; a line each. */
  readonly notes: readonly string[];
}

/** Reads MIDI files and splits them, or one .mat file with its own splits; pieces of one step are left out. */
export async function readOwnMusic(
  sources: readonly ByteSource[],
  options: OwnMusicOptions,
): Promise<OwnMusic> {
  const published = sources.filter(({ name }) => /\.mat$/i.test(name));
  if (!published.length) return fromMidi(sources, options);
  if (sources.length > 1) {
    fail(`music: ${published[0].name} has splits of its own and goes with no other file.`, {
      given: `${sources.length} files`,
      fix: 'give --from one .mat file, or MIDI files alone.',
    });
  }
  const { name } = options;
  const music = musicFromMatlab(name, await readMatlab(allBytes(published[0])));
  const all = [...music.train, ...music.valid, ...music.test];
  return withoutShort(options.whole ? { ...music, train: all, valid: all, test: all } : music, []);
}

function fromMidi(sources: readonly ByteSource[], options: OwnMusicOptions): OwnMusic {
  const { name, stepsPerBeat = STEPS_PER_BEAT } = options;
  const totals = { percussion: 0, outside: 0 };
  const silent: string[] = [];
  const pieces = sources.flatMap((source) => {
    const found = readMidi(allBytes(source), { stepsPerBeat, where: source.name });
    totals.percussion += found.percussion;
    totals.outside += found.outside;
    if (!found.pieces.length) silent.push(source.name);
    return found.pieces;
  });
  const long = pieces.filter(predicts);
  const splits = splitItems(long.length, { ...options, what: 'pieces of two steps or more' });
  const of = (list: readonly number[]) => list.map((i) => long[i]);
  const music = { name, keys: KEYS, train: of(splits.train), valid: of(splits.valid), test: of(splits.test) };
  const lines: string[] = [];
  const { percussion, outside } = totals;
  if (percussion) lines.push(`${percussion} notes of percussion (channel 10) are left out`);
  if (outside) lines.push(`${outside} notes below A0 or above C8 are left out`);
  if (silent.length) lines.push(`${silent.length} files have no note of a piano: ${someOf(silent)}`);
  if (long.length < pieces.length) lines.push(shortLine(pieces.length - long.length));
  return { music, notes: lines };
}

/** A piece in which a step follows another: of one step nothing can be predicted. */
const predicts = ({ length }: Piece): boolean => length > 1;

const shortLine = (count: number): string =>
  count === 1
    ? '1 piece of one step is left out: there is nothing to predict in it'
    : `${count} pieces of one step are left out: there is nothing to predict in them`;

const someOf = (names: readonly string[]): string =>
  names.length > 3 ? `${names.slice(0, 3).join(', ')} …` : names.join(', ');

/** The music without pieces of one step; none of its splits may be empty then. */
export function withoutShort(music: Music, lines: readonly string[]): OwnMusic {
  const splits = ['train', 'valid', 'test'] as const;
  let left = 0;
  const kept = splits.map((split) => {
    const long = music[split].filter(predicts);
    left += music[split].length - long.length;
    if (!long.length) {
      fail(`music: no piece of ${music.name}'s ${split} split has two steps.`, {
        given: `${music[split].length} pieces`,
        fix: 'the next step is what is predicted: give pieces of two steps or more.',
      });
    }
    return long;
  });
  const [train, valid, test] = kept;
  return { music: { ...music, train, valid, test }, notes: left ? [...lines, shortLine(left)] : lines };
}
