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

/** MiB of a process and of all that it has started. */
export const memoryOf = (root: number): number => sum(familyOf(root).map(mebibytesOf));

/** Milliseconds that they have computed so far, on all cores. */
export const computed = (root: number): number => sum(familyOf(root).map((pid) => computedOf(statOf(pid))));
