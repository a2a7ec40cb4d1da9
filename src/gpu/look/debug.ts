// What `open({ debug: true })` tells: every plan when it is made, and every run.

import { shapeText } from '../../graph/check';
import type { Plan } from '../../plan/plan';

/** Steps are told apart by the names of their functions, and by a number. */
let steps = 0;

export const stepName = (body: { readonly name: string }): string => `step ${++steps} ${body.name}`.trim();

export function tellPlan(plan: Plan, step: string, log: (line: string) => void): void {
  const given = plan.inputs.map(({ dtype, shape }) => `${dtype} ${shapeText(shape)}`).join(', ');
  log(`${step}: recorded for ${given || 'no arguments'}\n${plan.explain()}`);
}

export function tellRun(
  { dispatches }: Plan,
  step: string,
  before: number,
  last: number,
  log: (line: string) => void,
): void {
  const runs = last - before === 1 ? `run ${last}` : `runs ${before + 1} to ${last}`;
  log(`${step}: ${runs}, ${dispatches.length} launches each`);
}
