// A program on an engine: recorded by the library's public functions, called step by step, and read back.

import * as seqgpu from '../../src/index';
import { callsBehind } from '../../src/graph/gradient';
import type { Place } from '../../src/plan/memory';
import type { Plan } from '../../src/plan/plan';
import { SEED, isTraining, keyOf } from './interpret';
import {
  isLeaf,
  leafOf,
  leafValues,
  type Node,
  type OptimizerSpec,
  type Program,
  type Recording,
} from './program';
import { ROOMS } from './rooms';

type Numbers = Float32Array | Uint32Array;

/** What came back: the results of every step, and states and parameters at the end. */
export interface Found {
  readonly steps: readonly (readonly Numbers[])[];
  readonly states: ReadonlyMap<number, Numbers>;
}

export interface BuildOptions {
  /** Returns every tensor that the plan keeps anyway, so that none shares its memory; see `everyTensor`. */
  readonly everything?: boolean;
  /** Steps to be taken in place of the program's own. */
  readonly steps?: number;
  /** One call of `repeat` in place of many calls: only the last step's results are there. */
  readonly repeat?: boolean;
  /** Parameters that the loss reaches. */
  readonly trained: readonly number[];
}

/** States, parameters and optimizer of one copy of a program: they live on one engine. */
class Model {
  readonly leaves: readonly (seqgpu.Tensor | null)[];
  readonly args: readonly seqgpu.Argument[];
  readonly optimizer?: seqgpu.optim.Optimizer;
  private readonly generator = new seqgpu.Generator(SEED);

  constructor(
    readonly program: Program,
    readonly trained: readonly number[],
  ) {
    this.leaves = program.nodes.map(leafTensor);
    this.args = program.nodes.flatMap((node) => (node.op === 'argument' ? [argumentOf(node)] : []));
    const parameters = trained.map((i) => this.leaves[i] as seqgpu.Parameter);
    this.optimizer = program.optimizer && optimizerOf(program.optimizer, parameters);
  }

  /** Every value of the graph, recorded anew; an effect without a result has none. */
  record(given: readonly seqgpu.Tensor[]): (seqgpu.Tensor | undefined)[] {
    const values: (seqgpu.Tensor | undefined)[] = [];
    const results = new Map<string, object>();
    const recording: Recording = {
      dropout: (x, rate, spatial) => seqgpu.dropout(x, { rate, spatial, generator: this.generator }),
    };
    let next = 0;
    for (const [i, node] of this.program.nodes.entries()) {
      if (node.op === 'argument') values.push(given[next++]);
      else if (isLeaf(node)) values.push(this.leaves[i]!);
      else values.push(use(node, values, results, recording));
    }
    return values;
  }

  /** What the step returns: values, then gradients. */
  readonly body = (...given: seqgpu.Tensor[]): seqgpu.Tensor[] => {
    const values = this.record(given);
    const { loss, wrt, returned } = this.program;
    const grads =
      loss === undefined || !wrt.length
        ? []
        : seqgpu.gradient(
            values[loss]!,
            wrt.map((i) => values[i]!),
          );
    if (this.optimizer) this.optimizer.minimize(values[loss!]!);
    return [...returned.map((i) => values[i]!), ...grads];
  };
}

function use(
  node: Node,
  values: readonly (seqgpu.Tensor | undefined)[],
  results: Map<string, object>,
  recording: Recording,
): seqgpu.Tensor | undefined {
  const key = keyOf(node);
  const inputs = node.inputs.map((input) => values[input]!);
  const known = node.result ? results.get(key) : undefined;
  const all = known ?? ROOMS[node.op].build(inputs, node.options, recording);
  if (node.result) results.set(key, all);
  if (all instanceof seqgpu.Tensor) return all;
  return (all as Readonly<Record<string, seqgpu.Tensor>>)[node.result ?? 'after'];
}

function leafTensor(node: Node): seqgpu.Tensor | null {
  if (!isLeaf(node) || node.op === 'argument') return null;
  const leaf = leafOf(node);
  const values = leafValues(leaf);
  if (node.op === 'constant') return seqgpu.constant(leaf.shape, values);
  if (node.op === 'parameter') return new seqgpu.Parameter(leaf.shape, () => values);
  return new seqgpu.State(leaf.shape, () => values, 'state', leaf.whole ? 'u32' : 'f32');
}

