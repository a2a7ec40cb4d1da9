// Study `stability`: what an RNN or an LSTM loses when it is made stable. As published, a search finds the settings
// that suit the unconstrained model; then it is trained again with the same settings and the projection on.

import { parallelOf, searchNotes, settingsText } from '../../search/searchFigures';
import { searchCells, searchSize, winner, type Search } from '../../search/search';
import { trainedWords } from '../../search/searchStudy';
import { spaceOf } from '../../search/spaces';
import { stabilityFindings } from './stabilityFindings';
import { SYSTEMS, type System, type Variant } from './stabilitySystems';
import type { Cell, Plan, Results, Study } from '../../runs/study';
import { train, type Trained, type Training } from '../../runs/training';

/** A trained model of the table: of a system, in one of its variants, with one of the seeds. */
export interface Final {
  readonly variant: Variant;
  readonly cell: Cell<Training>;
}

export const searchOf = (system: System, { budget, seed }: Plan): Search => {
  const base = { ...system.base, ...system.budgets[budget]!.length, seed };
  return { name: system.name, base, space: spaceOf(base), trials: system.budgets[budget]!.trials, seed };
};

export const systemsOf = ({ budget }: Plan): System[] => SYSTEMS.filter(({ budgets }) => budgets[budget]);

/** Known once the search is finished. The winner of the search is the unconstrained model of the first seed. */
export function finals(system: System, plan: Plan, results: Results<Trained>): Final[] {
  const best = winner(searchOf(system, plan), results);
  if (!best) return [];
  const { seeds } = system.budgets[plan.budget]!;
  return Array.from({ length: seeds }, (_, i): Final[] => {
    const settings = { ...best.settings, seed: plan.seed + i };
    return system.variants.map((variant, v) => {
      if (i === 0 && v === 0) return { variant, cell: best };
      const id = `${system.name}/${variant.name.replaceAll(' ', '-')}/seed-${settings.seed}`;
      return { variant, cell: { id, settings: { ...settings, ...variant.projection } } };
    });
  }).flat();
}

function cells(plan: Plan, results: Results<Trained>): Cell<Training>[] {
  return systemsOf(plan).flatMap((system) => {
    const tried: Cell<Training>[] = searchCells(searchOf(system, plan), results).map(({ id, settings }) => ({
      id,
      settings,
    }));
    const known = new Set(tried.map(({ id }) => id));
    return [
      ...tried,
      ...finals(system, plan, results).flatMap(({ cell }) => (known.has(cell.id) ? [] : [cell])),
    ];
  });
}

export const stability: Study<Training, Trained> = {
  name: 'stability',
  title: 'What stability costs',
  claim:
    'recurrent models that are made stable, and so are equivalent to feed-forward ones, lose little or nothing',
  source:
    'Miller & Hardt, "Stable Recurrent Models" (arXiv 1805.10369); words: the numbers of the article (2018)',
  tasks: (plan) => [...new Set(systemsOf(plan).map(({ base }) => base.task))],
  cells,
  count: (plan) =>
    systemsOf(plan).reduce((sum, { budgets, variants }) => {
      const { trials, seeds } = budgets[plan.budget]!;
      return sum + searchSize(trials) + variants.length * seeds - 1;
    }, 0),
  run: ({ settings }, context) => train(settings, context),
  words: trainedWords,
  findings(plan, results) {
    const systems = systemsOf(plan);
    const searches = systems.map((system) => searchOf(system, plan));
    const pictures = searches.map((search, i) =>
      parallelOf(search, results, `Search: ${systems[i].title}, unconstrained`),
    );
    const notes = searches.flatMap((search, i) => {
      const best = winner(search, results);
      const chosen = best ? `Chosen: ${settingsText(search, best.settings)}.` : 'No trial came to an end.';
      return [`${systems[i].title}. ${searchNotes(search)[0]} ${chosen}`];
    });
    const found = stabilityFindings(systems, (system) => finals(system, plan, results), results);
    return {
      ...found,
      figures: [...found.figures, ...pictures.filter((picture) => picture !== null)],
      notes: [...found.notes, ...notes],
    };
  },
};
