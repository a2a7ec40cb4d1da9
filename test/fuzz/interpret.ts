// A program in bounded doubles: values, gradients and optimizer, step by step, with the error that f32 may have.

import {
  type Bounded,
  divide,
  exactly,
  filled,
  gradients,
  map,
  minus,
  multiply,
  plus,
  times,
} from './bounded';
import { clampTo, curves, sum } from './functions';
import {
  isLeaf,
  leafOf,
  leafValues,
  type Moment,
  type Node,
  type OptimizerSpec,
  type Program,
} from './program';
import { ROOMS } from './rooms';

/** What a step gives. */
export interface StepValues {
  /** The value of every node; an effect without a result has none. */
  readonly values: readonly (Bounded | undefined)[];
  /** Gradients of `wrt`. */
  readonly gradients: readonly Bounded[];
  /** Parameters that the loss reaches: those of the optimizer. */
  readonly trained: readonly number[];
}

export interface Interpretation {
  readonly steps: readonly StepValues[];
  /** States and parameters after the last step, by node. */
  readonly states: ReadonlyMap<number, Bounded>;
}

export const SEED = 7;

/** Whether a recording of the program is one for training. */
export const isTraining = (program: Pick<Program, 'optimizer' | 'nodes'>): boolean =>
  program.optimizer !== undefined || program.nodes.some(({ op }) => op === 'dropout');

export function interpret(program: Program): Interpretation {
  const states = new Map<number, Bounded>();
  program.nodes.forEach((node, i) => {
    if (node.op === 'state' || node.op === 'parameter') states.set(i, leafValue(node));
  });
  const optimizer = program.optimizer && new ExactOptimizer(program.optimizer);
  const steps: StepValues[] = [];
  for (let step = 0; step < program.steps; step++) {
    const run = new Run(program.nodes, states, isTraining(program), step);
    steps.push(finishStep(program, run, states, optimizer));
  }
  return { steps, states };
}

function finishStep(
  program: Program,
  run: Run,
  states: Map<number, Bounded>,
  optimizer: ExactOptimizer | undefined,
): StepValues {
  const { nodes, loss, wrt } = program;
  nodes.forEach((_, i) => run.add(i));
  const { values } = run;
  const found = loss === undefined ? new Map<Bounded, Bounded>() : gradients(values[loss]!, filled([], 1));
  const gradientOf = (i: number): Bounded => {
    const d = found.get(values[i]!);
    if (!d) throw new Error(`the loss does not depend on ${i}`);
    return d;
  };
  const asked = wrt.map(gradientOf);
  const trained = optimizer ? trainedOf(program, (i) => found.has(values[i]!)) : [];
  const updated = optimizer?.update(
    trained.map((i) => values[i]!),
    trained.map(gradientOf),
  );
  for (const [state, value] of run.written) states.set(state, fresh(value));
  trained.forEach((i, at) => states.set(i, fresh(updated![at])));
  return { values, gradients: asked, trained };
}

/** Parameters that the loss reaches: those of the optimizer. */
export const trainedOf = ({ nodes }: Pick<Program, 'nodes'>, reached: (i: number) => boolean): number[] =>
  [...nodes.keys()].filter((i) => nodes[i].op === 'parameter' && reached(i));

/** A value of the step before: its past is over. */
function fresh({ shape, data, error }: Bounded): Bounded {
  const y = exactly(shape, data);
  y.error.set(error);
  return y;
}

const leafValue = (node: Node): Bounded => exactly(leafOf(node).shape, leafValues(leafOf(node)));

/** One step, node by node; a generator goes on as it adds nodes. */
export class Run {
  readonly values: (Bounded | undefined)[] = [];
  /** What effects have written, by state. */
  readonly written = new Map<number, Bounded>();
  private readonly results = new Map<string, unknown>();
  private draws = 0;

  constructor(
    private readonly nodes: readonly Node[],
    private readonly states: ReadonlyMap<number, Bounded>,
    private readonly training: boolean,
    private readonly step: number,
  ) {}

  /** Computes node i, whose inputs are there; throws where they do not fit. */
  add(i: number): Bounded | undefined {
    const node = this.nodes[i];
    if (isLeaf(node)) return (this.values[i] = this.states.get(i) ?? leafValue(node));
    const room = ROOMS[node.op];
    const inputs = node.inputs.map((input) => this.values[input]!);
    if (inputs.some((x) => x === undefined)) throw new Error('an effect has no value');
    if (room.fits && !room.fits(inputs, node.options)) throw new Error(`${node.op} is ill conditioned here`);
    const all = this.resultsOf(node, inputs);
    const named = all as Readonly<Record<string, Bounded>>;
    const value = node.result ? named[node.result] : 'data' in all ? (all as Bounded) : undefined;
    if (room.writes) this.written.set(node.inputs[0], named.after);
    return (this.values[i] = value);
  }

