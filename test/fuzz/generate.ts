// A random program from a seed. Every node is computed in bounded doubles as it is drawn, and kept only where the
// result is worth a comparison: finite, of a moderate size, and known to f32 precision far better than it is large.

import { type Bounded, gradients, filled, sizeOf } from './bounded';
import { Run, interpret, trainedOf } from './interpret';
import {
  OPTIMIZERS,
  Random,
  isLeaf,
  leafOf,
  type Drawer,
  type LeafKind,
  type Node,
  type OptimizerSpec,
  type Options,
  type Program,
} from './program';
import { ROOMS } from './rooms';
import { elementwise } from './rooms/elementwise';

/** Graphs with neighbouring seeds use the same few extents, so that they share compiled kernels. */
const BLOCK = 250;
const SMALL = [1, 2, 3, 4, 5, 7, 8, 9, 12];
const MIDDLE = [15, 16, 17, 24, 31, 32, 33];
const LARGE = [63, 64, 65, 100, 129, 260];

/** Of a value's elements: most graphs stay small; one in 40 crosses the bounds from which launches are wide. */
const MOST = 6000;
const MOST_WIDE = 100_000;
const WIDE_SHAPES = [[70003], [16, 4096], [257, 260], [65, 1100]];

/** Largest and least sizes of values, and what part of it a bound may be. */
const LARGEST = 300;
const SHARP = 2e-4;

/** Calls that give back their input where they have nothing to do. */
const SAME = ['reshape', 'detach', 'transpose', 'slice', 'shift', 'dropout', 'concat'];

/** What a product may take over. */
const EPILOGUES = ['relu', 'tanh', 'sigmoid', 'add'];

interface Plan {
  readonly random: Random;
  readonly extents: readonly number[];
  readonly wide: boolean;
  readonly training: boolean;
}

export function generate(seed: number): Program {
  for (let attempt = 0; ; attempt++) {
    const program = new Maker(seed, attempt).make();
    if (program) return program;
  }
}

function planOf(seed: number, attempt: number): Plan {
  const block = new Random(Math.floor(seed / BLOCK) * 7919 + 1);
  const extents = [
    block.pick(SMALL),
    block.pick(SMALL),
    block.pick(SMALL),
    block.pick(MIDDLE),
    block.pick(LARGE),
  ];
  const random = new Random(seed * 101 + attempt);
  return { random, extents, wide: random.chance(1 / 40), training: random.chance(0.45) };
}

class Maker implements Drawer {
  readonly random: Random;
  readonly training: boolean;
  private readonly nodes: Node[] = [];
  private readonly plan: Plan;
  private readonly run: Run;
  /** What must not be part of a loss. */
  private readonly blind = new Set<number>();
  /** Leaves whose gradients nobody asks for. */
  private readonly still = new Set<number>();
  /** The value that the next op reads, if it can. */
  private focus: number | null = null;
  private readonly writtenStates = new Set<number>();

  constructor(
    private readonly seed: number,
    attempt: number,
  ) {
    this.plan = planOf(seed, attempt);
    this.random = this.plan.random;
    this.training = this.plan.training;
    this.run = new Run(this.nodes, new Map(), this.training, 0);
  }

  make(): Program | null {
    const { random, wide } = this.plan;
    for (let leaves = 1 + random.below(3); leaves > 0; leaves--) this.leaf(this.shape());
    const wanted = wide ? 3 + random.below(4) : 2 + random.below(random.chance(0.2) ? 30 : 12);
    for (let tries = 0, made = 0; made < wanted && tries < 6 * wanted; tries++) made += Number(this.draw());
    this.countOn();
    const loss = random.chance(0.75) || this.training ? this.lossOf() : undefined;
    return this.finish(loss);
  }

  // What rooms ask for.

  shapeOf = (value: number): readonly number[] => this.exactOf(value).shape;
  exactOf = (value: number): Bounded => this.run.values[value]!;

  extent(most = Infinity): number {
    const fitting = this.plan.extents.filter((n) => n <= most);
    return fitting.length ? this.random.pick(fitting) : 1 + this.random.below(Math.min(most, 4));
  }

