// Processes of a queue, started from queueProgram.ts, which is bundled once.

import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, existsSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { Line } from '../../src/runs/trials';

export interface QueueRuns {
  readonly folder: string;
  /** Starts a role of queueProgram.ts. */
  start(
    role: 'coordinator' | 'worker' | 'crowd',
    url: string,
    ...words: readonly (string | number)[]
  ): ChildProcess;
  /** What a process that was started has said on its standard error. */
  said(child: ChildProcess): string;
  /** The log, line by line, also what is in it twice. */
  lines(): Line[];
  /** What befalls trials when they are begun: see queueProgram.ts. */
  befall(faults: Readonly<Record<string, 'throws' | 'exits' | 'memory' | 'poison'>>): void;
  /** What the search's findings say, when its coordinator has ended. */
  remark(): string;
  /** How often each step of each trial was made. */
  steps(): ReadonlyMap<string, number>;
  /** Whether a coordinator that was started has reached its server. */
  reached(coordinator: ChildProcess): boolean;
  /** What the coordinator needed, every five seconds. */
  usage(): {
    readonly done: number;
    readonly seconds: number;
    readonly share: number;
    readonly rss: number;
  }[];
  remove(): void;
}

/** Makes the program, and a folder for what it does. */
export async function queueRuns(): Promise<QueueRuns> {
  // Beside the packages that the program imports.
  const folder = mkdtempSync(resolve('node_modules', '.seqgpu-queue-'));
  const program = join(folder, 'queueProgram.mjs');
  await build({
    entryPoints: [fileURLToPath(new URL('queueProgram.ts', import.meta.url))],
    outfile: program,
    bundle: true,
    platform: 'node',
    format: 'esm',
    external: ['bullmq'],
  });
  const texts = new Map<ChildProcess, string>();
  const read = (name: string) => {
    const path = join(folder, name);
    return existsSync(path) ? readFileSync(path, 'utf8').split('\n').filter(Boolean) : [];
  };
  return {
    folder,
    start(role, url, ...words) {
      const child = spawn(process.execPath, [program, role, url, folder, ...words.map(String)], {
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      child.stderr!.on('data', (text) => texts.set(child, (texts.get(child) ?? '') + text));
      return child;
    },
    said: (child) => texts.get(child) ?? '',
    lines: () => read('results.jsonl').map((line) => JSON.parse(line) as Line),
    befall: (faults) => writeFileSync(join(folder, 'faults.json'), JSON.stringify(faults)),
    remark: () => read('remark.txt').join('\n'),
    steps() {
      const counts = new Map<string, number>();
      for (const line of read('steps.log')) counts.set(line, (counts.get(line) ?? 0) + 1);
      return counts;
    },
    reached: ({ pid }) => read('reached.log').includes(String(pid)),
    usage: () => read('usage.log').map((line) => JSON.parse(line)),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
