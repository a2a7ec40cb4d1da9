// What study `translation` makes of its cells.

import type { Figure } from '../../report/figure';
import type { Findings, Results, Row, Setup, WideTable } from '../../runs/study';
import { meanOf, spreadOf } from '../spread';
import { againstOf } from './translationAgainst';
import { idOf, seedsOf, SIZES, SYSTEMS } from './translationCells';
import { NEAR, type TranslationResult } from './translationRun';
import {
  greedyOf,
  perplexityOf,
  shown,
  shownOf,
  valuesOf,
  type Measured,
  type Subject,
} from './translationSubjects';

/** The table, the pictures and the words of the study. */
export function translationFindings(setup: Setup, results: Results<TranslationResult>): Findings {
  const { task } = SIZES[setup.budget];
  const seeds = seedsOf(setup);
  const subjects = SYSTEMS.flatMap((system): Subject[] => {
    const found = Array.from({ length: seeds }, (_, i) => results.get(idOf(system, i)) ?? []).flat();
    return found.length ? [{ system, found }] : [];
  });
  const score = subjects.flatMap(({ found }) => found.map((one) => one.score)).find((name) => name) ?? null;
  return {
    remark: remarkOn(subjects, score),
    against: againstOf(subjects, score),
    rows: subjects.flatMap((subject) => rowsOf(subject, task, score)),
    table: tableOf(subjects, task, score),
    figures: [
      ...lengthFigure(subjects, task, score),
      ...timeFigure(subjects),
      ...subjects.flatMap(pictureOf),
    ],
    notes: notesOn(setup, subjects),
  };
}

const TASKS = {
  dates: 'Dates as people write them to ISO 8601, tested on forms that training has not',
  'eng-fra': 'English to French, tested on sentences that training has not',
} as const;

function notesOn(setup: Setup, subjects: readonly Subject[]): string[] {
  const { task, training } = SIZES[setup.budget];
  const seeds = seedsOf(setup);
  const { batch, batchTokens } = training;
  const size = batchTokens ? `${batchTokens} tokens` : `${batch} pairs`;
  const length = `${stepsOf(subjects)} of ${size}`;
  const turned = ' Dates are turned round: the year, which comes last, is written first.';
  return [
    `${TASKS[task]}; ${length}; ${seeds === 1 ? 'one seed' : `${seeds} seeds, mean ± standard deviation`}.`,
    ...(task === 'dates' ? ['Forms seen: dates that training has not, in forms that it has.'] : []),
    'Perplexity is under teacher forcing, of every symbol alike for all systems.',
    'Tokens are symbols of targets, without padding; sentences are translated 64 at once.',
    `Near the diagonal: the part of attention within ${NEAR} symbols of the line from the first source symbol to ` +
      `the last.${task === 'dates' ? turned : ''}`,
  ];
}

/** How many steps the systems were trained: those that most have, and who has others. */
function stepsOf(subjects: readonly Subject[]): string {
  const steps = subjects.map(({ found }) => found[0].step);
  const [most = 0] = [...steps].sort((a, b) => count(steps, b) - count(steps, a));
  const others = subjects.filter((_, i) => steps[i] !== most);
  const each = others.map(({ system, found }) => `, ${system.name} ${found[0].step}`);
  return `${most} steps${each.join('')}${each.length ? ',' : ''}`;
}

const count = (values: readonly number[], one: number): number =>
  values.filter((value) => value === one).length;

function remarkOn(subjects: readonly Subject[], score: string | null): string {
  const words = subjects.map((one) => `${one.system.name} ${shownOf(one, greedyOf, score)}`);
  return `${score === 'exact match' ? 'Written exactly' : score}, on test: ${words.join(', ')}.`;
}

function rowsOf(subject: Subject, task: string, score: string | null): Row[] {
  const { system } = subject;
  const row = { model: system.model, task, setting: system.name, published: null };
  const measured = (metric: string, of: Measured): Row => ({
    ...row,
    metric,
    ...spreadOf(valuesOf(subject, of)),
  });
  return [
    measured(`${score}, test`, greedyOf),
    measured(`${score} of five beams, test`, ({ beam }) => beam),
    measured(`${score}, validation`, ({ validation }) => validation),
    measured('perplexity, test', perplexityOf),
    measured('tokens a second', ({ tokensPerSecond }) => tokensPerSecond),
  ];
}

