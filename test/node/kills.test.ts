// A process that is killed at every single thing that it asks of the disk, in the middle of what it writes too: whoever
// goes on ends with the files of one that nobody killed. `npm run trust -- kills` kills the program itself.

import * as fs from 'node:fs';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { RunFolder } from '../../src/runs/runFolder.node';
import { makeSettings } from '../../src/runs/settings';
import type { Cell } from '../../src/runs/study';
import { StudyFolder } from '../../src/runs/studyFolder.node';
import type { Stored } from '../../src/train/safetensors';

/** How much a process may still ask of the disk; from then on it is dead. */
const life = vi.hoisted(() => ({ left: Infinity, dead: false, asked: 0 }));

class Killed extends Error {}

vi.mock('node:fs', async (original) => {
  const real = await original<typeof fs>();
  const mortal =
    <A extends unknown[], R>(ask: (...args: A) => R, torn?: (...args: A) => void) =>
    (...args: A): R => {
      life.asked++;
      if (!life.dead && life.left-- > 0) return ask(...args);
      if (!life.dead) torn?.(...args);
      life.dead = true;
      throw new Killed();
    };
  return {
    ...real,
    ...Object.fromEntries(
      (['openSync', 'renameSync', 'linkSync', 'mkdirSync', 'ftruncateSync', 'truncateSync'] as const).map(
        (name) => [name, mortal(real[name] as (...args: unknown[]) => unknown)],
      ),
    ),
    rmSync: mortal(real.rmSync),
    // It takes its time, and whoever kills a process and not the machine sees nothing of it.
    fsyncSync: mortal(() => undefined),
    writeSync: mortal(
      real.writeSync as (...args: [number, Uint8Array, number, number]) => number,
      (file, bytes, at, length) => {
        real.writeSync(file, bytes, at, Math.floor(length / 2));
      },
    ),
    writeFileSync: mortal(real.writeFileSync, (file, data, options) => {
      const text = String(data);
      real.writeFileSync(file, text.slice(0, text.length / 2), options);
    }),
  };
});

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'seqgpu-kills-'))));
afterEach(() => {
  Object.assign(life, { left: Infinity, dead: false });
  rmSync(folder, { recursive: true });
});

/** The id of a process that has ended: a lock of ours is to be that of a dead one. */
const NOBODY = 2 ** 22 - 1;

/** Lets a process live until its end or until it has asked the disk `asks` times; whether it came to its end. */
function live(asks: number, run: () => void): boolean {
  const before = process.listeners('exit');
  Object.assign(life, { left: asks, dead: false, asked: 0 });
  try {
    run();
  } catch (error) {
    if (!life.dead) throw error;
  }
  const ended = !life.dead;
  Object.assign(life, { left: Infinity, dead: false });
  // A killed process hears nothing, and nobody has its id.
  for (const heard of process.listeners('exit')) if (!before.includes(heard)) process.off('exit', heard);
  for (const name of readdirSync(folder, { recursive: true }) as string[]) {
    if (/\.lock(\.[0-9a-f]{16})*$/.test(name)) disown(join(folder, name));
  }
  return ended;
}

function disown(path: string): void {
  const text = readFileSync(path, 'utf8');
  if (text.endsWith('\n'))
    writeFileSync(path, `${JSON.stringify({ ...JSON.parse(text), pid: NOBODY, born: 'then' })}\n`);
}

const filesIn = (path: string) =>
  Object.fromEntries(
    readdirSync(path)
      .sort()
      .map((name) => [name, readFileSync(join(path, name)).toString('latin1')]),
  );

/** Kills at the first ask, at the second …, each time goes on to the end, and compares. */
function killEverywhere(path: string, run: () => void): number {
  expect(live(Infinity, run)).toBe(true);
  const { asked } = life;
  const whole = filesIn(path);
  expect(Object.keys(whole).length).toBeGreaterThan(2);
  for (let asks = 0; asks < asked; asks++) {
    rmSync(path, { recursive: true });
    expect(live(asks, run)).toBe(false);
    // A second kill, in the middle of going on.
    live(Math.floor(asks / 2), run);
    expect(live(Infinity, run)).toBe(true);
    expect(filesIn(path), `killed at ask ${asks} of ${asked}`).toEqual(whole);
  }
  return asked;
}

const settings = makeSettings('copy', 'tcn', { steps: 4, evaluateEvery: 2 });

const stored = (step: number, weight: number): Stored => {
  const evaluations = [2, 4]
    .filter((one) => one <= step)
    .map((one) => ({ step: one, value: (one - 2) ** 2 + 1 }));
  const chosen = evaluations.length ? evaluations.reduce((a, b) => (b.value < a.value ? b : a)) : null;
  const progress = {
    step,
    seconds: 0,
    losses: [],
    evaluations,
    best: chosen,
    closing: null,
    sources: [step],
  };
  const tensors = new Map([['w', { shape: [2], data: Float32Array.of(weight, step) }]]);
  return {
    tensors,
    metadata: { format: 'pt', progress: JSON.stringify(progress) },
  };
};

test('a run that is killed at any ask of the disk goes on to the same files', () => {
  const path = join(folder, 'run');
  const asked = killEverywhere(path, () => {
    const run = new RunFolder(path);
    const release = run.lock('train');
    const before = existsSync(join(path, 'settings.json')) && !run.unbegun() ? run.load() : undefined;
    if (!before && !run.unbegun()) run.prepare();
    let [step, weight] = [before?.done ?? 0, before ? before.last.tensors.get('w')!.data[0] : 1];
    const curves = run.curves(step);
    let saved = before !== undefined;
    while (step < 4) {
      step++;
      weight = Math.fround(weight * 1.1 + step);
      curves.add({ step, seconds: 0, loss: weight, learningRate: 1 });
      if (step % 2) continue;
      curves.close();
      if (!saved) run.writeSettings(settings);
      if (!saved) run.keep({ words: ['a', 'b'] });
      saved = true;
      run.save(settings, stored(step, weight), step === 2 ? stored(step, weight) : null);
    }
    curves.close();
    run.write('results.json', '{"done":true}');
    release();
  });
  expect(asked).toBeGreaterThan(50);
});

test('a study that is killed at any ask of the disk goes on to the same files', () => {
  const path = join(folder, 'study');
  const cells: Cell<number>[] = [3, 5].map((settings) => ({ id: `cell ${settings}`, settings }));
  const asked = killEverywhere(path, () => {
    const study = new StudyFolder(path, 'study');
    const release = study.lock();
    study.open({ study: 'toy' });
    const lines = new Set([...study.lines()].map(({ cell }) => cell));
    for (const cell of cells) {
      if (lines.has(cell.id)) continue;
      const checkpoint = study.checkpoint(cell);
      const before = checkpoint.load();
      let [step, weight] = before ? [...before.last.tensors.get('w')!.data].reverse() : [0, cell.settings];
      while (step < 4) {
        step++;
        weight = Math.fround(weight * 1.1);
        if (step % 2) continue;
        checkpoint.save(stored(step, weight), step === 2 ? stored(step, weight) : null);
      }
      study.append([{ cell: cell.id, settings: cell.settings, result: weight, seconds: 0, adapter: 'none' }]);
    }
    study.write('results.json', '{"done":true}');
    release();
  });
  expect(asked).toBeGreaterThan(50);
});
