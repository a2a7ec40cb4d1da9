// Elementwise calls in a row become one launch: a value that one call makes and only the next one reads never leaves
// the registers. Each op says in its own room which step of chain.wgsl it is; what cannot be a step ends the chain.

import { inOrderOfCreation } from '../graph/gradient';
import { apply, defineSpec } from '../graph/op';
import {
  MOST_PAIRS,
  OPERANDS,
  kernelOf,
  launchSteps,
  stepLine,
  stepParams,
  type Steps,
} from '../graph/steps';
import type { Kernel } from '../graph/kernel';
import type { Call, Link, Tensor } from '../graph/tensor';

/** More gain little, and each takes some time to compile. */
const MOST_STEPS = 128;

interface Chain {
  readonly calls: Call[];
  /** The file that all steps so far are in; a step beyond fewSteps.wgsl makes it chain.wgsl, which has those too. */
  kernel?: Kernel;
  /** Its lines. */
  readonly steps: string[];
  readonly start: Tensor;
  readonly operands: Tensor[];
  readonly pairs: (readonly [number, number])[];
  /** The key and the params of the one step that has its own. */
  own?: NonNullable<Link['own']> & { readonly tensor: Tensor };
}

interface ChainAttrs extends Steps {
  readonly flops: number;
}

const spec = defineSpec<'x' | (typeof OPERANDS)[number] | 'key', 'y', ChainAttrs>({
  name: 'chain',
  inputs: { x: '...', a: '...', b: '...', c: '...', key: '2' },
  outputs: { y: '...' },
  optional: ['a', 'b', 'c', 'key'],
  integers: ['key'],
  dispatch: (t, _d, attrs) => launchSteps(t, attrs),
  flops: (_t, _d, { flops }) => flops,
});

/** The calls, with every chain of them as one call where its last one stood. */
export function joinChains(
  calls: readonly Call[],
  effects: readonly Call[],
  outputs: readonly Tensor[],
): Call[] {
  const readers = new Map<Tensor, (Call | null)[]>();
  const note = (x: Tensor, reader: Call | null) => {
    const all = readers.get(x);
    if (all) all.push(reader);
    else readers.set(x, [reader]);
  };
  for (const call of calls) Object.values(call.inputs).forEach((x) => note(x, call));
  // Null: somebody who takes no chain.
  for (const call of effects) Object.values(call.inputs).forEach((x) => note(x, null));
  outputs.forEach((x) => note(x, null));

  const gone = new Set<Call>();
  const kept: Call[] = [];
  for (const call of calls) {
    if (gone.has(call)) continue;
    const chain = startOf(call);
    for (let last: Call | null = chain && call; last;) {
      const [y] = Object.values(last.outputs);
      const [reader = null, ...others]: (Call | null)[] = readers.get(y) ?? [];
      const next = others.length || !reader || gone.has(reader) ? null : reader;
      last = next && extend(chain!, next, y) ? next : null;
      if (last) gone.add(last);
    }
    kept.push(chain && chain.calls.length > 1 ? join(chain) : call);
  }
  return inOrderOfCreation(kept);
}

function startOf(call: Call): Chain | null {
  for (const start of Object.values(call.inputs)) {
    const chain: Chain = { calls: [], steps: [], start, operands: [], pairs: [] };
    if (extend(chain, call, start)) return chain;
  }
  return null;
}

/** Takes `call`, which reads x, the value so far, into the chain if that is possible. */
function extend(chain: Chain, call: Call, x: Tensor): boolean {
  const through = Object.keys(call.inputs).find((name) => call.inputs[name] === x)!;
  const link = chain.steps.length < MOST_STEPS && call.op.link?.(through, call.attrs);
  if (!link) return false;
  const kernel = link.kernel ?? chain.kernel ?? kernelOf(link);
  if (!kernel.reflection.code.includes(`fn ${link.does}(`)) return false;
  const operand = link.operand === undefined ? null : call.inputs[link.operand];
  const like = ({ shape }: Tensor) => shape.join() === chain.start.shape.join();
  if (!Object.values(call.outputs).every(like) || (operand && !like(operand))) return false;
  const at = operand ? placeIn(chain.operands, operand, OPERANDS.length) : 0;
  if (at < 0 || (link.pair && chain.pairs.length === MOST_PAIRS) || (link.own && chain.own)) return false;
  chain.kernel = kernel;
  chain.calls.push(call);
  chain.steps.push(stepLine(link, at, chain.pairs.length));
  if (link.pair) chain.pairs.push(link.pair);
  if (link.own) chain.own = { ...link.own, tensor: call.inputs[link.own.key] };
  return true;
}

/** Where `x` is in the list, or is now; -1 where there is no room. */
function placeIn(list: Tensor[], x: Tensor, most: number): number {
  const at = list.indexOf(x);
  if (at >= 0) return at;
  return list.length < most ? list.push(x) - 1 : -1;
}

function join({ calls, kernel, steps, start, operands, pairs, own }: Chain): Call {
  const inputs: Record<string, Tensor> = { x: start };
  operands.forEach((operand, i) => (inputs[OPERANDS[i]] = operand));
  if (own) inputs.key = own.tensor;
  const flops = calls.reduce(
    (sum, { op, attrs, dims, ...call }) =>
      sum + (op.flops?.({ ...call.inputs, ...call.outputs }, dims, attrs) ?? 0),
    0,
  );
  const params = stepParams(pairs, own);
  const attrs: ChainAttrs = { kernel: kernel!, steps, operands: operands.length, params, flops };
  const last = calls.at(-1)!;
  const made = apply({ ...spec, name: nameOf(calls) }, inputs, { ...attrs }, last.stack);
  return { ...made, scope: last.scope, outputs: { y: Object.values(last.outputs)[0] } };
}

/** `add·relu`, `add×32`; of a long chain the beginning. */
function nameOf(calls: readonly Call[]): string {
  const runs: { name: string; times: number }[] = [];
  for (const { op } of calls) {
    const run = runs.at(-1);
    if (run?.name === op.name) run.times++;
    else runs.push({ name: op.name, times: 1 });
  }
  const names = runs.map(({ name, times }) => (times > 1 ? `${name}×${times}` : name));
  return names.length > 4 ? [...names.slice(0, 3), '…'].join('·') : names.join('·');
}