const argumentOf = (node: Node): seqgpu.Argument =>
  seqgpu.array(leafOf(node).shape, leafValues(leafOf(node)));

const { SGD, Adam, AdamW, RMSprop } = seqgpu.optim;
const CLASSES = { SGD, Adam, AdamW, RMSprop };

function optimizerOf({ kind, options, bound }: OptimizerSpec, parameters: readonly seqgpu.Parameter[]) {
  const constraints = bound
    ? [new seqgpu.optim.Constraint('bound', [parameters[0]], ([w]) => [seqgpu.clamp(w, -bound, bound)])]
    : [];
  const learningRate = Number(options.learningRate);
  return new CLASSES[kind](parameters, { ...options, learningRate, constraints });
}

/** Runs a program on an engine and reads everything. */
export async function runProgram(
  program: Program,
  engine: seqgpu.Engine,
  options: BuildOptions,
): Promise<Found> {
  const model = new Model(program, options.trained);
  const body = options.everything ? everyTensor(program, model, engine, options) : model.body;
  const make = isTraining(program) ? 'train' : 'record';
  const step: seqgpu.Step<readonly seqgpu.Tensor[]> = engine[make](body);
  const count = program.returned.length + program.wrt.length;
  const reads: Promise<Numbers[]>[] = [];
  try {
    const { steps = program.steps, repeat = false } = options;
    for (let call = 0; call < (repeat ? 1 : steps); call++) {
      const readings = repeat ? await seqgpu.repeatStep(step, steps, ...model.args) : step(...model.args);
      reads.push(Promise.all(readings.slice(0, count).map((reading) => reading.read())));
    }
    const states = await Promise.all(
      [...program.nodes.keys()]
        .filter((i) => ['state', 'parameter'].includes(program.nodes[i].op))
        .map(async (i) => [i, await engine.read(model.leaves[i] as seqgpu.State)] as const),
    );
    return { steps: await Promise.all(reads), states: new Map(states) };
  } finally {
    await Promise.allSettled(reads);
    step.destroy();
  }
}

/**
 * A body that returns, behind the program's own results, every tensor that is in memory anyway. The launches are the
 * same, on the same numbers, but no tensor shares its memory with another: what differs, even in one bit, is a fault of
 * lifetimes. A first recording says which tensors are in memory; a second one makes the same calls in the same order.
 */
function everyTensor(program: Program, model: Model, engine: seqgpu.Engine, options: BuildOptions) {
  const first = new Model(program, options.trained);
  let recorded: readonly seqgpu.Tensor[] = [];
  const step = engine[isTraining(program) ? 'train' : 'record']((...given: seqgpu.Tensor[]) => {
    const results = first.body(...given);
    recorded = tensorsBehind(results);
    return results;
  });
  const plan = step.plan(...first.args);
  const made = writtenBy(plan);
  const places = [...recorded.keys()].filter((i) => made.has(recorded[i]));
  step.destroy();
  return (...given: seqgpu.Tensor[]): seqgpu.Tensor[] => {
    const results = model.body(...given);
    const all = tensorsBehind(results);
    return [...results, ...places.map((i) => all[i])];
  };
}

/** Results that a launch of their own call writes: not those that are there for another family of kernels. */
function writtenBy({ dispatches, memory }: Plan): ReadonlySet<seqgpu.Tensor> {
  const key = ({ home, offset }: Place) => `${home.kind === 'slot' ? home.slot : 'elsewhere'}+${offset}`;
  const all = new Set<seqgpu.Tensor>();
  for (const { call, bindings } of dispatches) {
    const written = new Set(bindings.filter(({ writes }) => writes).map(({ place }) => key(place)));
    for (const y of Object.values(call.outputs)) {
      if (y.size && written.has(key(memory.place(y)))) all.add(y);
    }
  }
  return all;
}

const tensorsBehind = (results: readonly seqgpu.Tensor[]): seqgpu.Tensor[] =>
  callsBehind(results).flatMap(({ outputs }) => Object.values(outputs));
