// What the program reads of files that others have made: a right file of each kind, and its reader.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { bytesAsSource, textIn } from '../../src/data/byteSource';
import { readIdx } from '../../src/data/idx';
import { musicFromMatlab, readMatlab } from '../../src/data/matlab';
import { musicText, parseMusic } from '../../src/data/music';
import { readMidi } from '../../src/data/own/midi';
import { readTable } from '../../src/data/own/table';
import { readOwnText } from '../../src/data/own/text';
import { ownTextData, keepText, keptText } from '../../src/data/own/writing';
import { decodeWav, encodeWav } from '../../src/data/wav';
import { fileInZip } from '../../src/data/zip';
import { midiFile } from '../../src/report/midi';
import { fail } from '../../src/graph/check';
import { canRead } from '../../src/models/modelSpec';
import { parseJson } from '../../src/runs/runFolder.node';
import { makeSettings, readSettings } from '../../src/runs/settings';
import { TABLES } from '../../src/runs/tables';
import { TuningFile } from '../../src/runs/tuningFile.node';
import {
  decodeSafetensors,
  encodeSafetensors,
  type Stored,
  type StoredTensor,
} from '../../src/train/safetensors';
import { CACHED_TABLE, readCachedTable } from './cachedTable';

const pages = import.meta.glob<{
  readonly placeIn: (hash: string) => { readonly values: Readonly<Record<string, string>> };
  readonly askedIn: (values: object, cards: readonly object[], fields: readonly object[]) => AskedOfPage;
  readonly ready: (wish: object) => Promise<unknown>;
  readonly plan: (wish: object) => Promise<{ readonly fields: readonly object[] }>;
}>(['../../examples/live/{shell/address,scenes/asked,work/plan}.ts'], { eager: true });
const [{ askedIn }, { placeIn }, { plan, ready }] = ['scenes/asked', 'shell/address', 'work/plan'].map(
  (path) => pages[`../../examples/live/${path}.ts`],
);

interface AskedOfPage {
  readonly task: { readonly name: string };
  readonly model: string;
  readonly given: object;
  readonly nonsense: readonly string[];
}

/** What the bench of the live page makes of what stands behind the # of its address. */
async function readAddress(hash: string): Promise<unknown> {
  const cards = TABLES.tasks.map((task) => ({
    ...task,
    models: TABLES.models.filter((model) => canRead(model, task.reads)).map(({ name }) => name),
  }));
  const { fields } = await plan({ task: 'adding', model: 'tcn', given: {} });
  const { task, model, given, nonsense } = askedIn(placeIn(hash).values, cards, fields);
  if (nonsense.length) fail(nonsense.join(' '));
  return ready({ task: task.name, model, given });
}

/** A kind of file. */
export interface Format {
  readonly name: string;
  /** A right one. */
  readonly file: Uint8Array;
  /** Reads it, with `folder` for what has to lie on the disk. */
  read(file: Uint8Array, folder: string): unknown;
}

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const textOf = (bytes: Uint8Array): string => textIn(bytesAsSource('file', bytes));

const TENSORS: Stored = {
  tensors: new Map<string, StoredTensor>([
    ['weight', { shape: [3, 5], data: Float32Array.from({ length: 15 }, Math.sqrt) }],
    ['bias', { shape: [2], data: Float32Array.of(3, -4) }],
  ]),
  metadata: { format: 'pt', progress: '{"step":3}' },
};

const CHORD = [
  [60, 64, 67],
  [60, 65, 69],
  [59, 62, 67],
  [60, 64, 67],
];
const MUSIC = { name: 'toy', keys: 88, train: [CHORD, CHORD], valid: [CHORD], test: [CHORD] };

/** Two images of 3 × 4 bytes. */
const IDX = Uint8Array.of(0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 4, ...Array(24).keys());

