// The search of the tests of queues, and what its trials come to: functions of the settings alone.

import { createHash } from 'node:crypto';
import type { Trained, Training } from '../../src/runs/training';
import { halvingCells } from '../../src/search/halving';
import type { Search } from '../../src/search/search';

export const SETUP = { budget: 'small', seed: 5 } as const;

/** `dropout` is how many milliseconds a step takes. */
export const searchOf = (trials: number, steps: number, ms: number): Search => ({
  name: 'stub',
  base: {
    task: 'stub',
    model: 'stub',
    seed: 5,
    steps,
    batch: 1,
    learningRate: 1e-2,
    dropout: ms,
  } as Partial<Training> as Training,
  space: { learningRate: { kind: 'log factor', from: 1 / 4, to: 4 } },
  trials,
  seed: 5,
});

interface State {
  readonly step: number;
  readonly value: string;
}

/** A step goes on from what the one before has left: one that is made twice or not at all is seen in the end. */
export const advance = ({ step, value }: State): State => ({
  step: step + 1,
  value: createHash('sha256').update(`${value} ${step}`).digest('hex'),
});

export const valueOf = ({ value }: State, settings: object): number =>
  Number.parseInt(value.slice(0, 12), 16) / 2 ** 48 + Number((settings as Training).learningRate);

/** What the search comes to in one process. */
export function expected(search: Search): ReadonlyMap<string, number> {
  const results = new Map<string, Trained>();
  for (;;) {
    const cell = halvingCells(search, results).find(({ id }) => !results.has(id));
    if (!cell) return new Map([...results].map(([id, { valid }]) => [id, valid!]));
    let state: State = { step: 0, value: cell.id };
    while (state.step < cell.settings.steps!) state = advance(state);
    const valid = valueOf(state, cell.settings);
    results.set(cell.id, { metric: 'loss', valid, test: null, parameters: 1, step: state.step, curve: [] });
  }
}
