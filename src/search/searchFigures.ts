// What a search has found, as pictures and words: one line for each trial across all searched settings.

import type { Axis, Parallel, Plot } from '../report/figure';
import { bracketsOf } from './halving';
import { lengthOf, type Search } from './search';
import { sharesOf, type Finished } from './searchCells';
import type { Importance } from '../runs/study';
import type { Training } from '../runs/training';
import type { Range, Value, Values } from '../spec/option';

const valueOf = (training: Values, name: string): Value | undefined => training[name];

/** So many trials have a line. */
const DRAWN = 1000;

/** The trials of `all`, the best first, as lines; null where none has a value to show. */
export function parallelOf(search: Search, all: readonly Finished[], title: string): Parallel | null {
  const valued = all.filter(({ trained }) => trained.valid !== null);
  const trials = valued.slice(0, DRAWN);
  if (!trials.length) return null;
  const ladder = sharesOf(search);
  const names = Object.keys(search.space);
  const axes = names.map((name) => axisOf(name, search, trials));
  const steps = ladder.map((_, rung) => trials.find(({ cell }) => cell.rung === rung)?.trained.step);
  const values = ({ cell, trained }: Finished) => [
    ...names.map((name, i) => {
      const value = valueOf(cell.settings, name);
      return axes[i].categories ? axes[i].categories!.indexOf(String(value)) : Number(value);
    }),
    cell.rung,
    trained.valid!,
  ];
  return {
    kind: 'parallel',
    title,
    caption:
      'A line is a trial; the darker, the longer it was trained. The orange one is the best.' +
      (valued.length > DRAWN ? ` The best ${DRAWN} of ${valued.length} are drawn.` : ''),
    axes: [
      ...axes,
      { name: 'steps', categories: steps.map((step) => (step === undefined ? '–' : String(step))) },
      { name: 'validation' },
    ],
    lines: trials.map((trial, i) => ({
      values: values(trial),
      shade: ladder.length > 1 ? 1 - trial.cell.rung / (ladder.length - 1) : 0,
      best: i === 0,
    })),
  };
}

/** What the settings explain, as bars; nothing where nobody knows. */
export function importanceFigures(importance: readonly Importance[]): Plot[] {
  if (!importance.length) return [];
  const points = (of: 'explained' | 'chance') => importance.map((one, i) => [i, one[of]] as const);
  return [
    {
      kind: 'plot',
      title: 'What the settings explain',
      caption:
        'Of the variance of the ranks on validation, in the first rung, what a setting explains by itself: its ' +
        "first-order (Sobol') index, by Kelley's ε² of classes of equal count. Below the strokes stay 19 of 20 " +
        'settings that do nothing. What settings do together is in none of the bars.',
      x: { name: '', categories: importance.map(({ setting }) => inWords(setting)) },
      y: { name: 'share of variance', min: 0, max: 1 },
      series: [
        { name: 'explained', kind: 'bars', points: points('explained') },
        { name: 'by chance', kind: 'levels', points: points('chance') },
      ],
    },
  ];
}

function axisOf(name: string, { space }: Search, trials: readonly Finished[]): Axis {
  const range = space[name];
  // The base may have a value that is none of the choices.
  const values = [...new Set(trials.map(({ cell }) => valueOf(cell.settings, name)))];
  if (range.kind === 'choice') {
    const all = [...new Set([...range.of, ...values])].sort((a, b) => Number(a) - Number(b));
    return { name: inWords(name), categories: all.map(String) };
  }
  const numbers = values.map(Number);
  const log = range.kind === 'log factor' ? ('log' as const) : ('linear' as const);
  return { name: inWords(name), scale: log, min: Math.min(...numbers), max: Math.max(...numbers) };
}

/** learningRate as `learning rate`. */
export const inWords = (name: string): string =>
  name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);

/** The space and the ladder in sentences. */
export function searchNotes(search: Search): string[] {
  const { base, space, trials } = search;
  const ranges = Object.entries(space).map(
    ([name, range]) => `${inWords(name)} ${rangeText(name, range, base)}`,
  );
  const count = trials === 1 ? '1 trial' : `${trials} trials`;
  return [
    `Random search, ${count}, the first of which is the preset: ${ranges.join('; ')}.${ladderText(search)}`,
    'Validation decides, on the best parameters of each trial; test is measured with those and decides nothing.',
    ...(base.precision === 'f16'
      ? ['All trials, and their measures, are stored in f16; the loss is scaled.']
      : []),
  ];
}

/** A range in words. */
function rangeText(name: string, range: Range, base: Training): string {
  if (range.kind === 'choice') return `one of ${range.of.join(', ')}`;
  if (range.kind === 'uniform') return `${range.from} to ${range.to}`;
  const given: Values = base;
  const [low, high] = [range.from, range.to].map((by) => Number((by * Number(given[name])).toPrecision(3)));
  return `${low} to ${high}, on a logarithmic scale`;
}

function ladderText(search: Search): string {
  const { asha, base, brackets = [] } = search;
  const unit = base.epochs === undefined ? 'steps' : 'epochs';
  if (asha) {
    const lengths = sharesOf(search).map((share) => Number((share * lengthOf(base)).toPrecision(3)));
    const chosen = `the best 1 in ${asha.eta} of what is finished of a rung goes on`;
    return ` Asynchronous successive halving: ${lengths.join(', ')} ${unit}; ${chosen}, always from the start.`;
  }
  const [ladder] = bracketsOf(search);
  if (ladder.length < 2) return '';
  const parts = ladder.map(({ trials, share }) => `${trials} for ${share === 1 ? 'all' : share.toFixed(2)}`);
  const added = brackets.slice(1).map((trials) => ` ${trials} were added, with rungs as long.`);
  return ` Successive halving: ${parts.join(', then ')} of its length, always from the start.${added.join('')}`;
}

/** The settings that a search varies, of one trial: `learning rate 0.02, dropout 0.31`. */
export const settingsText = (search: Search, training: Training): string =>
  Object.keys(search.space)
    .map((name) => `${inWords(name)} ${String(valueOf(training, name))}`)
    .join(', ');
