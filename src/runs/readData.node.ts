// The data of a task, read from the data folder.

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { dataFile } from '../data/folder.node';
import { VALIDATION_IMAGES, readImages } from '../data/mnist';
import { parseMusic } from '../data/music';
import { SPEAKERS, readDigits, samplesIn } from '../data/spokenDigits';
import { SPLITS, makeCorpus, type Texts, type Unit } from '../data/text';
import { fail } from '../graph/check';
import { IMAGES, type TaskName } from './recipes';
import type { TaskData } from './taskData';

const MUSIC_FILES: Partial<Record<TaskName, string>> = {
  jsb: 'poly-music/jsb-chorales.json',
  nottingham: 'poly-music/nottingham.json',
};
const UNITS: Partial<Record<TaskName, Unit>> = { wikitext2: 'word', 'wikitext2-chars': 'character' };

/** The data of a task that reads files; undefined for one that draws it. */
export function readData(task: TaskName, option: string | undefined): TaskData | undefined {
  const [music, unit] = [MUSIC_FILES[task], UNITS[task]];
  if (task === 'digits') return readSpokenDigits(option);
  if (music) return readMusic(music, option);
  if (IMAGES.includes(task)) return readMnist(option);
  return unit && readWikiText(unit, option);
}

function readMusic(file: string, option: string | undefined): TaskData {
  const path = dataFile(file, { option });
  const text = readFileSync(path, 'utf8');
  const music = parseMusic(text, path);
  return { content: music, facts: { pieces: music.train.length, sha256: sha256([text]) } };
}

function readWikiText(unit: Unit, option: string | undefined): TaskData {
  const read = (split: string) => readFileSync(dataFile(`wikitext-2/${split}.txt`, { option }), 'utf8');
  const texts = Object.fromEntries(SPLITS.map((split) => [split, read(split)])) as unknown as Texts;
  const corpus = makeCorpus(unit === 'word' ? 'WikiText-2' : 'WikiText-2, characters', unit, texts);
  return { content: corpus, facts: { tokens: corpus.train.length, sha256: sha256(Object.values(texts)) } };
}

function readSpokenDigits(option: string | undefined): TaskData {
  const files: Uint8Array[] = [];
  const read = (name: string): Uint8Array => {
    const file = readFileSync(dataFile(`fsdd/${name}`, { option }));
    files.push(file);
    return file;
  };
  const digits = readDigits(SPEAKERS, read);
  const samples = SPEAKERS.map((one) => [
    one,
    samplesIn(digits.train.filter(({ speaker }) => speaker === one)),
  ]);
  return { content: digits, facts: { samples: Object.fromEntries(samples), sha256: sha256(files) } };
}

function readMnist(option: string | undefined): TaskData {
  const path = (name: string) => dataFile(`mnist/${name}-ubyte.gz`, { option });
  const paths = ['train-images-idx3', 'train-labels-idx1', 't10k-images-idx3', 't10k-labels-idx1'].map(path);
  const files = paths.map(unzipped);
  const split = (i: number) => readImages(files[i], files[i + 1], [paths[i], paths[i + 1]]);
  const content = { train: split(0), test: split(2) };
  const images = content.train.labels.length - VALIDATION_IMAGES;
  return { content, facts: { images, sha256: sha256(files) } };
}

function unzipped(path: string): Uint8Array {
  try {
    return gunzipSync(readFileSync(path));
  } catch (reason) {
    return fail(`data: ${path} is no whole gzip file: ${(reason as Error).message}.`, {
      fix: 'move it away and run `npx seqgpu data mnist` again.',
    });
  }
}

/** Of files one behind the other. */
function sha256(texts: readonly (string | Uint8Array)[]): string {
  const hash = createHash('sha256');
  for (const text of texts) hash.update(text);
  return hash.digest('hex');
}
