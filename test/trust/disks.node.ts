// The program on disks that are full, read-only, or taken away in the middle: an error that says so, and the last good
// checkpoint as it was, from which the run goes on to the bits of one that had room.

import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { decodeSafetensors } from '../../src/train/safetensors';
import { digest, finish, start } from './program.node';

const TRAIN =
  'train copy --model tcn --levels 2 --kernel-size 3 --length 5 --batch 2 --hidden 24 --evaluate-every 1 --quiet';
const wordsOf = (steps: number, out: string, more = ''): string[] =>
  `${TRAIN} --steps ${steps} --out ${out}${more}`.split(' ');

/** Fails where a checkpoint is there that is not whole. */
function wholeIn(folder: string): boolean {
  const last = join(folder, 'last.safetensors');
  if (!existsSync(last)) return false;
  decodeSafetensors(new Uint8Array(readFileSync(last)), last);
  return true;
}

/** A disk of its own for a folder; needs the rights to mount. */
function onDisk(folder: string, options: string): { change(more: string): void; end(): void } {
  mkdirSync(folder);
  execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', folder]);
  return {
    change: (more) => void execFileSync('mount', ['-o', `remount,${more}`, folder]),
    end: () => void execFileSync('umount', ['-l', folder]),
  };
}

const STEPS = 16;
/** More than are made before the disk changes. */
const MANY = 3000;

type Tell = (name: string, wrong: readonly string[]) => void;

/** Tries each kind of disk; hands on what was wrong with it. */
export async function tryDisks(folder: string, tell: Tell): Promise<void> {
  await finish(wordsOf(STEPS, 'whole'), folder);
  for (const size of [16, 64, 140, 180]) await full(folder, size, tell);
  await readOnlyFirst(folder, tell);
  await readOnlyThen(folder, tell);
  await movedAway(folder, tell);
}

/** Goes on with a run, and compares its end with that of one that had room. */
async function goOn(folder: string, out: string, wrong: string[]): Promise<void> {
  const isThere = existsSync(join(folder, out, 'settings.json'));
  const { code, error } = await start(wordsOf(STEPS, out, isThere ? ' --resume' : ''), folder).ended;
  const [found, wanted] = [out, 'whole'].map((run) => digest(join(folder, run)));
  if (code !== 0) wrong.push(`it does not go on: ${error.slice(-500)}`);
  else if (!isDeepStrictEqual(found, wanted)) wrong.push('it ends with other bits');
}

async function full(folder: string, size: number, tell: Tell): Promise<void> {
  const wrong: string[] = [];
  const out = `full${size}/run`;
  const disk = onDisk(join(folder, `full${size}`), `size=${size}k`);
  try {
    const { code, error } = await start(wordsOf(STEPS, out), folder).ended;
    if (code !== 1 || !/cannot be written: ENOSPC/.test(error)) wrong.push(`${code}: ${error.slice(-500)}`);
    const kept = wholeIn(join(folder, out));
    disk.change('size=8m');
    await goOn(folder, out, wrong);
    tell(`full at ${size} KiB, ${kept ? 'with' : 'before'} a checkpoint`, wrong);
  } finally {
    disk.end();
  }
}

async function readOnlyFirst(folder: string, tell: Tell): Promise<void> {
  const wrong: string[] = [];
  const disk = onDisk(join(folder, 'first'), 'size=8m');
  try {
    disk.change('ro');
    const { code, error } = await start(wordsOf(STEPS, 'first/run'), folder).ended;
    if (code !== 1 || !/cannot be written: EROFS/.test(error)) wrong.push(`${code}: ${error.slice(-500)}`);
    disk.change('rw');
    await goOn(folder, 'first/run', wrong);
    tell('read-only from the start', wrong);
  } finally {
    disk.end();
  }
}

/** Waits until a run has saved something. */
async function saved(folder: string): Promise<void> {
  while (!existsSync(join(folder, 'last.safetensors'))) await new Promise((next) => setTimeout(next, 20));
}

async function readOnlyThen(folder: string, tell: Tell): Promise<void> {
  const wrong: string[] = [];
  const disk = onDisk(join(folder, 'then'), 'size=8m');
  const run = join(folder, 'then/run');
  try {
    const child = start(wordsOf(MANY, 'then/run'), folder);
    await saved(run);
    for (let tries = 0; ; tries++) {
      try {
        disk.change('ro');
        break;
      } catch (error) {
        // A file is open for writing just then.
        if (tries > 50) throw error;
      }
    }
    const { code, error } = await child.ended;
    if (code !== 1 || !/cannot be written: EROFS/.test(error)) wrong.push(`${code}: ${error.slice(-500)}`);
    if (!wholeIn(run)) wrong.push('the checkpoint is gone');
    disk.change('rw');
    const more = ['--resume', '--steps', String(stepIn(run) + 2)];
    const again = await start([...wordsOf(MANY, 'then/run').filter(isNoLength), ...more], folder).ended;
    if (again.code !== 0) wrong.push(`it does not go on: ${again.error.slice(-500)}`);
    tell('read-only in the middle', wrong);
  } finally {
    disk.end();
  }
}

const isNoLength = (word: string, i: number, words: readonly string[]): boolean =>
  word !== '--steps' && words[i - 1] !== '--steps';

function stepIn(run: string): number {
  const { metadata } = decodeSafetensors(new Uint8Array(readFileSync(join(run, 'last.safetensors'))), run);
  return (JSON.parse(metadata.progress) as { step: number }).step;
}

async function movedAway(folder: string, tell: Tell): Promise<void> {
  const wrong: string[] = [];
  const child = start(wordsOf(MANY, 'moved'), folder);
  await saved(join(folder, 'moved'));
  renameSync(join(folder, 'moved'), join(folder, 'elsewhere'));
  const { code, error } = await child.ended;
  if (code !== 1 || !/is gone|cannot be written/.test(error)) wrong.push(`${code}: ${error.slice(-500)}`);
  if (!wholeIn(join(folder, 'elsewhere'))) wrong.push('the checkpoint is gone');
  tell('the folder was moved away in the middle', wrong);
}
