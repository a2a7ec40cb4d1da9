// A program as the text of one that anybody can run: the library's own API, the values of the leaves, and the
// difference that it shows.

import { isTraining, keyOf, SEED } from './interpret';
import type { Verdict } from './compare';
import { isLeaf, leafOf, type Node, type Program } from './program';
import { ROOMS } from './rooms';
import { cells } from './rooms/recurrent';

/** How an engine of the lab is opened; see engines.ts. */
export type EngineOptions = Readonly<Record<string, object>>;

const UNIFORM = `
// size numbers from low up to high, the same everywhere.
function fill(seed, size, low, high) {
  let state = (seed * 2654435761 + 12345) >>> 0;
  return Float32Array.from({ length: size }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return low + ((Math.fround((state >>> 8) / 2 ** 23 - 1) + 1) / 2) * (high - low);
  });
}
const whole = (seed, size, below) => Uint32Array.from(fill(seed, size, 0, below), (v) => Math.min(v, below - 1));`;

const name = (i: number): string => `v${i}`;

/** The program, and what differs, if anything does, as a comment. */
export function print(program: Program, verdict: Verdict | null, options: EngineOptions): string {
  const { nodes } = program;
  const [engine] = verdict?.configuration.split(',') ?? ['direct'];
  const args = [...nodes.keys()].filter((i) => nodes[i].op === 'argument');
  const leaves = [...nodes.keys()].filter((i) => isLeaf(nodes[i]) && nodes[i].op !== 'argument');
  const lines = [
    ...(verdict ? [`// ${explain(verdict).replaceAll('\n', '\n// ')}`] : []),
    `import { ${importsOf(program).join(', ')} } from 'seqgpu';`,
    UNIFORM,
    '',
    `const engine = await open(${JSON.stringify(options[engine] ?? {})});`,
    ...(usesDropout(program) ? [`const generator = new Generator(${SEED});`] : []),
    ...leaves.map((i) => `const ${name(i)} = ${leafText(nodes[i])};`),
    ...optimizerText(program),
    `const step = engine.${isTraining(program) ? 'train' : 'record'}((${args.map(name).join(', ')}) => {`,
    ...bodyText(program).map((line) => `  ${line}`),
    '});',
    callText(program, args),
  ];
  return lines.join('\n');
}

/** One line, or an error's text, on what went wrong. */
export function explain(verdict: Verdict): string {
  if ('error' in verdict) return `${verdict.configuration}: ${verdict.error}`;
  const { configuration, what, at, found, wanted, bound } = verdict;
  const within = bound ? `, and rounding explains ${bound.toExponential(1)}` : '';
  return `${configuration}: ${what}: element ${at} is ${found} instead of ${wanted}${within}`;
}

const usesDropout = ({ nodes }: Program): boolean => nodes.some(({ op }) => op === 'dropout');

function importsOf({ nodes, optimizer, loss, wrt }: Program): string[] {
  const names = new Set(['open', 'array']);
  for (const { op, options } of nodes) {
    if (op === 'argument') continue;
    if (op in cells && (options.lengths || options.reverse)) names.add('sequences');
    if (op === 'recompute') ['add', 'matmul', 'mul', 'sigmoid', 'tanh'].forEach((name) => names.add(name));
    names.add(op === 'state' ? 'State' : op === 'parameter' ? 'Parameter' : op);
  }
  if (nodes.some(({ op }) => op === 'dropout')) names.add('Generator');
  if (optimizer) names.add('optim');
  if (optimizer?.bound) names.add('clamp');
  if (loss !== undefined && wrt.length) names.add('gradient');
  return [...names].sort();
}

const shapeText = (shape: readonly number[]): string => `[${shape.join(', ')}]`;

function valuesText(node: Node): string {
  const { shape, seed, low, high, whole } = leafOf(node);
  const size = shape.reduce((product, n) => product * n, 1);
  if (!whole) return `fill(${seed}, ${size}, ${low}, ${high})`;
  return `whole(${seed}, ${size}, ${high})${low ? `.map((n) => Math.max(n, ${low}))` : ''}`;
}

function leafText(node: Node): string {
  const { shape, whole } = leafOf(node);
  const values = valuesText(node);
  if (node.op === 'constant') return `constant(${shapeText(shape)}, ${values})`;
  const type = whole ? ", 'state', 'u32'" : '';
  return `new ${node.op === 'state' ? 'State' : 'Parameter'}(${shapeText(shape)}, () => ${values}${type})`;
}

function optimizerText({ optimizer, nodes }: Program): string[] {
  if (!optimizer) return [];
  const { kind, options, bound } = optimizer;
  const parameters = [...nodes.keys()].filter((i) => nodes[i].op === 'parameter').map(name);
  const constraint = bound
    ? `, constraints: [new optim.Constraint('bound', [${parameters[0]}], ([w]) => [clamp(w, -${bound}, ${bound})])]`
    : '';
  const text = JSON.stringify(options).slice(0, -1);
  return [`const optimizer = new optim.${kind}([${parameters.join(', ')}], ${text}${constraint} });`];
}

function bodyText({ nodes, returned, wrt, loss, optimizer }: Program): string[] {
  const lines: string[] = [];
  const calls = new Map<string, string>();
  for (const [i, node] of nodes.entries()) {
    if (isLeaf(node)) continue;
    const text = ROOMS[node.op].text(node.inputs.map(name), node.options);
    if (!node.result) lines.push(`const ${name(i)} = ${text};`);
    else {
      const key = keyOf(node);
      const all = calls.get(key) ?? `r${i}`;
      if (!calls.has(key)) lines.push(`const ${all} = ${text};`);
      calls.set(key, all);
      lines.push(`const ${name(i)} = ${resultText(node, all)};`);
    }
  }
  const results = returned.map(name);
  if (loss !== undefined && wrt.length) {
    lines.push(`const gradients = gradient(${name(loss)}, [${wrt.map(name).join(', ')}]);`);
    results.push('...gradients');
  }
  if (optimizer) lines.push(`optimizer.minimize(${name(loss!)});`);
  return [...lines, `return [${results.join(', ')}];`];
}

/** Recurrent layers give objects, everything else its only result. */
const resultText = ({ op, result }: Node, all: string): string =>
  ['rnn', 'gru', 'lstm'].includes(op) ? `${all}.${result}` : all;

function callText({ nodes, steps }: Program, args: readonly number[]): string {
  const given = args.map((i) => `array(${shapeText(leafOf(nodes[i]).shape)}, ${valuesText(nodes[i])})`);
  const call = `step(${given.join(', ')})`;
  const print = `console.log(await Promise.all(${call}.map((reading) => reading.read())));`;
  return steps > 1 ? `for (let i = 0; i < ${steps}; i++) ${print}` : print;
}
