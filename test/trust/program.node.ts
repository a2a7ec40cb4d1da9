// The built program, started, killed and asked what it has left.

import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fail } from '../../src/graph/check';
import { decodeSafetensors } from '../../src/train/safetensors';

/** How a process ended. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly out: string;
  readonly error: string;
}

const CLI = resolve('dist/cli.js');

/** Starts a command line in a folder; `ready` resolves when it has said something, or ended without. */
export function start(words: readonly string[], cwd: string) {
  if (!existsSync(CLI)) fail(`trust: there is no ${CLI}.`, { fix: 'npm run build.' });
  const child: ChildProcess = spawn(process.execPath, [CLI, ...words], {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [out, error] = ['', ''];
  const ended = new Promise<Ended>((done) => {
    child.on('close', (code, signal) => done({ code, signal, out, error }));
  });
  const ready = new Promise<void>((done) => {
    child.stdout!.on('data', (text) => {
      out += String(text);
      done();
    });
    void ended.then(() => done());
  });
  child.stderr!.on('data', (text) => (error += String(text)));
  return { ended, ready, kill: () => child.kill('SIGKILL') };
}

/** Runs a command line to its end; fails where that is not 0. */
export async function finish(words: readonly string[], cwd: string): Promise<Ended> {
  const ended = await start(words, cwd).ended;
  if (ended.code === 0) return ended;
  return fail(`trust: \`seqgpu ${words.join(' ')}\` ended with ${ended.code ?? ended.signal}.`, {
    given: ended.error.slice(-2000),
  });
}

/**
 * What a folder of a run or a study says, without what differs from run to run: the time, the bench's numbers, and which
 * process of which machine has computed it.
 */
export function digest(folder: string): Record<string, unknown> {
  const text = (name: string) => readFileSync(join(folder, name), 'utf8');
  const found: Record<string, unknown> = {};
  for (const name of ['last.safetensors', 'best.safetensors']) {
    if (!existsSync(join(folder, name))) continue;
    const { tensors } = decodeSafetensors(new Uint8Array(readFileSync(join(folder, name))), name);
    for (const [tensor, { data }] of tensors)
      found[`${name} ${tensor}`] = Buffer.from(data.buffer).toString('hex');
  }
  for (const name of ['metrics.jsonl', 'results.jsonl']) {
    if (!existsSync(join(folder, name))) continue;
    const lines = text(name).split('\n').filter(Boolean);
    // Workers end in any order.
    found[name] = (name === 'results.jsonl' ? lines.sort() : lines).map(timeless);
  }
  for (const name of ['settings.json', 'data.json'])
    if (existsSync(join(folder, name))) found[name] = text(name);
  return found;
}

function timeless(line: string): unknown {
  return JSON.parse(line, (key, value: unknown) =>
    key === 'host' ? undefined : /seconds$|PerSecond$/i.test(key) ? 0 : value,
  );
}
