// The cells of study `stability`: a search for the settings of the unconstrained model, the trainings with those, and
// what counting on the same texts predicts.

import { rungs } from '../../search/halving';
import type { Search } from '../../search/search';
import { searchCells, winner } from '../../search/searchCells';
import { spaceOf } from '../../search/spaces';
import { baselinesOf, type BaselineResult, type BaselineSettings } from '../baselines';
import { SYSTEMS, type System, type Variant } from './stabilitySystems';
import type { Cell, Setup, Proof, Results } from '../../runs/study';
import type { Trained, Training } from '../../runs/training';

/** A training, with what the weights prove that were best on validation; nothing of one that diverged. */
export interface ProvedTraining extends Trained {
  readonly proof?: Proof;
}

/** What a cell of the study is made with. */
export type StabilitySettings = Training | BaselineSettings;
/** What a cell of the study comes to. */
export type StabilityResult = ProvedTraining | BaselineResult;

/** A trained model of the table: of a system, in one of its variants, with one of the seeds. */
export interface Final {
  readonly variant: Variant;
  readonly cell: Cell<Training>;
}

/** The search for the settings of a system at a budget. */
export const searchOf = (system: System, { budget, seed }: Setup): Search => {
  const base = { ...system.base, ...system.budgets[budget]!.length, seed };
  return { name: system.name, base, space: spaceOf(base), trials: system.budgets[budget]!.trials, seed };
};

/** The systems that take part at a budget. */
export const systemsOf = ({ budget }: Setup): System[] => SYSTEMS.filter(({ budgets }) => budgets[budget]);

/** The trainings among the results. */
export const trainingsIn = (results: Results<StabilityResult>): Results<ProvedTraining> =>
  new Map([...results].flatMap(([id, result]) => ('baselines' in result ? [] : [[id, result]])));

/** How many seeds each variant of a system is trained from. */
const seedsOf = ({ budgets }: System, { budget, seeds = budgets[budget]!.seeds }: Setup): number => seeds;

/** Known once the search is finished. The winner of the search is the unconstrained model of the first seed. */
export function finals(system: System, setup: Setup, results: Results<Trained>): Final[] {
  const best = winner(searchOf(system, setup), results);
  if (!best) return [];
  return Array.from({ length: seedsOf(system, setup) }, (_, i): Final[] => {
    const settings = { ...best.settings, seed: setup.seed + i };
    return system.variants.map((variant, v) => {
      if (i === 0 && v === 0) return { variant, cell: best };
      const id = `${system.name}/${variant.name.replaceAll(' ', '-')}/seed-${settings.seed}`;
      return { variant, cell: { id, settings: { ...settings, ...variant.projection } } };
    });
  }).flat();
}

/** The tasks of a budget, in their order. */
export const tasksOf = (setup: Setup): string[] => [
  ...new Set(systemsOf(setup).map(({ base }) => base.task)),
];

/** The name of the cell that counts on a task. */
export const baselineId = (task: string): string => `${task}/baselines`;

function baselineCells(setup: Setup): Cell<BaselineSettings>[] {
  return tasksOf(setup).map((task) => {
    const { base } = systemsOf(setup).find((system) => system.base.task === task)!;
    return { id: baselineId(task), settings: { baselines: baselinesOf(base) } };
  });
}

/** The cells of the study at a budget. */
export function cells(setup: Setup, results: Results<StabilityResult>): Cell<StabilitySettings>[] {
  const trained = trainingsIn(results);
  const trainings = systemsOf(setup).flatMap((system) => {
    const tried = searchCells(searchOf(system, setup), trained).map(({ id, settings }) => ({ id, settings }));
    const known = new Set(tried.map(({ id }) => id));
    const last = finals(system, setup, trained).flatMap(({ cell: { id, settings } }) => ({ id, settings }));
    return [...tried, ...last.filter(({ id }) => !known.has(id))];
  });
  return [...baselineCells(setup), ...trainings];
}

/** How many cells the study has at a budget. */
export const countOf = (setup: Setup): number =>
  systemsOf(setup).reduce((sum, system) => {
    const { trials } = system.budgets[setup.budget]!;
    const searched = rungs(trials).reduce((all, rung) => all + rung.trials, 0);
    return sum + searched + system.variants.length * seedsOf(system, setup) - 1;
  }, tasksOf(setup).length);
