// What parameters must satisfy after every update: a projection that is recorded behind the update, in the same step.

import { callerLine, fail, hereStack } from '../graph/check';
import { copyDispatch } from '../graph/copy';
import { defineOp } from '../graph/op';
import { scope } from '../graph/tape';
import type { Parameter } from '../graph/state';
import type { Shape } from '../graph/shape';
import type { Tensor } from '../graph/tensor';

/** A set that parameters are projected onto after every update. */
export interface Constraint {
  /** Under which a profile shows its kernels. */
  readonly name: string;
  /** Whom it constrains; all of one optimizer. */
  readonly parameters: readonly Parameter[];
  /** Records the nearest (or some) allowed values, in the order and the shapes of `parameters`. */
  project(values: readonly Tensor[]): readonly Tensor[];
}

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

/** `values` is what the flat buffer holds after an update; gives the writes that make it meet the constraints. */
export function constrained(values: Tensor, constraints: readonly Constraint[]): Tensor[] {
  const writes: Tensor[] = [];
  const put = (x: Tensor, { home }: Parameter) =>
    writes.push(putOp({ flat: writes.at(-1) ?? values, x }, { offset: home!.offset }).after);
  const one = ({ home, shape }: Parameter) => takeOp({ flat: values }, { offset: home!.offset, shape }).y;
  for (const constraint of constraints) {
    const { name, parameters } = constraint;
    scope(name, () => constraint.project(parameters.map(one)).forEach((x, i) => put(x, parameters[i])));
  }
  return writes;
}

/** Each constrained parameter belongs to the optimizer, and to one constraint. */
export function checkConstraints(constraints: readonly Constraint[], list: readonly Parameter[]): void {
  const all = constraints.flatMap(({ parameters }) => parameters);
  const refuse = (what: string, fix: string) =>
    fail(`optimizer: ${what}.`, { at: callerLine(hereStack()), fix });
  const stranger = all.find((parameter) => !list.includes(parameter));
  if (stranger) {
    refuse(
      `a constraint is on ${stranger.name}, which is not among the parameters`,
      'give the optimizer both.',
    );
  }
  const twice = all.find((parameter, i) => all.indexOf(parameter) !== i);
  if (twice) refuse(`two constraints are on ${twice.name}`, 'give each parameter one.');
}
