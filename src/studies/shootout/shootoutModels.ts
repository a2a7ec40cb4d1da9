// Who takes part in study `shootout`: models of both kinds, on every task all with as many parameters, the same batches
// and the same number of them.

import { canRead, modelCalled, type ModelSpec, type Models } from '../../models/modelSpec';
import type { Shape } from '../../tasks/contest';
import { widthNear } from '../equalSize';
import { arenasOf, extentOf, sizeOf, type Arena } from './shootoutArenas';
import type { Budget, Setup } from '../../runs/study';
import { optionsOf, type Tables } from '../../runs/tables';
import type { Training } from '../../runs/training';

/** The family of a model. */
export type Kind = ModelSpec['family'];

/** A model of the contest, free or kept stable. */
export interface Contestant {
  readonly id: string;
  readonly title: string;
  readonly kind: Kind;
  readonly model: string;
  /** λ of a model that is kept stable. */
  readonly stable?: number;
}

const LAMBDA = 0.99;

/** The models of a table, recurrent ones in front, the simplest first; and those that can be kept stable, stable. */
export function contestantsOf(models: Models): Contestant[] {
  const recurrent = models.filter(({ family }) => family === 'recurrent').reverse();
  const others = models.filter(({ family }) => family !== 'recurrent');
  return [...recurrent, ...others].flatMap(({ name, title, family: kind, options }): Contestant[] => {
    const free = { id: name, title, kind, model: name };
    if (!('stable' in options)) return [free];
    return [free, { ...free, id: `${name}-stable`, title: `stable ${title}`, stable: LAMBDA }];
  });
}

/** A model on a task. */
export interface Entry {
  /** `text/lstm` */
  readonly id: string;
  readonly arena: Arena;
  readonly contestant: Contestant;
}

/** Every model on every task whose sequences it reads; of one study alone, where it is given. */
export const entriesOf = (tables: Tables, setup?: Setup): Entry[] =>
  arenasOf(tables, setup).flatMap((arena) =>
    contestantsOf(tables.models.filter((model) => takesPart(model, arena))).map((contestant) => ({
      id: `${arena.name}/${contestant.id}`,
      arena,
      contestant,
    })),
  );

const takesPart = (model: ModelSpec, { spec, models }: Arena): boolean =>
  canRead(model, spec.reads) && (models?.includes(model.name) ?? true);

/** The name of the cell of an entry at a learning rate. */
export const cellId = ({ id }: Entry, rate: number): string => `${id}/${rate}`;

/** What the contest says of a model; otherwise what the model starts with everywhere, with two rates. */
function shapeOf({ arena, contestant }: Entry, { models }: Tables): Shape<Record<never, never>> {
  const { [contestant.model]: chosen } = arena.shapes;
  if (chosen) return chosen;
  const model = modelCalled(contestant.model, models);
  const known = optionsOf({ task: arena.spec, model });
  const { hidden: _width, learningRate = RATE, ...start } = model.start;
  const own = Object.fromEntries(Object.entries(start).filter(([name]) => name in known));
  const rate = Number(learningRate);
  return { ...own, rates: { small: [rate], medium: [rate, rate / 2], full: [rate, rate / 2, rate / 4] } };
}

/** The learning rate of a model that says none. */
const RATE = 5e-3;

/** The learning rates that are in question for an entry. */
export const ratesOf = (entry: Entry, budget: Budget, tables: Tables): readonly number[] =>
  shapeOf(entry, tables).rates[budget];

/** Widths are multiples of this, which wastes less of the kernels' tiles. */
const STEP = 2;

/** The training of an entry at one of its rates, as wide as its size asks for. */
export function trainingOf(
  entry: Entry,
  { budget, seed }: Setup,
  learningRate: number,
  tables: Tables,
): Training {
  const { arena, contestant } = entry;
  const { model, stable } = contestant;
  const { rates: _, ...shape } = shapeOf(entry, tables);
  const {
    parameters,
    columns,
    pilot: _pilot,
    ties: _ties,
    seeds: _seeds,
    ...length
  } = extentOf(arena, budget);
  const { task } = arena;
  const settings = { ...arena.base, ...shape, ...length, task, model, stable, seed, learningRate };
  const { widened = (width: number) => ({ hidden: width }) } = modelCalled(model, tables.models);
  const at = (width: number) => ({ ...settings, ...widened(width, columns) }) as Training;
  const key = `${entry.id} ${parameters}`;
  let width = widths.get(key);
  if (width === undefined) {
    const size = (w: number) => sizeOf(arena, { ...at(w), steps: 1, evaluateEvery: 1 }, tables);
    width = widthNear(parameters, size, STEP);
    widths.set(key, width);
  }
  return at(width);
}

/** Looked for once: it takes models to find one. */
const widths = new Map<string, number>();
