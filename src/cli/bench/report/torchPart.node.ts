// The part of the report that times PyTorch on the same shapes, if this machine's python3 has it.

import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Part, Sheet } from '../../../bench/parts';
import { short } from '../../../bench/table';
import { TORCH_PROGRAM, TORCH_ROWS } from './torchProgram';

/** Seconds for each row. */
const EACH = 3;

/** Times PyTorch; `ours` has milliseconds of our rows by their names. `python`: the program that runs it. */
export const torchPart = (ours: ReadonlyMap<string, number>, python = 'python3'): Part => ({
  name: 'pytorch',
  about: 'the same steps and products in PyTorch, on the device that it finds',
  share: 60,
  least: 5,
  async run(sheet, time) {
    sheet.left.push(...TORCH_ROWS);
    const each = Math.min(EACH, time.left() / (2 * TORCH_ROWS.length));
    const failed = await runPython(python, [String(each)], time.left(), (line) => hear(line, sheet, ours));
    const begun = 'torch' in sheet.values;
    // A machine without PyTorch has nothing wrong with it.
    if (!begun) sheet.left = [];
    if (!begun) sheet.notes.push(`Not run: ${failed ?? `${python} has no torch`}.`);
    else if (failed) sheet.findings.push(failed);
  },
});

/** Runs the program for at most so many seconds; gives why it has not come to its end. */
function runPython(
  python: string,
  words: readonly string[],
  seconds: number,
  onLine: (line: string) => void,
): Promise<string | undefined> {
  return new Promise((resolve) => {
    const child = spawn(python, ['-c', TORCH_PROGRAM, ...words], { stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    const timer = setTimeout(() => child.kill('SIGKILL'), seconds * 1000);
    createInterface(child.stdout).on('line', onLine);
    child.stderr.on('data', (text) => (said = `${said}${text}`.slice(-2000)));
    child.on('error', (error) => end(`${python} does not run: ${error.message}`));
    child.on('close', (code, signal) => {
      if (signal === 'SIGKILL') end(undefined);
      else end(code ? `${python} ended with ${code}: ${said.trim().split('\n').at(-1)}` : undefined);
    });
    function end(why: string | undefined): void {
      clearTimeout(timer);
      resolve(why);
    }
  });
}

/** What the program says: first of itself, then of every row. */
function hear(line: string, sheet: Sheet, ours: ReadonlyMap<string, number>): void {
  const told = JSON.parse(line) as Record<string, string | number>;
  if ('torch' in told) {
    Object.assign(sheet.values, told);
    sheet.notes.push(
      `PyTorch ${told.torch} on ${told.device}; times are of one run each, as a program calls it.`,
    );
    sheet.head = ['case', 'PyTorch, ms', 'ours, ms', 'PyTorch / ours'];
  }
  if (!('name' in told)) return;
  const [name, ms] = [String(told.name), Number(told.ms)];
  const own = ours.get(name);
  sheet.values[name] = told;
  sheet.left = sheet.left.filter((other) => other !== name);
  sheet.rows.push([name, short(ms), short(own), short(own && ms / own)]);
}