/** A zip archive of one file, deflated. */
function zipped(name: string, content: Uint8Array): Uint8Array {
  const packed = deflateRawSync(content);
  const entry = Buffer.alloc(46);
  entry.writeUInt32LE(0x02014b50, 0);
  entry.writeUInt16LE(8, 10);
  entry.writeUInt32LE(packed.length, 20);
  entry.writeUInt32LE(content.length, 24);
  entry.writeUInt16LE(name.length, 28);
  const local = Buffer.alloc(30);
  local.writeUInt32LE(0x04034b50, 0);
  local.writeUInt16LE(8, 8);
  local.writeUInt16LE(name.length, 26);
  const front = Buffer.concat([local, Buffer.from(name), packed]);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(1, 8);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(entry.length + name.length, 12);
  end.writeUInt32LE(front.length, 16);
  return new Uint8Array(Buffer.concat([front, entry, Buffer.from(name), end]));
}

const CAPPED = { maxOutputLength: 2 ** 24 };
const VERSE = 'Shall I compare thee to a summer’s day?\nThou art more lovely and more temperate.\n'.repeat(4);

export const FORMATS: readonly Format[] = [
  {
    name: 'safetensors',
    file: encodeSafetensors(TENSORS),
    read: (file) => decodeSafetensors(file, 'a.safetensors'),
  },
  {
    name: 'WAV',
    file: encodeWav({ rate: 8000, samples: Float32Array.from({ length: 300 }, (_, t) => Math.sin(t / 9)) }),
    read: (file) => decodeWav(file, 'a.wav'),
  },
  {
    name: 'MIDI',
    file: midiFile(CHORD, 120, 'toy'),
    read: (file) => readMidi(file, { stepsPerBeat: 4, where: 'a.mid' }),
  },
  {
    name: 'MATLAB',
    file: new Uint8Array(readFileSync(new URL('../fixtures/tinyMusic.mat', import.meta.url))),
    read: async (file) => musicFromMatlab('toy', await readMatlab(file)),
  },
  { name: 'IDX', file: IDX, read: (file) => readIdx(file, 3, 'images') },
  {
    name: 'zip',
    file: zipped('a.txt', bytesOf(VERSE)),
    read: (file) => fileInZip(file, 'a.txt', (packed) => inflateRawSync(packed, CAPPED)),
  },
  {
    name: 'piano rolls',
    file: bytesOf(musicText(MUSIC)),
    read: (file) => parseMusic(textOf(file), 'a.json'),
  },
  {
    name: 'settings',
    file: bytesOf(JSON.stringify(makeSettings('copy', 'lstm', { steps: 10 }), null, 2)),
    read: (file) => readSettings(parseJson(textOf(file), 'settings.json'), 'settings.json'),
  },
  {
    name: 'tuning',
    file: bytesOf(JSON.stringify({ adapter: 'toy', kernels: { 'matmul 8 8 8': 'tile 4' } })),
    read(file, folder) {
      const path = join(folder, 'tuning.json');
      writeFileSync(path, file);
      return new TuningFile(path).read();
    },
  },
  { name: 'cached tuning', file: bytesOf(CACHED_TABLE), read: readCachedTable },
  {
    name: 'vocabulary',
    file: bytesOf(
      JSON.stringify(keepText(ownTextData('toy', readOwnText([bytesAsSource('a.txt', bytesOf(VERSE))])))),
    ),
    read: (file) => keptText(parseJson(textOf(file), 'data.json'), 'data.json'),
  },
  {
    name: 'CSV',
    file: bytesOf(
      `time;price;kind\n${Array.from({ length: 40 }, (_, i) => `${i};${i * 1.5},5;"a ""b"""`).join('\n')}\n`,
    ),
    read: (file) => readTable(bytesAsSource('a.csv', file)),
  },
  {
    name: 'address',
    file: bytesOf(
      'bench?task=adding&model=tcn&length=20&steps=30&hidden=16&learningRate=0.01&seed=3&hide=controls',
    ),
    // As a browser does it, which puts a sign in the place of what is no UTF-8.
    read: (file) => readAddress(new TextDecoder().decode(file)),
  },
  { name: 'text', file: bytesOf(VERSE), read: (file) => readOwnText([bytesAsSource('a.txt', file)]) },
];
