// `seqgpu bench --trace`: what the kernels of a case do with memory, and what GPUs that are not here would allow them.

import { readFileSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { CASES, GPUS, SUBGROUPS, partsOf, traceCase, type Case, type Lanes } from '../../bench/index';
import { folderAbove } from '../../files/folderAbove.node';
import { fail } from '../../graph/check';
import type { Kernel } from '../../graph/kernel';
import { kernel } from '../../wgsl/reflect';
import { table } from '../../report/text.node';
import { adapterLine, openEngine, untuned, type EngineChoice } from '../engine/adapter.node';

/** What `bench --trace` is told. */
export interface TraceFlags extends EngineChoice {
  readonly trace: readonly string[];
  readonly lanes?: number;
  readonly workgroups?: number;
  readonly json?: boolean;
}

/** What goes with --trace. */
const BESIDE = ['trace', 'family', 'adapter', 'lanes', 'workgroups', 'json'];

/** Checks what was given; the action traces, and gives the exit code. */
export function traceCommand(given: TraceFlags): () => Promise<number> {
  const [other] = Object.keys(given).filter((name) => !BESIDE.includes(name));
  if (other) {
    fail(`bench: --trace and --${other} exclude each other.`, {
      fix: `--trace goes with ${BESIDE.slice(1)
        .map((name) => `--${name}`)
        .join(', ')}.`,
    });
  }
  const lanes = SUBGROUPS.find((size) => size === (given.lanes ?? 32));
  if (!lanes) {
    fail(`bench: --lanes ${given.lanes} is no subgroup of a GPU.`, { fix: `give ${SUBGROUPS.join(', ')}.` });
  }
  const cases = casesNamed(given.trace);
  return () => run(cases, lanes, given);
}

/** A case of just this name; without one, those that have it in their names. */
export function casesNamed(words: readonly string[], cases: readonly Case[] = CASES): Case[] {
  const chosen = words.flatMap((word) => {
    const same = (name: string) => name.toLowerCase() === word.toLowerCase();
    const exact = cases.filter(({ name }) => same(name));
    const found = exact.length
      ? exact
      : cases.filter(({ name }) => name.toLowerCase().includes(word.toLowerCase()));
    if (found.length) return found;
    return fail(`bench: no case has "${word}" in its name.`, {
      given: `known: ${cases.map(({ name }) => name).join(', ')}`,
      fix: '--trace takes a part of a name, or several with commas between them.',
    });
  });
  return [...new Set(chosen)];
}

async function run(
  cases: readonly Case[],
  lanes: Lanes,
  { family = 'workgroup', adapter, workgroups, json }: TraceFlags,
): Promise<number> {
  const engine = await openEngine({ tuning: untuned(), family, adapter });
  const found: unknown[] = [];
  try {
    console.log(await adapterLine(engine));
    console.log(`kernels: ${family}; traced here, with requests of ${lanes} lanes`);
    for (const one of cases) {
      const { launches } = await traceCase(engine, one, { workgroups, written });
      found.push({ name: one.name, about: one.about, launches });
      console.log(`\n${one.name}: ${one.about}`);
      for (const launch of launches) {
        console.log('');
        for (const part of partsOf(launch, lanes)) {
          console.log(typeof part === 'string' ? part : `\n${table(part.head, part.rows)}`);
        }
      }
    }
  } finally {
    engine.destroy();
  }
  if (json) console.log(JSON.stringify({ family, cases: found, gpus: GPUS }));
  return 0;
}

/** The library's kernels as they were written come with the package. */
function written(name: string): Kernel | undefined {
  const shaders = join(folderAbove(['shaders/README.md'])!, 'shaders');
  const files = readdirSync(shaders, { recursive: true, encoding: 'utf8' });
  const file = files.find((path) => basename(path) === `${name}.wgsl`);
  return file === undefined ? undefined : kernel(name, readFileSync(join(shaders, file), 'utf8'));
}
