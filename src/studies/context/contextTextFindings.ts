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
import { baselinesId, byK, byLevels, idOf, isRecurrent } from './contextTextCells';
import { trainedOf, trainingCells, type TextPart } from './contextTextCells';
import type { Subject } from './contextTexts';
import type { Figure } from '../../report/figure';
import type { Results } from '../../runs/study';

const METRIC = 'bits per character, test';

function curvesOf(part: TextPart, results: Results<ContextResult>, subject: Subject): Curve[] {
  const { text, size } = part;
  const settings = new Map(trainingCells(part).map((cell) => [cell.id, cell.settings]));
  const pointsOf = (id: string): Point[] =>
    settings.get(id)!.measured!.map((k, i) => [k, trainedIn(results, id).truncated![i]]);
  const { levels } = size;
  const { name, model } = subject;
  const about = { task: text.task, model: name, metric: METRIC, color: text.subjects.indexOf(subject) };
  const cut = pointsOf(idOf(part, subject, model === 'gcnn' ? byLevels(levels.at(-1)!) : undefined));
  const whole: Curve = { ...about, how: CUT, points: cut, whole: cut.at(-1)![1] };
  const ways =
    model === 'gcnn' ? levels.map(byLevels) : isRecurrent(subject) ? trainedOf(part, subject).map(byK) : [];
  if (!ways.length) return [whole];
  const how = model === 'gcnn' ? 'with a field of k inputs' : 'trained on k inputs';
  return [whole, { ...about, how, points: ways.map((way) => pointsOf(idOf(part, subject, way)).at(-1)!) }];
}

/** What is found on text. */
export function textFindings(part: TextPart, results: Results<ContextResult>): Part {
  const { text } = part;
  const baselines = baselinesIn(results, baselinesId(part)).map(({ name, placed }) => ({
    name,
    value: placed! / Math.LN2,
  }));
  const parts = [true, false].map((recurrent) =>
    text.subjects
      .filter((one) => isRecurrent(one) === recurrent)
      .flatMap((one) => curvesOf(part, results, one)),
  );
  const figures = parts.map((curves, i): Figure => ({
    kind: 'plot',
    title: `${i ? 'Feed-forward' : 'Recurrent'} models on ${text.title}: bits by the number of characters in sight`,
    caption:
      'Solid: trained on all they can see, cut at test. Dashed: made to see k characters, and trained so. Lines ' +
      'across: what counting on the same text comes to.',
    x: { name: 'k', scale: 'log' },
    y: { name: METRIC },
    series: curves.map(seriesOf),
    marks: baselines.filter(({ name }) => name !== 'unigram'),
  }));
  const trigram = baselinesIn(results, baselinesId(part)).at(-1);
  const value = baselines.at(-1)?.value ?? Infinity;
  return {
    remark: `On characters of ${text.title}, ${enoughWords(parts.flat(), trigram, value)}.`,
    curves: parts.flat(),
    counted: baselines.map(({ name, value: bits }) => [text.task, { name, value: bits, metric: METRIC }]),
    figures,
    notes: notesOn(part, results),
  };
}

function notesOn(part: TextPart, results: Results<ContextResult>): string[] {
  const { title, base } = part.text;
  const { extent, places } = part.size;
  const sizes = trainingCells(part).flatMap(({ id }) => trainedIn(results, id).parameters ?? []);
  const [least, most] = [Math.min(...sizes), Math.max(...sizes)].map((count) => count.toLocaleString('en'));
  const characters = extent.steps ? extent.steps * base.batch * base.bptt! : extent.trainTokens;
  const text = characters ? `${characters.toLocaleString('en')} characters` : 'the whole text once';
  return [
    `Characters of ${title}: trained on ${text}, in segments of ${base.bptt}; ${least} to ${most} parameters, with ` +
      'those of embedding and softmax; one seed.',
    `All are asked what comes next at the same ${places} places of the test text; so are unigrams, bigrams and ` +
      'trigrams, counted on the same training text (Witten & Bell 1991).',
    'A model that is cut begins k characters before: a state of zeros, or zeros in place of what was earlier.',
  ];
}