  usual<V>(list: readonly V[]): V {
    return new Random(Math.floor(this.seed / BLOCK) * 31 + list.length).pick(list);
  }

  value(fits: (shape: readonly number[]) => boolean = () => true): number | null {
    const able = [...this.nodes.keys()].filter(
      (i) => this.usable(i) && !this.isWhole(i) && fits(this.shapeOf(i)),
    );
    if (!able.length) return null;
    const { focus } = this;
    this.focus = null;
    if (focus !== null && able.includes(focus) && this.random.chance(0.8)) return focus;
    // Of late ones rather: graphs are deep and not wide.
    const late = able.slice(-4);
    return this.random.pick(this.random.chance(0.6) ? late : able);
  }

  whole(shape: readonly number[], below: number): number {
    const able = [...this.nodes.keys()].filter((i) => {
      if (!this.usable(i) || !this.isWhole(i)) return false;
      const x = this.exactOf(i);
      return x.shape.join() === shape.join() && x.data.every((v) => v < below);
    });
    if (able.length && this.random.chance(0.5)) return this.random.pick(able);
    return this.push('argument', shape, 0, below, true);
  }

  leaf(shape: readonly number[], low = -1, high = 1): number {
    const kinds: LeafKind[] = ['argument', 'argument', 'constant', 'state'];
    if (this.training) kinds.push('parameter', 'parameter', 'parameter', 'parameter');
    const kind = this.random.pick(kinds);
    const leaf = this.push(kind, shape, low, high);
    if (kind !== 'parameter' || !this.random.chance(0.12)) return leaf;
    // Two parameters with one gradient.
    return this.must({ op: 'add', inputs: [leaf, this.push(kind, shape, low, high)], options: {} });
  }

  given(shape: readonly number[], low = -1, high?: number): number {
    const leaf = this.push('argument', shape, low, high ?? low + 1, high === undefined);
    this.still.add(leaf);
    return leaf;
  }

  like(shape: readonly number[]): number {
    const found = this.random.chance(0.5) ? this.value((other) => other.join() === shape.join()) : null;
    return found ?? this.leaf(shape);
  }

  state(shape: readonly number[], whole = false): number {
    const able = [...this.nodes.keys()].filter(
      (i) =>
        this.nodes[i].op === 'state' &&
        !this.writtenStates.has(i) &&
        this.isWhole(i) === whole &&
        this.shapeOf(i).join() === shape.join(),
    );
    if (able.length && this.random.chance(0.6)) return this.random.pick(able);
    return this.push('state', shape, whole ? 0 : -1, whole ? 50 : 1, whole);
  }

  private shape(): readonly number[] {
    if (this.plan.wide) return this.random.pick(WIDE_SHAPES);
    const rank = this.random.pick([1, 2, 2, 2, 3, 3, 3, 4]);
    const shape = Array.from({ length: rank }, () => this.extent());
    // The last axes of what would be too large: extents that are all large have no other.
    while (sizeOf(shape) > MOST / 2) shape.shift();
    return shape;
  }

  private push(op: LeafKind, shape: readonly number[], low: number, high: number, whole?: boolean): number {
    if (sizeOf(shape) > MOST_WIDE) throw new Error('too large');
    const seed = this.nodes.length + 1;
    const options: Options = { shape, seed, low, high, ...(whole && { whole }) };
    this.nodes.push({ op, inputs: [], options });
    this.run.add(this.nodes.length - 1);
    return this.nodes.length - 1;
  }

  private readonly usable = (i: number): boolean => this.run.values[i] !== undefined;

  private isWhole(i: number): boolean {
    const node = this.nodes[i];
    if (isLeaf(node)) return leafOf(node).whole ?? false;
    // Views move bits and do not care what they mean: they stay with f32 here.
    return ROOMS[node.op].whole ?? false;
  }

