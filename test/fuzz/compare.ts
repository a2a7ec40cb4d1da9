// One program on several engines, and what must be the same: near the doubles, within the bound that the interpreter
// has for every element; and bit for bit where the arithmetic is the same and only the plan differs.

import type { Engine } from '../../src/gpu/engine';
import type { Bounded } from './bounded';
import { runProgram, type Found } from './build';
import { interpret, type Interpretation } from './interpret';
import type { Program } from './program';

/** How a difference was found: an engine, and how the program was run on it. */
export interface Difference {
  readonly configuration: string;
  /** Which result, of which step. */
  readonly what: string;
  /** A value of the program, or a gradient; for the shrinker. */
  readonly node: number;
  readonly at: number;
  readonly found: number;
  readonly wanted: number;
  /** Largest difference that rounding explains; 0 where bits are compared. */
  readonly bound: number;
}

/** An error that a run threw. */
export interface Failure {
  readonly configuration: string;
  readonly error: string;
}

export type Verdict = Difference | Failure;

export interface Lab {
  /** By name: 'direct', … */
  readonly engines: Readonly<Record<string, Engine>>;
}

/** Beyond the bound by this factor a value is wrong: what the first-order analysis leaves out is far less. */
const SLACK = 2;

/** How near to its bound the worst value of a program came: for the tests of the fuzzer itself. */
export interface Sharpness {
  worst: number;
}

/** Every comparison of a program; null where all agree. */
export async function check(
  program: Program,
  { engines }: Lab,
  sharpness?: Sharpness,
): Promise<Verdict | null> {
  const exact = interpret(program);
  const { trained } = exact.steps[0];
  for (const [name, engine] of Object.entries(engines)) {
    const run = (options: object) => runProgram(program, engine, { trained, ...options });
    try {
      const found = await run({});
      const far = outside(program, exact, found, name, sharpness);
      if (far) return far;
      if (name !== BITS) continue;
      const differs =
        bits(program, found, await run({ everything: true }), `${name}, all tensors returned`) ??
        (program.steps > 1 ? await repeated(program, run, name) : null);
      if (differs) return differs;
    } catch (error) {
      return {
        configuration: name,
        error: error instanceof Error ? (error.stack ?? error.message) : String(error),
      };
    }
  }
  return null;
}

/** The engine on which other ways to run the same program are compared bit for bit. */
const BITS = 'direct';

/** Enough that several share a submit. */
const MANY = 9;

/** Calls and one `repeat`, which groups them as the device is fast. */
async function repeated(
  program: Program,
  run: (options: object) => Promise<Found>,
  name: string,
): Promise<Difference | null> {
  const calls = await run({ steps: MANY });
  return bits(program, calls, await run({ steps: MANY, repeat: true }), `${name}, repeat(${MANY})`);
}

function outside(
  program: Program,
  exact: Interpretation,
  found: Found,
  configuration: string,
  sharpness?: Sharpness,
): Difference | null {
  const { returned, wrt } = program;
  for (const [step, results] of found.steps.entries()) {
    const { values, gradients } = exact.steps[step];
    for (const [i, data] of results.entries()) {
      const isGradient = i >= returned.length;
      const node = isGradient ? wrt[i - returned.length] : returned[i];
      const wanted = isGradient ? gradients[i - returned.length] : values[node]!;
      const what = `${isGradient ? 'gradient of ' : ''}v${node} in step ${step + 1}`;
      const far = farthest(data, wanted, sharpness);
      if (far) return { configuration, what, node, ...far };
    }
  }
  for (const [node, data] of found.states) {
    const far = farthest(data, exact.states.get(node)!, sharpness);
    if (far) return { configuration, what: `v${node} at the end`, node, ...far };
  }
  return null;
}

type Place = Pick<Difference, 'at' | 'found' | 'wanted' | 'bound'>;

/** The element that is farthest out of its bound, if any is. */
function farthest(
  data: ArrayLike<number>,
  { data: wanted, error }: Bounded,
  sharpness?: Sharpness,
): Place | null {
  if (data.length !== wanted.length) return { at: -1, found: data.length, wanted: wanted.length, bound: 0 };
  let worst = 1;
  let place: Place | null = null;
  for (let i = 0; i < data.length; i++) {
    const bound = SLACK * error[i] + 1e-30;
    const ratio = Math.abs(data[i] - wanted[i]) / bound;
    if (sharpness && ratio > sharpness.worst) sharpness.worst = ratio;
    // NaN is not within any bound.
    if (ratio <= worst) continue;
    worst = Number.isNaN(ratio) ? Infinity : ratio;
    place = { at: i, found: data[i], wanted: wanted[i], bound };
  }
  return place;
}

/** Results of the last step and states at the end, of which every bit counts. */
function bits(program: Program, a: Found, b: Found, configuration: string): Difference | null {
  const last = (found: Found) => [...found.steps.at(-1)!, ...found.states.values()];
  const nodes = [...program.returned, ...program.wrt, ...a.states.keys()];
  const others = last(b);
  for (const [i, data] of last(a).entries()) {
    const [u, v] = [data, others[i]].map((x) => new Uint32Array(x.buffer, x.byteOffset, x.length));
    const at = u.findIndex((word, j) => word !== v[j]);
    if (at < 0) continue;
    const what = `v${nodes[i]} at the end, bit for bit`;
    return { configuration, what, node: nodes[i], at, found: others[i][at], wanted: data[at], bound: 0 };
  }
  return null;
}
