// What all optimizers share. Their parameters, the gradients of these and each moment live in one flat buffer
// each, so that an update, like a norm, is a launch or two however many tensors a model has.

import { check, shapeText, shown } from '../graph/check';
import { gradient } from '../graph/gradient';
import { dispose, type Destroyable } from '../graph/dispose';
import { checked, listOf, notNegative, type Rules } from '../graph/options';
import { effect, isTraining, recording, type Tape } from '../graph/tape';
import { Flat, State, type Parameter } from '../graph/state';
import { Tensor } from '../graph/tensor';
import type { Constraint } from './constraint';
import { gradientNorm } from './gradientNorm';
import { pack } from './pack';
import type { Group, UpdateAttrs } from './updateLaunch';
import { LARGEST, SQUARABLE, updateGuard } from './updateGuard';

/** The options that all optimizers have. */
export interface OptimizerOptions {
  /** May be changed between steps, e.g. by a schedule. */
  readonly learningRate: number;
  /** Scales all gradients down so that their global norm is at most this (Pascanu et al. 2013). 0: never. */
  readonly clipNorm?: number;
  /**
   * Which parameters `weightDecay` is taken of, in place of PyTorch's parameter groups; default: all. E.g. matrices,
   * but no biases and no gains of norms: `({ shape }) => shape.length > 1`.
   */
  readonly decays?: (parameter: Parameter) => boolean;
  /** What the parameters must satisfy after every update: see spectralNorm, gateNorms, Constraint. */
  readonly constraints?: readonly Constraint[];
}

/** The rules of OptimizerOptions, see graph/options. */
export const OPTIMIZER_RULES: Rules<OptimizerOptions> = {
  learningRate: notNegative,
  clipNorm: notNegative,
  decays: (value) => typeof value === 'function' || 'a function of a parameter',
  constraints: listOf(
    (value) =>
      typeof (value as Constraint | null)?.writes === 'function' ||
      'what spectralNorm, gateNorms or new Constraint(…) made',
  ),
};

/** What optimizers share: flat buffers, clipping, the guard against gradients that are not finite, constraints. */
export abstract class Optimizer implements Destroyable {
  private rate: number;
  readonly clipNorm: number;
  readonly constraints: readonly Constraint[];
  /** Updates so far, with those that the device skipped: see `skips`. */
  steps = 0;
  /**
   * How many updates were skipped, because the norm of their gradients was NaN or infinite (or, where an update squares
   * gradients that nothing clips, above 1.8e19), and which was the first, counted as `steps` does; [2], u32. They left
   * parameters and moments as they were, and do not count in Adam's bias corrections.
   * To know it, every update reads the gradients once more, clipped or not.
   */
  readonly skips = new State([2], 'zeros', 'skipped updates', 'u32');
  /** All parameters, in one buffer. */
  readonly flat: Flat;
  /** ∂loss/∂parameters of the last step, laid out like `flat`. */
  readonly gradients: State;
  /** The parameters in their order in `flat`, those that decay and those that do not. */
  private readonly groups: readonly Group[];
  /** What the host decides per step, as numbers the update kernel reads. */
  private readonly hyper: Tensor;
  /** The update under way, counted from 1. */
  private readonly attempt: Tensor;
  /** The recording that holds its latest update. */
  private recorded: Tape | undefined;

  protected constructor(
    parameters: Iterable<Parameter>,
    { learningRate, clipNorm = 0, decays = () => true, constraints = [] }: OptimizerOptions,
    hyperSize: number,
  ) {
    const list = Symbol.iterator in Object(parameters) ? [...new Set(parameters)] : [];
    check(
      list.length,
      `optimizer: there are no parameters in ${shown(parameters)}`,
      'pass model.parameters()',
    );
    const flat = checkParameters(list);
    constraints.forEach((one, i) => one.check(list, constraints.slice(0, i)));
    this.rate = learningRate;
    this.clipNorm = clipNorm;
    const others = new Set(list.filter((parameter) => !decays(parameter)));
    this.flat = flat ?? new Flat(list, 'parameters', others);
    this.groups = groupsOf(this.flat, others);
    free.delete(this.flat);
    this.constraints = constraints;
    this.gradients = new State([this.flat.size], 'zeros', 'gradients');
    const next = () => [this.steps + 1];
    this.attempt = new Tensor([1], 'u32', { kind: 'feed', values: next, advance: () => undefined });
    const values = () => this.hyperparameters(this.steps + 1);
    this.hyper = new Tensor([hyperSize], 'f32', { kind: 'feed', values, advance: () => this.steps++ });
  }

  /** The rate of the steps to come. */
  get learningRate(): number {
    return this.rate;
  }

  set learningRate(rate: number) {
    checked('optimizer', { learningRate: rate }, { learningRate: notNegative }, 'learningRate');
    this.rate = rate;
  }

  /** States besides the parameters, each laid out like `flat`: what a checkpoint must hold. */
  abstract readonly moments: Readonly<Record<string, State>>;

