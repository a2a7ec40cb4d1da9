// What a Chrome takes with all its processes: pages, workers and the one that has the GPU. Linux only.

import { readdirSync, readFileSync } from 'node:fs';

/** What the system says of a process, behind the name of its program; nothing where it has ended meanwhile. */
function statOf(pid: number): readonly string[] {
  try {
    // The name stands in brackets, and may have any character.
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)!.split(' ');
  } catch {
    return [];
  }
}

/** A process, and all that it has started. */
function familyOf(root: number): number[] {
  const pids = readdirSync('/proc').map(Number).filter(Boolean);
  const parents = new Map(pids.map((pid) => [pid, Number(statOf(pid)[1])]));
  const under = (pid: number): boolean => pid === root || (pid > 1 && under(parents.get(pid) || 0));
  return pids.filter(under);
}

const sum = (values: readonly number[]): number => values.reduce((all, one) => all + one, 0);

/** MiB that a process has for itself: what is shared counts less with every other Chrome that runs. */
function mebibytesOf(pid: number): number {
  try {
    const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
    const kibibytes = [...text.matchAll(/^Private_(?:Clean|Dirty):\s+(\d+)/gm)].map(([, part]) =>
      Number(part),
    );
    return sum(kibibytes) / 1024;
  } catch {
    return 0;
  }
}

/** Milliseconds of a tick of the system's clock of processes. */
const TICK_MS = 10;
/** Milliseconds that a process has computed, on all cores. */
const computedOf = ([, , , , , , , , , , , user = '0', system = '0']: readonly string[]): number =>
  (Number(user) + Number(system)) * TICK_MS;

/** What a process of Chrome is for: `renderer`, `gpu-process`, the name of a service. */
function kindOf(pid: number, root: number): string {
  if (pid === root) return 'browser';
  try {
    const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
    const [, kind = 'other'] = /--utility-sub-type=(\w+)/.exec(words) ?? /--type=([\w-]+)/.exec(words) ?? [];
    return kind;
  } catch {
    return 'other';
  }
}

/**
 * Services of Chrome that come without being asked for: three minutes after its start it looks what language models the
 * machine could run, with an empty page too, in a process of 11 MiB at first, and of 50 where a page trains.
 */
const NOT_OURS = ['on_device_model'];

/** MiB of a process and of all that it has started, by what they are for. */
export function memoryOf(root: number): Readonly<Record<string, number>> {
  const found: Record<string, number> = {};
  for (const pid of familyOf(root)) {
    const kind = kindOf(pid, root);
    if (!NOT_OURS.includes(kind)) found[kind] = (found[kind] ?? 0) + mebibytesOf(pid);
  }
  return found;
}

/** Milliseconds that they have computed so far, on all cores. */
export const computed = (root: number): number => sum(familyOf(root).map((pid) => computedOf(statOf(pid))));
