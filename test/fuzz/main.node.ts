// `npm run fuzz -- COUNT`: that many programs, with progress and failures in a file of JSON lines, from where such a
// file ends when it is there.

import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { findGpu } from '../harness/gpu';
import type { Sharpness } from './compare';
import { WAYS, type Way } from './engines';
import { fuzz, type Failed } from './fuzz';
import { generate } from './generate';
import { print } from './print';

const HELP = `npm run fuzz -- [COUNT] [options]

  COUNT            how many programs; 1000
  --seed N         the first one's seed; 0
  --only N         that seed alone, and its program whether it fails or not
  --stop           ends with the first that fails
  --deno           in Deno, on wgpu
  --ways A,B       engines: ${Object.keys(WAYS).join(', ')}
  --log FILE       appends a line of JSON for every program that fails and for every 100; goes on where FILE ends

The adapter is chosen as everywhere: SEQGPU_ICD or VK_ICD_FILENAMES, see doctor.`;

/** What a log keeps. */
interface Line {
  readonly next: number;
  readonly done: number;
  readonly failed: number;
  readonly seconds: number;
  /** The largest part of its bound that a right value was off by. */
  readonly nearest: number;
}

function options() {
  const { values, positionals } = parseArgs({
    options: {
      seed: { type: 'string', default: '0' },
      only: { type: 'string' },
      ways: { type: 'string', default: Object.keys(WAYS).join() },
      log: { type: 'string' },
      stop: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
    allowPositionals: true,
  });
  const [count = '1000'] = positionals;
  return { ...values, count: Number(count) };
}

/** Where a log ends, or a new beginning. */
function resumed(log: string | undefined, seed: number): Line {
  const none = { next: seed, done: 0, failed: 0, seconds: 0, nearest: 0 };
  if (!log || !existsSync(log)) return none;
  const lines = readFileSync(log, 'utf8').trim().split('\n');
  const all = lines.map((line) => JSON.parse(line) as Line).filter(({ next }) => next !== undefined);
  return all.at(-1) ?? none;
}

async function main(): Promise<void> {
  const { help, count, only, log, seed, stop, ways } = options();
  if (help) {
    console.log(HELP);
    return;
  }
  const adapter = await (await findGpu()).requestAdapter();
  console.log(
    `adapter: ${[adapter?.info.vendor, adapter?.info.architecture, adapter?.info.description].join(' ')}`,
  );
  const start = performance.now();
  const before = resumed(log, Number(only ?? seed));
  const state = { ...before, nearest: before.nearest ?? 0 };
  const last = only === undefined ? Number(seed) + count : Number(only) + 1;
  const write = (line: object) => log && appendFileSync(log, `${JSON.stringify(line)}\n`);
  const note = () => {
    state.seconds = before.seconds + (performance.now() - start) / 1000;
    write(state);
    console.log(`${state.done} programs, ${state.failed} failed, ${state.seconds.toFixed(0)} s`);
  };
  const onProgram = (at: number, failed: Failed | null, { worst }: Sharpness) => {
    Object.assign(state, {
      next: at + 1,
      done: state.done + 1,
      failed: state.failed + Number(failed !== null),
      nearest: failed ? state.nearest : Math.max(state.nearest, worst),
    });
    if (failed) {
      write(failed);
      console.log(`\nseed ${at}: ${failed.first}\n\n${failed.minimal}\n`);
    }
    if (state.done % 100 === 0) note();
  };
  if (only !== undefined) console.log(`${print(generate(Number(only)), null, WAYS)}\n`);
  function* seeds() {
    while (state.next < last && !(stop && state.failed)) yield state.next;
  }
  await fuzz(seeds(), { ways: ways.split(',') as Way[], onProgram });
  note();
  process.exitCode = state.failed ? 1 : 0;
}

await main();