  /** The numbers of an update, counted from 1. */
  protected abstract hyperparameters(step: number): number[];

  /** Records the update itself; gives the parameters after it, which take the place of `flat`. */
  protected abstract update(gradients: Tensor, go: Tensor, hyper: Tensor): Tensor;

  /** What its op is told. */
  protected get attrs(): UpdateAttrs {
    return { clip: this.clipNorm > 0, groups: this.groups };
  }

  /** The β of its bias corrections: see updateGuard. */
  protected get corrected(): readonly [number, number] {
    return [0, 0];
  }

  /**
   * Records backward pass, clipping and update for a loss of one number, and gives the loss back.
   * Only inside `engine.train`.
   */
  minimize(loss: Tensor): Tensor {
    return this.minimizeWithNorm(loss).loss;
  }

  /** The same, with the global norm of the gradients before clipping, [1]. */
  minimizeWithNorm(loss: Tensor): { loss: Tensor; norm: Tensor } {
    refuseOutsideTraining();
    return { loss, norm: this.apply(gradient(loss, this.flat.members)) };
  }

  /**
   * Records clipping and update for gradients from elsewhere, one for each parameter in their order, and gives
   * their global norm before clipping, [1]. Only inside `engine.train`. `then`: what is made of them before, of all in
   * one flat tensor.
   */
  apply(gradients: readonly Tensor[], then = (flat: Tensor): Tensor => flat): Tensor {
    refuseOutsideTraining();
    this.refuseTwice();
    const { members } = this.flat;
    const shapes = (list: readonly Tensor[]) => list.map(({ shape }) => shapeText(shape)).join(' ');
    const [given, wanted] = [shapes(gradients), shapes(members)];
    check(given === wanted, `optimizer: the gradients are ${given}, the parameters ${wanted}`);
    const g = then(pack(this.gradients, gradients, members));
    const norm = gradientNorm(g);
    const { go, skipsAfter } = updateGuard(norm, this.attempt, this.skips, {
      betas: this.corrected,
      most: this.squares && (this.clipNorm || Infinity) > SQUARABLE ? SQUARABLE : LARGEST,
    });
    effect(skipsAfter, 'minimize');
    const updated = this.update(g, go, this.hyper);
    const writes = [updated];
    for (const one of this.constraints) writes.push(...one.writes(updated, writes.at(-1)!));
    for (const write of writes) effect(write, 'minimize');
    this.recorded = recording();
    return norm;
  }

  private refuseTwice(): void {
    const problem = `${this.constructor.name}: this step has updated its parameters already`;
    const fix = 'minimize the sum of the losses, or give each loss its own optimizer';
    check(recording() !== this.recorded, problem, fix);
  }

  /**
   * Records the constraints alone, e.g. on initial values, which satisfy them only by chance:
   * `engine.record(() => optimizer.project())()`.
   */
  project(): void {
    for (const one of this.constraints) one.assign();
  }

  /** Frees gradients and moments; the parameters are the model's, and another optimizer may take all of them. */
  destroy(): void {
    free.add(this.flat);
    for (const state of [this.gradients, this.skips, ...Object.values(this.moments)]) state.destroy();
  }

  [dispose](): void {
    this.destroy();
  }

  /** Whether its update squares the gradients. */
  protected get squares(): boolean {
    return false;
  }

  protected moment(name: string): State {
    return new State([this.flat.size], 'zeros', name);
  }
}

function refuseOutsideTraining(): void {
  const fix = 'use engine.train(…) instead of engine.record(…)';
  check(isTraining(), 'minimize: this recording is not for training', fix);
}

/** The members of a flat buffer in runs; `others` do not decay. */
function groupsOf({ members, size }: Flat, others: ReadonlySet<State>): Group[] {
  const groups: Group[] = [];
  let end = size;
  for (const one of [...members].sort((a, b) => b.home!.offset - a.home!.offset)) {
    const { offset } = one.home!;
    const decays = !others.has(one);
    const behind = groups[0]?.decays === decays ? groups.shift()!.size : 0;
    groups.unshift({ offset, size: end - offset + behind, decays });
    end = offset;
  }
  return groups;
}

/** What held the parameters of optimizers that were destroyed: another may take it. */
const free = new WeakSet<Flat>();

/** The buffer that holds them already, if one does. */
function checkParameters(list: readonly Parameter[]): Flat | undefined {
  const taken = list.find(({ home }) => home && !free.has(home.flat));
  const problem = `optimizer: ${taken?.name} already belongs to another optimizer`;
  check(!taken, problem, 'give a parameter to one optimizer, or destroy the other one first');
  const flat = list.find(({ home }) => home)?.home?.flat;
  if (!flat) return undefined;
  const { members } = flat;
  check(
    members.length === list.length && members.every((one, i) => one === list[i]),
    `optimizer: these ${list.length} parameters lie in one buffer with the ${members.length} of a destroyed optimizer`,
    'give all, in the same order, or build the model anew',
  );
  return flat;
}
