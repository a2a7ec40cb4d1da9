// Which of several ways to do the same work is the fastest on this adapter, as measured on it: by tuneStep, or by the
// sweep over the models of the tables. An op offers the ways, likeliest first by its own model; without a measurement
// the first is taken.

import { fail } from './check';
import type { Kernel } from './kernel';
import type { Call, Dispatch } from './tensor';
import type { Traits } from './traits';

/** An adapter, and what has been measured on it, if anything has. */
export type PlanTraits = Traits & { tuning?: Tuning };

/** What was measured on an adapter, as JSON: a file of it, or a part of a program. */
export interface TuningTable {
  /** The adapter's name; see Engine.name. */
  readonly adapter: string;
  /** The fastest way, by the class of launches. */
  readonly kernels: Readonly<Record<string, string>>;
}

/** Ways that `tuneStep` tries for one launch. */
export const TRIALS = 4;

/** A way is clearly faster below this part of the likeliest one's time. */
export const CLEARLY = 0.95;

/** A launch that could have been another. */
export interface Choice {
  /** The op, its kernel's code, its options, and its shapes by class: each extent rounded to a power of two. */
  readonly key: string;
  /** The kernel and the constants that make its tile. */
  readonly id: string;
  /** What the ways are called, the likeliest first; known while they are measured. */
  readonly ways?: readonly string[];
}

/** Which way each launch takes, as far as that was measured. */
export class Tuning {
  /** While measuring: which of the ways everybody gets. */
  trial: number | null = null;
  private readonly best = new Map<string, string>();
  private readonly unfit = new Set<string>();

  /** `saved`: what `toJSON` gave, e.g. in another session on the same adapter, or a table that was measured on it. */
  constructor(saved: Readonly<Record<string, string>> | TuningTable = {}) {
    for (const [key, id] of Object.entries(kernelsIn(saved))) this.best.set(key, id);
  }

  choose(call: Call, first: Dispatch): { dispatch: Dispatch; choice?: Choice } {
    if (!first.alternatives) return { dispatch: first };
    const key = keyOf(call, first);
    if (this.trial !== null) {
      const ways = waysOf(first).filter(([id]) => !this.unfit.has(key + id));
      const [id, dispatch] = ways[this.trial] ?? ways[0];
      return { dispatch, choice: { key, id, ways: ways.map(([name]) => name) } };
    }
    const wanted = this.best.get(key);
    let dispatch = first;
    if (wanted !== undefined && wanted !== idOf(first)) {
      dispatch = first.alternatives().find((way) => idOf(way) === wanted) ?? first;
    }
    return { dispatch, choice: { key, id: idOf(dispatch) } };
  }

  /** Leaves out a way that cannot be measured. */
  leaveOut({ key, id }: Choice): void {
    this.unfit.add(key + id);
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

/** The ways of a table, or of what `toJSON` gave; refuses what is neither. */
function kernelsIn(saved: unknown): Record<string, string> {
  const kernels: unknown = (saved as Partial<TuningTable> | null)?.kernels ?? saved;
  const wrong =
    typeof kernels !== 'object' || kernels === null || Array.isArray(kernels)
      ? JSON.stringify(kernels)
      : Object.entries(kernels).find(([, id]) => typeof id !== 'string');
  if (wrong === undefined) return kernels as Record<string, string>;
  return fail('Tuning: this is no table of kernels.', {
    given: String(wrong).slice(0, 200),
    fix: 'give what `engine.tuning` was on this adapter, or the content of a file of it.',
  });
}

/** All ways by their names. Ways of one name are one: what nothing tells apart cannot be asked for. */
function waysOf(first: Dispatch): (readonly [id: string, dispatch: Dispatch])[] {
  const ways = new Map<string, Dispatch>();
  for (const way of [first, ...first.alternatives!()]) if (!ways.has(idOf(way))) ways.set(idOf(way), way);
  return [...ways];
}

/** A way goes by what its op says that it is, and where it says nothing by the constants that it changes. */
const idOf = ({ kernel: { kernel, changes }, tile = changes }: Dispatch): string =>
  [kernel.name, ...Object.entries(tile).map(([name, value]) => `${name}=${String(value)}`)].join(' ');

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

/** FNV-1a in 32 bits, in hexadecimal. */
export function hashOf(text: string): string {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return (hash >>> 0).toString(16);
}
