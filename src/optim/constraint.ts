// What parameters must satisfy after every update: a projection that is recorded behind the update, in the same step.
// Optimizers know of it only what a constraint does, so a page without constraints downloads none of this.

import { assign } from '../graph/assign';
import { callerLine, fail, hereStack } from '../graph/check';
import { copyDispatch } from '../graph/copy';
import { defineOp } from '../graph/op';
import { scope } from '../graph/tape';
import type { Parameter } from '../graph/state';
import type { Shape } from '../graph/shape';
import type { Tensor } from '../graph/tensor';

/** A member of a flat buffer as a tensor: a copy, because its place is about to be written. */
const takeOp = defineOp<'flat', 'y', { offset: number; shape: Shape }>({
  name: 'take',
  inputs: { flat: 'N' },
  outputs: { y: '*' },
  shape: (_shapes, { shape }) => ({ y: shape }),
  dispatch: ({ flat, y }, _d, { offset }) => copyDispatch({ tensor: flat, offset, size: y.size }, y),
});

const putOp = defineOp<'flat' | 'x', 'after', { offset: number }>({
  name: 'put',
  inputs: { flat: 'N', x: '*' },
  outputs: { after: 'N' },
  inPlace: { after: 'flat' },
  dispatch: ({ x, after }, _d, { offset }) => copyDispatch(x, { tensor: after, offset, size: x.size }),
});

/** A set that parameters are projected onto after every update. */
export class Constraint {
  constructor(
    /** Under which a profile shows its kernels. */
    readonly name: string,
    /** Whom it constrains; all of one optimizer. */
    readonly parameters: readonly Parameter[],
    /** Records the nearest (or some) allowed values, in the order and the shapes of `parameters`. */
    readonly project: (values: readonly Tensor[]) => readonly Tensor[],
  ) {}

  /** Refuses parameters that are not among those of its optimizer, and those that a constraint `before` it is on. */
  check(optimized: readonly Parameter[], before: readonly Constraint[]): void {
    const refuse = (what: string, fix: string) =>
      fail(`optimizer: ${what}.`, { at: callerLine(hereStack()), fix });
    const stranger = this.parameters.find((parameter) => !optimized.includes(parameter));
    if (stranger) {
      refuse(
        `a constraint is on ${stranger.name}, which is not among the parameters`,
        'give the optimizer both.',
      );
    }
    const taken = before.flatMap(({ parameters }) => parameters);
    const twice = this.parameters.find((one, i) => taken.concat(this.parameters.slice(0, i)).includes(one));
    if (twice) refuse(`two constraints are on ${twice.name}`, 'give each parameter one.');
  }

  /**
   * The writes, one behind the other, that make the flat buffer of all parameters meet it: `updated` is what it holds
   * after the update, `last` the same after the writes of other constraints.
   */
  writes(updated: Tensor, last: Tensor): Tensor[] {
    const { name, parameters } = this;
    const one = ({ home, shape }: Parameter) => takeOp({ flat: updated }, { offset: home!.offset, shape }).y;
    return scope(name, () =>
      this.project(parameters.map(one)).map((x, i) => {
        last = putOp({ flat: last, x }, { offset: parameters[i].home!.offset }).after;
        return last;
      }),
    );
  }

  /** Records the projection alone, of the values that there are. */
  assign(): void {
    const { parameters } = this;
    this.project(parameters).forEach((value, i) => assign(parameters[i], value));
  }
}
