// Labelled sequences in files of their own, which lie in folders called as the classes: texts, CSV files whose rows are
// steps, or recordings, which are heard as log-mel spectra.

import { fail } from '../../graph/check';
import { allBytes, type ByteSource } from '../byteSource';
import { CodePointDecoder, type Encoding } from '../own/codePoints';
import { textOf } from '../own/pieces';
import { resample } from '../own/resample';
import { folderOf } from '../own/sound';
import { readTable } from '../own/table';
import { ShortTime } from '../speech/fourier';
import { BANDS, MelSpectra, bandCentres } from '../speech/mel';
import { decodeWav } from '../wav';
import type { ColumnOptions } from './columns';
import { stepsOf } from './steps';
import type { FoundSequence, FoundSequences, Steps } from './sequence';

/** How files of sequences are read. */
export interface FileOptions extends ColumnOptions {
  /** Samples per second that recordings are converted to; default: 8000. */
  readonly rate?: number;
}

/** Samples per second: those of a telephone. */
const RATE = 8000;

const KINDS = { sound: /\.(wav|wave)$/i, text: /\.txt$/i, numbers: /\.(csv|tsv)$/i } as const;

/** The sequences of files, all of one kind. */
export function sequencesInFiles(sources: readonly ByteSource[], options: FileOptions): FoundSequences {
  const kinds = Object.entries(KINDS) as [keyof typeof KINDS, RegExp][];
  const [kind] = kinds.find(([, ending]) => sources.every(({ name }) => ending.test(name))) ?? mixed(sources);
  const label = (source: ByteSource) => (options.unlabelled ? undefined : classOf(source));
  const each = (content: (source: ByteSource) => FoundSequence['content']) =>
    sources.map((source) => ({ where: source.name, label: label(source), content: content(source) }));
  if (kind === 'text') {
    const sequences = each((source) => wholeText(source, options.encoding));
    return { material: 'text', names: [], sequences, inFiles: true, notes: [] };
  }
  if (kind === 'numbers') return tables(sources, options, label);
  const hearing = new Hearing(options.rate);
  const sequences = each((source) => hearing.steps(source));
  return { material: 'sound', names: hearing.names, sequences, inFiles: true, notes: hearing.notes() };
}

function mixed(sources: readonly ByteSource[]): never {
  const { name } =
    sources.find((source) => !Object.values(KINDS).some((ending) => ending.test(source.name))) ?? sources[0];
  return fail('classification: the files are not of one kind.', {
    given: `${sources.length} files, ${name} among them`,
    fix: 'give texts (.txt), tables of steps (.csv, .tsv) or recordings (.wav) alone, or one table of all.',
  });
}

function classOf({ name }: ByteSource): string {
  const folder = folderOf(name);
  if (folder) return folder;
  return fail(`classification: ${name} lies in no folder, whose name would be its class.`, {
    fix: 'name the folders of all classes, or the one that has them in it, or one table with a column of classes.',
  });
}

function wholeText(source: ByteSource, encoding?: Encoding): string {
  const decoder = new CodePointDecoder({ encoding, name: source.name });
  return textOf(decoder.push(allBytes(source))) + textOf(decoder.end());
}

/** Tables, each a sequence, with the same columns. */
function tables(
  sources: readonly ByteSource[],
  options: FileOptions,
  label: (source: ByteSource) => string | undefined,
): FoundSequences {
  let known = options.known && { names: options.known, classes: [] as readonly string[] };
  const left = new Set<string>();
  const sequences = sources.map((source): FoundSequence => {
    const { names, columns, leftOut } = readTable(source, { ...options, classColumn: undefined, known });
    known ??= { names, classes: [] };
    for (const one of leftOut) left.add(one.name);
    return { where: source.name, label: label(source), content: stepsOf(columns) };
  });
  const notes = left.size ? [`no numbers, and left out: ${[...left].join(', ')}`] : [];
  return { material: 'numbers', names: known!.names, sequences, inFiles: true, notes };
}

/** Recordings as spectra: windows of 25 ms, every 10 ms. */
class Hearing {
  private readonly mel: MelSpectra;
  private readonly converted = new Map<number, number>();

  constructor(private readonly rate = RATE) {
    const window = Math.round(rate / 40);
    const size = 2 ** Math.ceil(Math.log2(Math.max(window, 256)));
    this.mel = new MelSpectra(
      new ShortTime({ rate, window, hop: Math.max(1, Math.round(rate / 100)), size }),
    );
  }

  get names(): string[] {
    return bandCentres(this.rate, BANDS).map((centre) => `${Math.round(centre)} Hz`);
  }

  steps(source: ByteSource): Steps {
    const sound = decodeWav(allBytes(source), source.name);
    if (!sound.samples.length) fail(`classification: ${source.name} is empty.`, { fix: 'take it away.' });
    if (sound.rate !== this.rate) this.converted.set(sound.rate, (this.converted.get(sound.rate) ?? 0) + 1);
    const frames = this.mel.forward(resample(sound, this.rate).samples);
    const values = new Float64Array(frames.length * BANDS);
    frames.forEach((frame, t) => values.set(frame, t * BANDS));
    return { width: BANDS, values };
  }

  notes(): string[] {
    return [...this.converted].map(
      ([from, count]) => `${count} files are converted from ${from} to ${this.rate} samples per second`,
    );
  }
}
