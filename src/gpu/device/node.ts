// WebGPU in Node: npm's `webgpu` (Dawn), with the real GPU where there is one and a software adapter otherwise.
// The browser has navigator.gpu and never loads this file.
//
// Dawn on Linux needs a Vulkan loader (libvulkan.so.1) and a driver's ICD file. Chrome ships both, so a machine
// that has a Chrome needs nothing installed system-wide; vulkan.node.ts knows the places.

import { fail } from '../../graph/check';
import { attempts, type Attempt } from './attempts.node';
import type { Timing } from './bySpeed.node';
import { ask, describe, loadDawn, namesOf, type Dawn } from './dawn.node';

/** A WebGPU in Node, or what stands in its way. */
export interface NodeGpu {
  /** Null when not even Dawn or a Vulkan loader is there. */
  gpu: GPU | null;
  /** What was tried, in words: for the error message when there is no adapter. */
  tried: string[];
  /** What to install before anything else can be tried. */
  fix?: string;
  /** The driver that was taken. */
  driver?: string;
  /** Its ICD file, where it is known. */
  icd?: string;
}

/** An adapter of this machine. */
export interface ListedAdapter {
  /** Null where the driver does not work. */
  readonly name: string | null;
  readonly driver: string;
  readonly software: boolean;
  /** Measured: a product of matrices, in GFLOP/s; only of software, and absent where nobody has measured it. */
  readonly gflops?: number;
}

// On the global object, so that another copy of this module (the built one beside the source) finds it too.
const kept = ((globalThis as { [key: symbol]: unknown })[Symbol.for('seqgpu.nodeGpu')] ??= {}) as {
  found?: Promise<NodeGpu>;
};

/**
 * The process's WebGPU: the same for every call, once there is an adapter. SEQGPU_ADAPTER chooses it, by a part of its
 * name; throws where no adapter has it.
 */
export function nodeGpu(): Promise<NodeGpu> {
  return (kept.found ??= findGpu().then(
    (found) => {
      // Where there is none it looks again next time: a driver may have been installed by then.
      if (!found.driver) lookAgain();
      return found;
    },
    (error) => {
      lookAgain();
      throw error;
    },
  ));
}

/** Has the next call look again: a driver was installed, or another adapter is asked for. */
export function lookAgain(): void {
  kept.found = undefined;
}

async function findGpu(): Promise<NodeGpu> {
  const tried: string[] = [];
  const dawn = await loadDawn(tried);
  if (!dawn) return { gpu: null, tried, fix: INSTALL };
  const { SEQGPU_ADAPTER: wanted } = process.env;
  const named = wanted ? await findNamed(dawn, wanted) : undefined;
  if (named) return named;
  let gpu: GPU | null = null;
  for await (const attempt of attempts(tried)) {
    const found = await ask(dawn, attempt);
    gpu = found.gpu;
    tried.push(`${attempt.name}: ${found.adapter ? describe(found.adapter.info) : 'no adapter'}`);
    if (found.adapter) return { gpu, tried, driver: attempt.name, icd: attempt.icd };
  }
  return { gpu, tried };
}

/** It is 130 MB, and a page has no use for it, so it does not come with seqgpu. */
const INSTALL =
  '`npm install webgpu`: in Node, WebGPU is a package of its own (Dawn). Deno and browsers have theirs.';

/** The adapter with that in its name; undefined where there is none at all. */
async function findNamed(dawn: Dawn, wanted: string): Promise<NodeGpu | undefined> {
  const tried: string[] = [];
  const has = (text: string) => text.toLowerCase().includes(wanted.toLowerCase());
  const all: Attempt[] = [];
  for await (const attempt of attempts(tried, { when: 'never' })) all.push(attempt);
  const mine = ({ name, driver }: Attempt) => has([name, driver?.kind, driver?.shown?.name].join(' '));
  const seen: string[] = [];
  // A driver that is named itself is the only one to be loaded.
  for (const attempt of [...all.filter(mine), ...all.filter((one) => !mine(one))]) {
    const names = await namesOf(dawn, attempt);
    const name =
      names.find(has) ?? (mine(attempt) ? names[0] : undefined) ?? (await only(dawn, attempt, names, has));
    if (name === undefined) {
      seen.push(...names);
      continue;
    }
    const { gpu, adapter } = await ask(dawn, attempt, name);
    tried.push(
      `${attempt.name}: ${adapter && describe(adapter.info)}, by its name (SEQGPU_ADAPTER=${wanted})`,
    );
    return { gpu, tried, driver: attempt.name, icd: attempt.icd };
  }
  if (seen.length === 0) return undefined;
  fail(`open: no adapter has "${wanted}" in its name.`, {
    given: `there is: ${[...new Set(seen)].join('; ')}`,
    fix: 'give a part of one of these names, or leave it out (--adapter, or SEQGPU_ADAPTER in the environment).',
  });
}

/** The name of a driver's only adapter, where what else is said of it is meant: vendor, description. */
async function only(
  dawn: Dawn,
  attempt: Attempt,
  names: readonly string[],
  has: (text: string) => boolean,
): Promise<string | undefined> {
  const info = names.length === 1 ? (await ask(dawn, attempt)).adapter?.info : undefined;
  return info && has(`${describe(info)} — ${info.description}`) ? names[0] : undefined;
}

/** All adapters of this machine, the one to take first in front; software is not measured where there is a GPU. */
export async function listAdapters(when: Timing['when']): Promise<ListedAdapter[]> {
  const dawn = await loadDawn([]);
  const listed: ListedAdapter[] = [];
  const timing = { when };
  for await (const attempt of dawn ? attempts([], timing) : []) {
    const { name: driver, software, driver: timed, rest } = attempt;
    if (rest && listed.some(({ name }) => name !== null)) continue;
    // What the cache says of it, or a child process: nothing is loaded here.
    if (timed?.shown !== undefined) {
      listed.push({ name: timed.shown?.name ?? null, driver, software, gflops: timed.shown?.gflops });
      continue;
    }
    const names = await namesOf(dawn!, attempt);
    const fresh = names.filter((name) => !listed.some((one) => one.name === name));
    listed.push(...fresh.map((name): ListedAdapter => ({ name, driver, software })));
    if (names.length > 0 && !software) timing.when = 'never';
  }
  return listed;
}
