// From a program that shows a difference to a small one that shows one on the same engine: fewer results, fewer nodes,
// smaller extents. What no longer can be computed, or no longer differs, is not taken.

import { interpret } from './interpret';
import type { Bounded } from './bounded';
import { isLeaf, leafOf, type Node, type Program } from './program';

/** Whether a smaller program still shows it. */
type StillFails = (program: Program) => Promise<boolean>;

/** How many candidates are tried at most, and for how long: each is a few launches and, often, a kernel or two. */
const MOST_TRIES = 400;
const MOST_MS = 60_000;

export async function shrink(program: Program, fails: StillFails): Promise<Program> {
  let best = program;
  let tries = 0;
  const end = performance.now() + MOST_MS;
  const over = () => tries >= MOST_TRIES || performance.now() > end;
  const better = async (candidate: Program | null): Promise<boolean> => {
    if (!candidate || over() || !canBeComputed(candidate)) return false;
    // What changes nothing would be taken again and again.
    if (JSON.stringify(candidate) === JSON.stringify(best)) return false;
    tries++;
    if (!(await fails(candidate))) return false;
    best = candidate;
    return true;
  };
  for (let smaller = true; smaller && !over();) {
    smaller = false;
    for (const candidates of [simpler, withoutNodes, withSmallerExtents]) {
      // After every success the candidates are made anew: places have moved.
      for (let found = true; found && !over();) {
        found = false;
        for (const candidate of candidates(best)) {
          if (!(await better(candidate))) continue;
          found = smaller = true;
          break;
        }
      }
    }
  }
  return best;
}

/** Fewer results, gradients and steps; no optimizer. */
function* simpler(program: Program): Generator<Program> {
  const { returned, wrt, optimizer, steps } = program;
  if (optimizer)
    yield pruned({ ...program, optimizer: undefined, loss: wrt.length ? program.loss : undefined });
  if (wrt.length) yield pruned({ ...program, wrt: [], loss: optimizer ? program.loss : undefined });
  if (steps > 1) yield { ...program, steps: steps - 1 };
  if (returned.length > 1) {
    for (const one of returned) yield pruned({ ...program, returned: [one] });
    for (const one of returned) yield pruned({ ...program, returned: returned.filter((i) => i !== one) });
  }
  if (returned.length === 1) {
    for (const input of program.nodes[returned[0]].inputs) yield pruned({ ...program, returned: [input] });
  }
  if (wrt.length > 1) for (const one of wrt) yield pruned({ ...program, wrt: [one] });
  if (optimizer && Object.keys(optimizer.options).length > 1) {
    const { learningRate, epsilon } = optimizer.options;
    yield { ...program, optimizer: { kind: optimizer.kind, options: { learningRate, epsilon } } };
  }
  if (optimizer?.bound) yield { ...program, optimizer: { ...optimizer, bound: undefined } };
}

/** A node becomes one of its inputs, or a leaf of its own; effects go, and inputs that may. */
function* withoutNodes(program: Program): Generator<Program | null> {
  const { nodes } = program;
  const values = shapesOf(program);
  for (const i of [...nodes.keys()].reverse()) {
    const node = nodes[i];
    if (isLeaf(node)) {
      if (node.op !== 'argument' && !isWritten(program, i))
        yield withNode(program, i, { ...node, op: 'argument' });
      continue;
    }
    for (const input of node.inputs) {
      if (values[i] && values[input]?.shape.join() === values[i].shape.join())
        yield redirected(program, i, input);
    }
    if (!program.returned.includes(i)) yield removed(program, i);
    const value = values[i];
    const range = value && { low: Math.min(...value.data), high: Math.max(...value.data) };
    if (range && program.loss !== i && !isWhole(value)) {
      const options = { shape: value.shape, seed: i + 1, ...range };
      yield withNode(program, i, { op: 'argument', inputs: [], options });
    }
  }
}

