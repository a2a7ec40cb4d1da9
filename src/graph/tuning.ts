// Which of several ways to do the same work is the fastest on this adapter, as measured on it: by tuneStep. An op
// offers the ways, likeliest first by its own model; without a measurement the first is taken.

import type { Kernel } from './kernel';
import type { Call, Dispatch } from './tensor';
import type { Traits } from './traits';

/** An adapter, and what has been measured on it, if anything has. */
export type PlanTraits = Traits & { tuning?: Tuning };

/** Ways that are tried for one launch. */
export const TRIALS = 4;

/** A way is clearly faster below this part of the likeliest one's time. */
const CLEARLY = 0.95;

/** A launch that could have been another. */
export interface Choice {
  /** The op, its kernel's code, its options, and its shapes by class: each extent rounded to a power of two. */
  readonly key: string;
  /** The kernel and the constants that make its tile. */
  readonly id: string;
}

/** Which way each launch takes, as far as that was measured. */
export class Tuning {
  /** While measuring: which of the ways everybody gets. */
  trial: number | null = null;
  private readonly best = new Map<string, string>();

  /** `saved`: what `toJSON` gave, e.g. in another session on the same adapter. */
  constructor(saved: Readonly<Record<string, string>> = {}) {
    for (const [key, id] of Object.entries(saved)) this.best.set(key, String(id));
  }

  choose(call: Call, first: Dispatch): { dispatch: Dispatch; choice?: Choice } {
    if (!first.alternatives) return { dispatch: first };
    const key = keyOf(call, first);
    const wanted = this.best.get(key);
    let dispatch = first;
    if (this.trial !== null) {
      const ways = [first, ...first.alternatives()];
      dispatch = ways[this.trial < Math.min(ways.length, TRIALS) ? this.trial : 0];
    } else if (wanted !== undefined && wanted !== idOf(first)) {
      dispatch = first.alternatives().find((way) => idOf(way) === wanted) ?? first;
    }
    return { dispatch, choice: { key, id: idOf(dispatch) } };
  }

  /** Keeps the fastest way for every key; the likeliest, which is the first, unless another is clearly faster. */
  learn(times: ReadonlyMap<string, ReadonlyMap<string, number>>): void {
    for (const [key, ways] of times) {
      const [first] = ways;
      const [fastest] = [...ways].sort((a, b) => a[1] - b[1]);
      if (!first) continue;
      this.best.set(key, fastest[1] < CLEARLY * first[1] ? fastest[0] : first[0]);
    }
  }

  toJSON(): Record<string, string> {
    return Object.fromEntries(this.best);
  }
}

const idOf = ({ kernel, tile = {} }: Dispatch): string =>
  [kernel.kernel.name, ...Object.entries(tile).map(([name, value]) => `${name}=${value}`)].join(' ');

function keyOf({ op, inputs, attrs }: Call, first: Dispatch): string {
  const shapes = Object.values(inputs).map(({ shape }) => shape.map(powerOfTwo).join('·'));
  const options = Object.values(attrs).filter((value) => typeof value !== 'object');
  return [op.name, fingerprintOf(first.kernel.kernel), ...shapes, ...options].join(' ');
}

const powerOfTwo = (extent: number): number => (extent ? 2 ** Math.round(Math.log2(extent)) : 0);

const fingerprints = new WeakMap<Kernel, string>();

/** Name and hash of the code: tells kernels apart across sessions, where objects cannot. */
function fingerprintOf(kernel: Kernel): string {
  const known = fingerprints.get(kernel) ?? `${kernel.name}-${hashOf(kernel.reflection.code)}`;
  fingerprints.set(kernel, known);
  return known;
}

/** FNV-1a in 32 bits. */
function hashOf(text: string): string {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return (hash >>> 0).toString(16);
}