function tableOf(subjects: readonly Subject[], task: string, score: string | null): WideTable {
  // The spread of one score says enough, and a page has room for no more.
  const scoreOf = (subject: Subject, of: Measured) => {
    const { ours, sd } = spreadOf(valuesOf(subject, of));
    const spread = of === greedyOf ? sd : undefined;
    return ours === null || (score !== 'exact match' && spread === undefined)
      ? ours
      : shown(ours, score, spread);
  };
  const mean = (subject: Subject, of: Measured) => meanOf(valuesOf(subject, of));
  return {
    head: [
      'system',
      'parameters',
      `${score}, greedy`,
      `${score}, five beams`,
      `${score}, ${task === 'dates' ? 'forms seen' : 'validation'}`,
      'perplexity',
      'tokens/s',
      'sentences/s, greedy',
      'sentences/s, five beams',
      'attention near the diagonal',
    ],
    rows: subjects.map((subject) => [
      subject.system.name,
      Math.round(mean(subject, ({ parameters }) => parameters)!),
      scoreOf(subject, greedyOf),
      scoreOf(subject, ({ beam }) => beam),
      scoreOf(subject, ({ validation }) => validation),
      mean(subject, perplexityOf),
      mean(subject, ({ tokensPerSecond }) => tokensPerSecond),
      mean(subject, ({ sentencesPerSecond }) => sentencesPerSecond),
      mean(subject, ({ beamSentencesPerSecond }) => beamSentencesPerSecond),
      mean(subject, ({ diagonal }) => diagonal),
    ]),
  };
}

/** Words for where there are several seeds of a system. */
const several = (subjects: readonly Subject[], words: string): string =>
  subjects.some(({ found }) => found.length > 1) ? words : '';

/** The score of greedy decoding, by the length of the source. */
function lengthFigure(subjects: readonly Subject[], task: string, score: string | null): Figure[] {
  const exact = score === 'exact match';
  const series = subjects.map(({ system, found }, color) => ({
    name: system.name,
    color,
    points: found[0].byLength.map(([longest], part): [number, number] => {
      const value = meanOf(found.map(({ byLength }) => byLength[part][2]))!;
      return [longest, exact ? 100 * value : value];
    }),
  }));
  if (!series.length) return [];
  const unit = task === 'dates' ? 'characters' : 'subwords';
  return [
    {
      kind: 'plot',
      title: exact ? 'exact by length' : `${score} by length`,
      caption:
        `Each point is an eighth of the test sources, up to that many ${unit}` +
        `${several(subjects, '; means of the seeds')}.`,
      x: { name: `${unit} of the source` },
      y: exact ? { name: 'written exactly, %', min: 0, max: 100 } : { name: `${score}, greedy`, min: 0 },
      series,
    },
  ];
}

/** What validation says, by the time that training has taken: that of its steps alone. */
function timeFigure(subjects: readonly Subject[]): Figure[] {
  const series = subjects.flatMap(({ system, found: [{ curve, stepsPerSecond }] }, color) =>
    curve.length && stepsPerSecond
      ? [
          {
            name: system.name,
            color,
            points: curve.map(({ step, value }): [number, number] => [step / stepsPerSecond, value]),
          },
        ]
      : [],
  );
  if (!series.length) return [];
  const [{ metric }] = subjects[0].found;
  return [
    {
      kind: 'plot',
      title: 'validation by time',
      caption:
        'The time that training steps took, on one machine; validations are not in it' +
        `${several(subjects, '. The first seed of each')}.`,
      x: { name: 'seconds of training' },
      y: { name: `${metric}, validation`, scale: 'log' },
      series,
    },
  ];
}

function pictureOf({ system, found: [{ picture }] }: Subject): Figure[] {
  if (!picture) return [];
  const caption =
    'The source from left to right, its translation downwards; the darker, the more it was looked at.';
  return [{ kind: 'attention', title: `attention: ${system.name}`, caption, ...picture }];
}