/** One extent, wherever it occurs, becomes a smaller one. */
function* withSmallerExtents(program: Program): Generator<Program> {
  const extents = new Set(program.nodes.flatMap((node) => (isLeaf(node) ? leafOf(node).shape : [])));
  for (const extent of [...extents].sort((a, b) => b - a)) {
    for (const less of [1, 2, 3, 4, 5, 8, 9, 16, 17, 33, 64, 65]) {
      if (less < extent) yield resized(program, extent, less);
    }
  }
}

/** Only a state can be written. */
const isWritten = ({ nodes }: Program, i: number): boolean =>
  nodes.some(({ op, inputs }) => EFFECTS.has(op) && inputs[0] === i);

const isWhole = (value: Bounded): boolean => value.data.every((v) => Number.isInteger(v));

function shapesOf(program: Program): readonly (Bounded | undefined)[] {
  return interpret(program).steps[0].values;
}

const canBeComputed = (program: Program): boolean => {
  try {
    const { steps } = interpret(program);
    return program.returned.every((i) => steps[0].values[i] !== undefined);
  } catch {
    return false;
  }
};

const withNode = (program: Program, i: number, node: Node): Program =>
  pruned({ ...program, nodes: program.nodes.map((old, at) => (at === i ? node : old)) });

/** Every use of i is one of `other`, a node before it. */
function redirected(program: Program, i: number, other: number): Program {
  const to = (x: number) => (x === i ? other : x);
  return pruned({
    ...program,
    nodes: program.nodes.map((node) => ({ ...node, inputs: node.inputs.map(to) })),
    returned: program.returned.map(to),
    loss: program.loss === undefined ? undefined : to(program.loss),
  });
}

/** Without node i, if nobody uses it. */
function removed(program: Program, i: number): Program | null {
  if (program.loss === i || program.nodes.some(({ inputs }) => inputs.includes(i))) return null;
  return pruned(without(program, new Set([i])));
}

function resized(program: Program, extent: number, less: number): Program {
  const resize = (value: unknown) =>
    Array.isArray(value) ? value.map((n) => (n === extent ? less : n)) : value === extent ? less : value;
  const nodes = program.nodes.map((node) => {
    const { options } = node;
    const sized = Object.entries(options).map(([name, value]) => [
      name,
      ['shape', 'end'].includes(name)
        ? resize(value)
        : name === 'high' && options.whole
          ? resize(value)
          : value,
    ]);
    return { ...node, options: Object.fromEntries(sized) };
  });
  return { ...program, nodes };
}

/** Without what neither a result, nor the loss, nor an effect needs. */
function pruned(program: Program): Program {
  const { nodes, returned, loss, wrt } = program;
  const needed = new Set<number>();
  const open = [...returned, ...wrt, ...(loss === undefined ? [] : [loss])];
  for (const [i, node] of nodes.entries()) if (!isLeaf(node) && EFFECTS.has(node.op)) open.push(i);
  for (let i = open.pop(); i !== undefined; i = open.pop()) {
    if (needed.has(i)) continue;
    needed.add(i);
    open.push(...nodes[i].inputs);
  }
  return without(program, new Set([...nodes.keys()].filter((i) => !needed.has(i))));
}

const EFFECTS = new Set(['assign', 'writeAt', 'advance', 'causalConvStep']);

function without(program: Program, gone: ReadonlySet<number>): Program {
  const places = new Map<number, number>();
  for (const i of program.nodes.keys()) if (!gone.has(i)) places.set(i, places.size);
  const to = (i: number) => places.get(i)!;
  return {
    ...program,
    nodes: program.nodes
      .filter((_, i) => !gone.has(i))
      .map((node) => ({ ...node, inputs: node.inputs.map(to) })),
    returned: program.returned.map(to),
    wrt: program.wrt.map(to),
    loss: program.loss === undefined ? undefined : to(program.loss),
  };
}