  /** One more op, if one is found that fits. */
  private draw(): boolean {
    const before = this.nodes.length;
    const op = this.pickOp();
    this.look(op);
    const room = ROOMS[op];
    try {
      const drawn = room.draw(this);
      if (drawn && this.accept({ op, ...drawn })) return true;
    } catch {
      // A leaf would be too large.
    }
    this.takeBack(before);
    return false;
  }

  /** What planners join is drawn in a row, and now and then what was just read is read again: then they must not. */
  private look(op: string): void {
    const last = this.nodes.length - 1;
    const { inputs } = this.nodes[last];
    const again = inputs.length > 0 && this.random.chance(0.25);
    this.focus = again ? inputs[0] : op in elementwise || this.random.chance(0.3) ? last : null;
  }

  private pickOp(): string {
    const last = this.nodes.at(-1)!.op;
    if (last in elementwise && this.random.chance(0.5)) return this.random.pick(Object.keys(elementwise));
    if ((last === 'matmul' || last === 'causalConv') && this.random.chance(0.5))
      return this.random.pick(EPILOGUES);
    const all = Object.entries(ROOMS);
    let at = this.random.next() * all.reduce((sum, [, { often }]) => sum + often, 0);
    return (all.find(([, { often }]) => (at -= often) < 0) ?? all[0])[0];
  }

  private accept(node: Node): boolean {
    const room = ROOMS[node.op];
    // An effect may not read what an earlier one has overwritten: none reads a state but the one that it writes.
    if (room.writes && node.inputs.slice(1).some((i) => this.rootIsState(i))) return false;
    const { drawn } = this.run;
    this.nodes.push(node);
    const i = this.nodes.length - 1;
    const most = this.plan.wide ? MOST_WIDE : MOST;
    try {
      const value = this.run.add(i);
      if (!value || (value.size > 0 && value.size <= most && isSharp(value))) {
        if (room.blind || node.inputs.some((x) => this.blind.has(x))) this.blind.add(i);
        if (room.writes) this.writtenStates.add(node.inputs[0]);
        return true;
      }
    } catch {
      // What does not fit is not taken.
    }
    this.run.drawn = drawn;
    return false;
  }

  private takeBack(length: number): void {
    for (let i = this.nodes.length - 1; i >= length; i--) {
      this.still.delete(i);
      this.run.drop(i);
    }
    this.nodes.length = length;
  }

  /** A call's result that is never its input itself: its gradient is its own. */
  private readonly isOwn = (i: number): boolean => !isLeaf(this.nodes[i]) && !SAME.includes(this.nodes[i].op);

  /** Through calls that may give back their input itself. */
  private rootIsState(i: number): boolean {
    const { op, inputs } = this.nodes[i];
    return SAME.includes(op) ? this.rootIsState(inputs[0]) : op === 'state' || op === 'parameter';
  }

  /** Counters go on when the step is over. */
  private countOn(): void {
    for (const i of this.nodes.keys()) {
      const { op, options } = this.nodes[i];
      if (op !== 'argument' || !options.whole || this.shapeOf(i).join() !== '1') continue;
      if (!this.random.chance(0.3) || this.still.has(i)) continue;
      this.nodes[i] = { op: 'state', inputs: [], options };
      this.nodes.push({ op: 'advance', inputs: [i], options: { by: 1 + this.random.below(3) } });
      this.run.add(this.nodes.length - 1);
    }
  }

  /** Some values, each weighted by numbers, or a mean: one number. */
  private lossOf(): number | undefined {
    const able = [...this.nodes.keys()].filter(
      (i) => this.usable(i) && !this.isWhole(i) && !this.blind.has(i) && !isLeaf(this.nodes[i]),
    );
    if (!able.length) return undefined;
    const parts: number[] = [];
    for (let some = 1 + this.random.below(3); some > 0; some--) {
      const x = this.random.chance(0.7)
        ? able.at(-1 - this.random.below(Math.min(3, able.length)))!
        : this.random.pick(able);
      parts.push(this.shapeOf(x).length ? this.weighted(x) : x);
    }
    return parts.reduce((a, b) => this.must({ op: 'add', inputs: [a, b], options: {} }));
  }

