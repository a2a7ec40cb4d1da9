// What study `context` finds on text.

import { baselinesIn } from '../baselines';
import {
  CUT,
  enoughWords,
  seriesOf,
  trainedIn,
  type ContextResult,
  type Curve,
  type Part,
  type Point,
} from './contextParts';
import { BASELINES, SIZES, SUBJECTS, TASK, byK, byLevels, idOf, isRecurrent } from './contextTextCells';
import { trainedOf, trainingCells, type Subject } from './contextTextCells';
import type { Figure } from '../../report/figure';
import type { Setup, Results } from '../../runs/study';

const METRIC = 'bits per character, test';

function curvesOf(setup: Setup, results: Results<ContextResult>, subject: Subject): Curve[] {
  const settings = new Map(trainingCells(setup).map((cell) => [cell.id, cell.settings]));
  const pointsOf = (id: string): Point[] =>
    settings.get(id)!.measured!.map((k, i) => [k, trainedIn(results, id).truncated![i]]);
  const { levels } = SIZES[setup.budget];
  const { name, model } = subject;
  const about = { task: TASK, model: name, metric: METRIC, color: SUBJECTS.indexOf(subject) };
  const cut = pointsOf(model === 'gcnn' ? idOf(subject, byLevels(levels.at(-1)!)) : idOf(subject));
  const whole: Curve = { ...about, how: CUT, points: cut, whole: cut.at(-1)![1] };
  const ways =
    model === 'gcnn' ? levels.map(byLevels) : isRecurrent(subject) ? trainedOf(setup, subject).map(byK) : [];
  if (!ways.length) return [whole];
  const how = model === 'gcnn' ? 'with a field of k inputs' : 'trained on k inputs';
  return [whole, { ...about, how, points: ways.map((way) => pointsOf(idOf(subject, way)).at(-1)!) }];
}

/** What is found on text. */
export function textPart(setup: Setup, results: Results<ContextResult>): Part {
  const size = SIZES[setup.budget];
  const baselines = baselinesIn(results, BASELINES).map(({ name, placed }) => ({
    name,
    value: placed! / Math.LN2,
  }));
  const parts = [true, false].map((recurrent) =>
    SUBJECTS.filter((one) => isRecurrent(one) === recurrent).flatMap((one) => curvesOf(setup, results, one)),
  );
  const figures = parts.map((curves, i): Figure => ({
    kind: 'plot',
    title: `${i ? 'Feed-forward' : 'Recurrent'} models on text: bits by the number of characters in sight`,
    caption:
      'Solid: trained on all they can see, cut at test. Dashed: made to see k characters, and trained so. Lines ' +
      'across: what counting on the same text comes to.',
    x: { name: 'k', scale: 'log' },
    y: { name: METRIC },
    series: curves.map(seriesOf),
    marks: baselines.filter(({ name }) => name !== 'unigram'),
  }));
  const trigram = baselinesIn(results, BASELINES).at(-1);
  const value = baselines.at(-1)?.value ?? Infinity;
  return {
    remark: `On characters, ${enoughWords(parts.flat(), trigram, value)}.`,
    curves: parts.flat(),
    counted: baselines.map(({ name, value: bits }) => [TASK, { name, value: bits, metric: METRIC }]),
    figures,
    notes: notesOn(setup, results, size),
  };
}

function notesOn(setup: Setup, results: Results<ContextResult>, size: (typeof SIZES)['small']): string[] {
  const sizes = trainingCells(setup).flatMap(({ id }) => trainedIn(results, id).parameters ?? []);
  const text = size.trainTokens ? `${size.trainTokens.toLocaleString('en')} characters` : 'the whole text';
  const [least, most] = [Math.min(...sizes), Math.max(...sizes)].map((count) => count.toLocaleString('en'));
  return [
    `Characters of WikiText-2: trained once on ${text}, in segments of 64; ${least} to ${most} parameters, most of ` +
      'them in embedding and softmax; one seed.',
    `All are asked what comes next at the same ${size.places} places of the test text; so are unigrams, bigrams and ` +
      'trigrams, counted on the same training text (Witten & Bell 1991).',
    'A model that is cut begins k characters before: a state of zeros, or zeros in place of what was earlier.',
  ];
}
