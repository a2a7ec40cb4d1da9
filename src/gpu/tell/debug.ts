// What `open({ debug })` tells: every plan when it is made, and every run.

import { shapeText } from '../../graph/check';
import { explainPlan } from '../../plan/explain';
import type { Plan } from '../../plan/plan';

/** Tells what becomes of one step. */
export interface Teller {
  plan(plan: Plan): void;
  /** The runs from the one behind `before` to `last`, counted from 1. */
  runs(plan: Plan, before: number, last: number): void;
}

/** From where the lines go to and the function of a step to what tells it. */
export type Debug = (log: (line: string) => void, body: { readonly name: string }) => Teller;

/** Steps are told apart by the names of their functions, and by a number. */
let steps = 0;

/** For `open({ debug })`: writes every plan when it is made, and every run of a step. */
export const debug: Debug = (log, { name }) => {
  const step = `step ${++steps} ${name}`.trim();
  return {
    plan(plan) {
      const given = plan.inputs.map(({ dtype, shape }) => `${dtype} ${shapeText(shape)}`).join(', ');
      log(`${step}: recorded for ${given || 'no arguments'}\n${explainPlan(plan)}`);
    },
    runs({ dispatches }, before, last) {
      const runs = last - before === 1 ? `run ${last}` : `runs ${before + 1} to ${last}`;
      log(`${step}: ${runs}, ${dispatches.length} launches each`);
    },
  };
};