  /** Takes node i back. */
  drop(i: number): void {
    const node = this.nodes[i];
    if (!isLeaf(node)) {
      if (ROOMS[node.op].writes) this.written.delete(node.inputs[0]);
      this.results.delete(keyOf(node));
    }
    this.values.length = i;
  }

  get drawn(): number {
    return this.draws;
  }

  set drawn(count: number) {
    this.draws = count;
  }

  /** Several results of equal calls are of one call. */
  private resultsOf(node: Node, inputs: readonly Bounded[]): object {
    const key = keyOf(node);
    const known = this.results.get(key);
    if (node.result && known) return known as object;
    const moment: Moment = { training: this.training, key: [SEED, this.step], draw: () => this.draws++ };
    const all = ROOMS[node.op].exact(inputs, node.options, moment);
    if (node.result) this.results.set(key, all);
    return all;
  }
}

export const keyOf = ({ op, inputs, options }: Node): string => JSON.stringify([op, inputs, options]);

/** torch.optim's updates, in bounded doubles. */
class ExactOptimizer {
  private readonly moments: { first: Bounded; second: Bounded }[] = [];
  private steps = 0;

  constructor(private readonly spec: OptimizerSpec) {}

  update(parameters: readonly Bounded[], given: readonly Bounded[]): Bounded[] {
    this.steps++;
    const clip = Number(this.spec.options.clipNorm ?? 0);
    const clipped = clip ? this.clip(given, clip) : given;
    return parameters.map((p, i) => {
      const zero = filled(p.shape, 0);
      const { first, second } = (this.moments[i] ??= { first: zero, second: zero });
      const after = this.one(p, clipped[i], first, second, i);
      const { bound } = this.spec;
      return bound && i === 0 ? map(after, clampTo(-bound, bound)) : after;
    });
  }

  /** All gradients times min(1, clipNorm / norm). */
  private clip(given: readonly Bounded[], clip: number): Bounded[] {
    const squares = given.map((g) => sum(multiply(g, g))).reduce(plus);
    const norm = times(map(squares, curves.sqrt), 1, 1e-6);
    const factor = map(divide(exactly([], [clip]), norm), { of: (x) => Math.min(1, x) });
    const whole = ({ shape }: Bounded) => {
      const y = filled(shape, factor.data[0]);
      y.error.fill(factor.error[0]);
      return y;
    };
    return given.map((g) => multiply(g, whole(g)));
  }

  private one(p: Bounded, g: Bounded, first: Bounded, second: Bounded, i: number): Bounded {
    const number = (name: string, otherwise: number) => Number(this.spec.options[name] ?? otherwise);
    const rate = number('learningRate', 0);
    const { kind } = this.spec;
    const decay = number('weightDecay', kind === 'AdamW' ? 0.01 : 0);
    const d = decay && kind !== 'AdamW' ? plus(g, times(p, decay)) : g;
    if (kind === 'SGD') {
      const momentum = number('momentum', 0);
      const velocity = plus(times(first, momentum), d);
      this.moments[i] = { first: velocity, second };
      return minus(
        p,
        times(this.spec.options.nesterov ? plus(d, times(velocity, momentum)) : velocity, rate),
      );
    }
    const epsilon = number('epsilon', 1e-8);
    const [b1, b2] = kind === 'RMSprop' ? [0, number('alpha', 0.99)] : [0.9, 0.999];
    const squares = plus(times(second, b2), times(multiply(d, d), 1 - b2));
    const root = map(squares, curves.sqrt);
    if (kind === 'RMSprop') {
      const velocity = plus(times(first, number('momentum', 0)), divide(d, times(root, 1, epsilon)));
      this.moments[i] = { first: velocity, second: squares };
      return minus(p, times(velocity, rate));
    }
    const mean = plus(times(first, b1), times(d, 1 - b1));
    this.moments[i] = { first: mean, second: squares };
    const scaled = times(root, 1 / Math.sqrt(1 - b2 ** this.steps), epsilon);
    const moved = times(divide(mean, scaled), rate / (1 - b1 ** this.steps));
    return minus(kind === 'AdamW' ? times(p, 1 - rate * decay) : p, moved);
  }
}