  private weighted(x: number): number {
    if (this.random.chance(0.3)) return this.must({ op: 'mean', inputs: [x], options: {} });
    const weights = this.given(this.shapeOf(x), -1, 1);
    const product = this.must({ op: 'mul', inputs: [x, weights], options: {} });
    return this.must({ op: 'sum', inputs: [product], options: {} });
  }

  private must(node: Node): number {
    this.nodes.push(node);
    this.run.add(this.nodes.length - 1);
    return this.nodes.length - 1;
  }

  private finish(loss: number | undefined): Program | null {
    const { random, nodes, seed } = this;
    const reached = this.reached(loss);
    const able = [...nodes.keys()].filter((i) => this.usable(i) && !isLeaf(nodes[i]));
    if (!able.length) return null;
    const returned = [
      ...new Set([able.at(-1)!, ...able.filter(() => random.chance(0.35)), ...(loss ? [loss] : [])]),
    ];
    if (random.chance(0.1)) returned.push(random.below(nodes.length));
    const open = [...nodes.keys()].filter((i) => reached.has(i) && isLeaf(nodes[i]) && !this.still.has(i));
    const trained = trainedOf({ nodes }, (i) => reached.has(i));
    const optimizer = this.training && trained.length ? this.optimizer() : undefined;
    const inner = [...nodes.keys()].filter((i) => reached.has(i) && i !== loss && this.isOwn(i));
    const wrt = [
      ...open.filter(() => random.chance(optimizer ? 0.3 : 0.8)),
      ...inner.filter(() => random.chance(0.12)),
    ];
    const steps = optimizer
      ? 1 + random.below(3)
      : 1 + Number(this.writtenStates.size > 0 || random.chance(0.1));
    const clean = returned.filter((i) => this.usable(i));
    const program = {
      seed,
      nodes,
      returned: clean,
      loss: loss && (wrt.length || optimizer) ? loss : undefined,
      wrt,
      optimizer,
      steps,
    };
    return isWorthIt(program) ? program : null;
  }

  /** What has a gradient of the loss. */
  private reached(loss: number | undefined): ReadonlySet<number> {
    if (loss === undefined) return new Set();
    const found = gradients(this.exactOf(loss), filled([], 1));
    return new Set([...this.nodes.keys()].filter((i) => this.usable(i) && found.has(this.exactOf(i))));
  }

  private optimizer(): OptimizerSpec {
    const { random } = this;
    const kind = random.pick(OPTIMIZERS);
    const options: Record<string, number | boolean> = { learningRate: random.pick([0.1, 0.01]) };
    if (random.chance(0.4)) options.clipNorm = random.pick([0.1, 1]);
    if (random.chance(0.4)) options.weightDecay = 0.1;
    if (kind === 'SGD' && random.chance(0.6))
      Object.assign(options, { momentum: 0.5, nesterov: random.chance(0.5) });
    // An epsilon next to nothing makes signs of gradients, which are what rounding says where they are small.
    if (kind !== 'SGD') options.epsilon = 0.1;
    if (kind === 'RMSprop' && random.chance(0.5)) options.momentum = 0.5;
    return { kind, options, ...(random.chance(0.25) && { bound: 0.25 }) };
  }
}

/** All steps can be computed, and their results are known precisely. */
function isWorthIt(program: Program): boolean {
  try {
    const { steps, states } = interpret(program);
    const results = steps.flatMap(({ values, gradients: all }) => [
      ...program.returned.map((i) => values[i]!),
      ...all,
    ]);
    return [...results, ...states.values()].every(isSharp);
  } catch {
    return false;
  }
}

/** Known exactly; or finite, of moderate size, and with bounds that are small beside the largest value. */
function isSharp({ data, error }: Bounded): boolean {
  let [top, worst] = [0, 0];
  for (let i = 0; i < data.length; i++) {
    if (!Number.isFinite(data[i]) || !Number.isFinite(error[i])) return false;
    top = Math.max(top, Math.abs(data[i]));
    worst = Math.max(worst, error[i]);
  }
  return !worst || (top <= LARGEST && worst <= SHARP * Math.max(top, 1e-3));
}
