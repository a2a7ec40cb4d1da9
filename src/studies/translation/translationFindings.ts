// What study `translation` makes of its cells.

import type { Figure } from '../../report/figure';
import type { Findings, Results, Row, Setup, WideTable } from '../../runs/study';
import { idOf, SIZES, SYSTEMS, type System } from './translationCells';
import { NEAR, type TranslationResult } from './translationRun';

/** A system with what came of it, by seed. */
interface Subject {
  readonly system: System;
  readonly found: readonly TranslationResult[];
}

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

/** The mean over the seeds; null where one of them has none. */
function meanOf(
  { found }: Subject,
  of: (one: TranslationResult) => number | null | undefined,
): number | null {
  const values = found.map(of);
  return values.every((value) => value !== null && value !== undefined) ? mean(values as number[]) : null;
}

const perplexityOf = ({ measures }: TranslationResult): number | null => {
  const { 'nats per token': token, 'nats per character': character } = measures;
  const nats = token ?? character;
  return nats === undefined ? null : Math.exp(nats);
};

/** The table, the pictures and the words of the study. */
export function translationFindings(setup: Setup, results: Results<TranslationResult>): Findings {
  const { task, seeds } = SIZES[setup.budget];
  const subjects = SYSTEMS.flatMap((system): Subject[] => {
    const found = Array.from({ length: seeds }, (_, i) => results.get(idOf(system, i)) ?? []).flat();
    return found.length ? [{ system, found }] : [];
  });
  const score = subjects.flatMap(({ found }) => found.map((one) => one.score)).find((name) => name) ?? null;
  const scored = (subject: Subject) => meanOf(subject, ({ greedy }) => greedy);
  return {
    remark: remarkOn(subjects, scored, score),
    against: againstOf(subjects, scored, score),
    rows: subjects.flatMap((subject) => rowsOf(subject, task, score)),
    table: tableOf(subjects, task, scored, score),
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

function notesOn({ budget }: Setup, subjects: readonly Subject[]): string[] {
  const { task, seeds, training } = SIZES[budget];
  const { batch, batchTokens } = training;
  const size = batchTokens ? `${batchTokens} tokens` : `${batch} pairs`;
  const length = `${stepsOf(subjects)} of ${size}`;
  const turned = ' Dates are turned round: the year, which comes last, is written first.';
  return [
    `${TASKS[task]}; ${length}; ${seeds === 1 ? 'one seed' : `${seeds} seeds`}.`,
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

const three = (value: number): string => String(Number(value.toPrecision(3)));
/** A score in words. */
export const shown = (value: number | null, score: string | null): string =>
  value === null ? 'nothing' : score === 'exact match' ? `${(100 * value).toFixed(1)} %` : three(value);

type Scored = (subject: Subject) => number | null;

function remarkOn(subjects: readonly Subject[], scored: Scored, score: string | null): string {
  const words = subjects.map((one) => `${one.system.name} ${shown(scored(one), score)}`);
  return `${score === 'exact match' ? 'Written exactly' : score}, on test: ${words.join(', ')}.`;
}

/** Shares of dates that differ by less are alike: with one seed nobody knows what seeds make of them. */
export const ALIKE = 0.02;

/** Where a system of a later year is behind one of an earlier, and which systems are alike at the head of all. */
function againstOf(subjects: readonly Subject[], scored: Scored, score: string | null): string[] {
  const alike = score === 'exact match' ? ALIKE : 0;
  const known = subjects.filter((subject) => scored(subject) !== null);
  const behind = known.flatMap((later, i) =>
    known.slice(0, i).flatMap((earlier) => {
      const [a, b] = [scored(earlier)!, scored(later)!];
      if (b >= a || a - b < alike) return [];
      return `${later.system.name} (${shown(b, score)}) is behind ${earlier.system.name} (${shown(a, score)}).`;
    }),
  );
  const best = Math.max(...known.map((subject) => scored(subject)!));
  const first = known.filter((subject) => best - scored(subject)! < alike);
  if (first.length < 2) return behind;
  const names = first.map(({ system }) => system.name);
  const list = `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
  return [...behind, `${list} are alike: less than ${100 * alike} points of 100 apart, and of one seed.`];
}

function rowsOf(subject: Subject, task: string, score: string | null): Row[] {
  const { system, found } = subject;
  const row = { model: system.model, task, setting: system.name, n: found.length, published: null };
  return [
    { ...row, metric: `${score}, test`, ours: meanOf(subject, ({ greedy }) => greedy) },
    { ...row, metric: `${score} of five beams, test`, ours: meanOf(subject, ({ beam }) => beam) },
    { ...row, metric: `${score}, validation`, ours: meanOf(subject, ({ validation }) => validation) },
    { ...row, metric: 'perplexity, test', ours: meanOf(subject, perplexityOf) },
    { ...row, metric: 'tokens a second', ours: meanOf(subject, ({ tokensPerSecond }) => tokensPerSecond) },
  ];
}

function tableOf(
  subjects: readonly Subject[],
  task: string,
  scored: Scored,
  score: string | null,
): WideTable {
  const cell = (value: number | null) =>
    value === null || score !== 'exact match' ? value : shown(value, score);
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
      Math.round(mean(subject.found.map(({ parameters }) => parameters))),
      cell(scored(subject)),
      cell(meanOf(subject, ({ beam }) => beam)),
      cell(meanOf(subject, ({ validation }) => validation)),
      meanOf(subject, perplexityOf),
      meanOf(subject, ({ tokensPerSecond }) => tokensPerSecond),
      meanOf(subject, ({ sentencesPerSecond }) => sentencesPerSecond),
      meanOf(subject, ({ beamSentencesPerSecond }) => beamSentencesPerSecond),
      meanOf(subject, ({ diagonal }) => diagonal),
    ]),
  };
}

/** The score of greedy decoding, by the length of the source. */
function lengthFigure(subjects: readonly Subject[], task: string, score: string | null): Figure[] {
  const exact = score === 'exact match';
  const series = subjects.map(({ system, found }, color) => ({
    name: system.name,
    color,
    points: found[0].byLength.map(([longest, , value]): [number, number] => [
      longest,
      exact ? 100 * value : value,
    ]),
  }));
  if (!series.length) return [];
  const unit = task === 'dates' ? 'characters' : 'subwords';
  return [
    {
      kind: 'plot',
      title: exact ? 'exact by length' : `${score} by length`,
      caption: `Each point is an eighth of the test sources, up to that many ${unit}.`,
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
      caption: 'The time that training steps took, on one machine; validations are not in it.',
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
