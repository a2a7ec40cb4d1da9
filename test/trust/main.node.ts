// `npm run trust -- [COUNT]`: so many damaged variants of every kind of file that the program reads. `-- kills [COUNT
// [NAME …]]`: the built program, killed so many times. `-- disk`: on disks that are full, read-only or gone. `-- losses`
// and `-- soak [STEPS]`: in Node and in Chrome, twenty lost devices, and a long training. `-- tabs`: ten killed tabs of the
// live page. `-- supply`: what is installed with a clone. `-- queue`: see queue.node.ts. examples/TRUST.md has what became.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tryDisks } from './disks.node';
import { FORMATS } from './formats';
import { assail } from './hostile';
import { killAll } from './killed.node';
import { queueMain } from './queue.node';
import { complaints, supplied, supplyTable } from './supply';

type Trial = (folder: string, words: readonly string[]) => Promise<void> | void;

const TRIALS: Readonly<Record<string, Trial>> = {
  async kills(folder, [count = '100', ...only]) {
    head('killed', 'kills', 'times it went on', 'wrong');
    await killAll(Number(count), only, folder, ({ name, kills, goneOn, wrong }) =>
      tell(wrong, name, kills, goneOn),
    );
  },
  async disk(folder) {
    head('disk', 'wrong');
    await tryDisks(folder, (name, wrong) => tell(wrong, name));
  },
  losses: () => longTest('gpu/deviceLoss', { VITE_LOSSES: '20' }),
  tabs: () => longTest('pages/liveRuns', { VITE_TABS: '10' }),
  soak: (_, [steps = '100000']) => longTest('gpu/soak', { VITE_SOAK: steps }),
  queue: (_, words) => queueMain(words),
  supply() {
    const packages = supplied();
    console.log(supplyTable(packages));
    blame(complaints(packages));
  },
};

/** The exit code is 1 where something was lost, or not read as it should. */
export async function main([what = '1000', ...words]: readonly string[]): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'seqgpu-trust-'));
  try {
    await (TRIALS[what] ?? readDamaged)(folder, TRIALS[what] ? words : [what]);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function readDamaged(folder: string, [count]: readonly string[]): Promise<void> {
  head('file', 'variants', 'read', 'refused by a clear error', 'wrong');
  for (const format of FORMATS) {
    const { format: name, read, refused, wrong } = await assail(format, Number(count), folder);
    tell(wrong, name, count, read, refused);
  }
}

/** A GPU test in Node and in Chrome, or one of pages, with what makes it long. */
function longTest(name: string, env: Readonly<Record<string, string>>): void {
  const projects = ['gpu-node', 'gpu-chrome', 'pages'].flatMap((project) => ['--project', project]);
  const words = ['node_modules/vitest/vitest.mjs', 'run', ...projects, `test/${name}.test.ts`];
  const { status } = spawnSync(process.execPath, words, {
    stdio: 'inherit',
    env: { ...process.env, ...env },
  });
  process.exitCode = status ?? 1;
}

function head(...cells: readonly string[]): void {
  console.log(`| ${cells.join(' | ')} |\n| --- |${' ---: |'.repeat(cells.length - 1)}`);
}

function tell(wrong: readonly string[], ...cells: readonly (string | number)[]): void {
  console.log(`| ${[...cells, wrong.length].join(' | ')} |`);
  blame(wrong);
}

function blame(wrong: readonly string[]): void {
  for (const line of wrong) console.error(line);
  if (wrong.length) process.exitCode = 1;
}
