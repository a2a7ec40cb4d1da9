// Processes of a queue, started from queueProgram.ts, which is bundled once.

import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, existsSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { Random } from '../../src/random';
import type { Line } from '../../src/runs/trials';
import { ended } from './queueServers';

export interface QueueRuns {
  readonly folder: string;
  /** The seed of the moments at which something is killed: SEQGPU_SEED, default: the clock. `until` names it. */
  readonly seed: number;
  /** Starts a role of queueProgram.ts. */
  start(
    role: 'coordinator' | 'worker' | 'crowd',
    url: string,
    ...words: readonly (string | number)[]
  ): ChildProcess;
  /**
   * Waits until something holds. Throws after so many seconds, default 30, or when a coordinator ends in failure before:
   * the error names every process that was started, whether it still runs, and what it has said.
   */
  until(holds: () => unknown, seconds?: number): Promise<void>;
  /** Waits a random time in ms. */
  moment(least: number, span: number): Promise<void>;
  /** Asks these to end by themselves; throws as `until` does where one does not. */
  end(...children: readonly ChildProcess[]): Promise<void>;
  /** What a process that was started has said on its standard error. */
  said(child: ChildProcess): string;
  /** The log, line by line, also what is in it twice. */
  lines(): Line[];
  /** What befalls trials when they are begun: see queueProgram.ts. */
  befall(faults: Readonly<Record<string, 'throws' | 'unable' | 'exits' | 'memory' | 'poison'>>): void;
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
  const roles = new Map<ChildProcess, string>();
  /** Those that were asked to end. */
  const asked = new Set<ChildProcess>();
  const read = (name: string) => {
    const path = join(folder, name);
    return existsSync(path) ? readFileSync(path, 'utf8').split('\n').filter(Boolean) : [];
  };
  const seed = Number(process.env.SEQGPU_SEED ?? Date.now() % 2 ** 30);
  const random = new Random(seed);
  const states = () =>
    [...roles]
      .map(([child, role]) => {
        const state = ended(child) ? `ended with ${child.exitCode ?? child.signalCode}` : 'runs';
        return `${role} ${child.pid}: ${state}. ${texts.get(child) ?? ''}`;
      })
      .concat(`moments of SEQGPU_SEED=${seed}`)
      .join('\n');
  const runs: QueueRuns = {
    folder,
    seed,
    start(role, url, ...words) {
      const child = spawn(process.execPath, [program, role, url, folder, ...words.map(String)], {
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      roles.set(child, role);
      child.stderr!.on('data', (text) => texts.set(child, (texts.get(child) ?? '') + text));
      return child;
    },
    async until(holds, seconds = 30) {
      const running = [...roles].filter(
        ([one, role]) => role === 'coordinator' && !ended(one) && !asked.has(one),
      );
      const failed = () => running.some(([{ exitCode }]) => exitCode);
      for (const end = performance.now() + 1000 * seconds; !holds();) {
        if (performance.now() < end && !failed()) await new Promise((next) => setTimeout(next, 20));
        // It may have come to pass just before the failure.
        else if (!holds()) throw new Error(`not within ${seconds} s: ${String(holds)}\n${states()}`);
      }
    },
    moment: (least, span) => new Promise((next) => setTimeout(next, least + random.integer(span))),
    async end(...children) {
      for (const child of children) {
        asked.add(child);
        child.kill('SIGTERM');
      }
      await runs.until(() => children.every(ended));
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
  return runs;
}
