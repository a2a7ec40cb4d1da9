// Who takes part in study `shootout`: models of both kinds, on every task all with as many parameters, the same batches
// and the same number of them.

import type { ModelName } from '../../nn/bodies';
import type { Recipe } from '../../tasks/recipe';
import { sizeByWidth, widthNear } from '../equalSize';
import { ARENAS, type Arena } from './shootoutArenas';
import type { Budget, Plan } from '../../runs/study';
import type { Training } from '../../runs/training';

export type Kind = 'recurrent' | 'feed-forward';

export interface Contestant {
  readonly id: string;
  readonly title: string;
  readonly kind: Kind;
  readonly model: ModelName;
  /** λ of a model that is kept stable. */
  readonly stable?: number;
}

export const CONTESTANTS: readonly Contestant[] = [
  { id: 'rnn', title: 'RNN', kind: 'recurrent', model: 'rnn' },
  { id: 'rnn-stable', title: 'stable RNN', kind: 'recurrent', model: 'rnn', stable: 0.99 },
  { id: 'gru', title: 'GRU', kind: 'recurrent', model: 'gru' },
  { id: 'lstm', title: 'LSTM', kind: 'recurrent', model: 'lstm' },
  { id: 'lstm-stable', title: 'stable LSTM', kind: 'recurrent', model: 'lstm', stable: 0.99 },
  { id: 'tcn', title: 'TCN', kind: 'feed-forward', model: 'tcn' },
  { id: 'gcnn', title: 'GCNN', kind: 'feed-forward', model: 'gcnn' },
  { id: 'wavenet', title: 'WaveNet', kind: 'feed-forward', model: 'wavenet' },
  { id: 'transformer', title: 'Transformer', kind: 'feed-forward', model: 'transformer' },
];

/** A model on a task. */
export interface Entry {
  /** `text/lstm` */
  readonly id: string;
  readonly arena: Arena;
  readonly contestant: Contestant;
}

export const ENTRIES: readonly Entry[] = Object.entries(ARENAS).flatMap(([name, arena]) =>
  CONTESTANTS.filter(({ model }) => arena.shapes[model]).map((contestant) => ({
    ...{ id: `${name}/${contestant.id}`, arena, contestant },
  })),
);

export const cellId = ({ id }: Entry, rate: number): string => `${id}/${rate}`;

/** The learning rates that an entry is trained with. */
export const ratesOf = ({ arena, contestant }: Entry, budget: Budget): readonly number[] =>
  arena.shapes[contestant.model]!.rates[budget];

/** Widths are multiples of this, which wastes less of the kernels' tiles. */
const STEP = 2;

/** The training of an entry at one of its rates, as wide as its size asks for. */
export function trainingOf(entry: Entry, { budget, seed }: Plan, learningRate: number): Training {
  const { arena, contestant } = entry;
  const { model, stable } = contestant;
  const { rates: _, ...shape } = arena.shapes[model]!;
  const { parameters, columns, ...length } = arena.sizes[budget];
  const settings = {
    ...arena.base,
    ...shape,
    ...length,
    task: arena.task,
    model,
    stable,
    seed,
    learningRate,
  };
  const widened = (width: number) => {
    const own = model === 'transformer' ? { hidden: columns, feedForward: width } : { hidden: width };
    return { ...settings, ...own } as Training;
  };
  const key = `${entry.id} ${parameters}`;
  let width = widths.get(key);
  if (width === undefined) {
    const sizeAt = sizeByWidth((w) => arena.sizeOf(widened(w) as unknown as Recipe));
    width = widthNear(parameters, sizeAt, STEP);
    widths.set(key, width);
  }
  return widened(width);
}

/** Looked for once: it takes models to find one. */
const widths = new Map<string, number>();
