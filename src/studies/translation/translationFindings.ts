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

/** The measure beside the loss: larger is better. */
const SCORES = ['exact match', 'BLEU greedy'] as const;

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

/** The mean over the seeds; null where one of them has none. */
function meanOf(
  { found }: Subject,
  of: (one: TranslationResult) => number | null | undefined,
): number | null {
  const values = found.map(of);
  return values.every((value) => value !== null && value !== undefined) ? mean(values as number[]) : null;
}

const scoreIn = ({ measures }: TranslationResult): (typeof SCORES)[number] | undefined =>
  SCORES.find((name) => measures[name] !== undefined);

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
  const score = subjects.flatMap(({ found }) => found.map(scoreIn)).find((name) => name) ?? SCORES[0];
  const scored = (subject: Subject) => meanOf(subject, ({ measures }) => measures[score]);
  return {
    remark: remarkOn(subjects, scored, score),
    against: againstOf(subjects, scored, score),
    rows: subjects.flatMap((subject) => rowsOf(subject, task, score)),
    table: tableOf(subjects, scored, score),
    figures: [...lengthFigure(subjects, task), ...subjects.flatMap(pictureOf)],
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
  const length = `${subjects[0]?.found[0].step ?? 0} steps of ${size}`;
  const turned = ' Dates are turned round: the year, which comes last, is written first.';
  return [
    `${TASKS[task]}; ${length}; ${seeds === 1 ? 'one seed' : `${seeds} seeds`}.`,
    'Perplexity is under teacher forcing, of every symbol alike for all systems.',
    'Tokens are symbols of targets, without padding; sentences are translated 64 at once.',
    `Near the diagonal: the part of attention within ${NEAR} symbols of the line from the first source symbol to ` +
      `the last.${task === 'dates' ? turned : ''}`,
  ];
}

const three = (value: number): string => String(Number(value.toPrecision(3)));
const shown = (value: number | null, score: string): string =>
  value === null ? 'nothing' : score === 'exact match' ? `${(100 * value).toFixed(1)} %` : three(value);

type Scored = (subject: Subject) => number | null;

function remarkOn(subjects: readonly Subject[], scored: Scored, score: string): string {
  const words = subjects.map((one) => `${one.system.name} ${shown(scored(one), score)}`);
  return `${score === 'exact match' ? 'Written exactly' : score}, on test: ${words.join(', ')}.`;
}

/** Where a system of a later year is behind one of an earlier. */
function againstOf(subjects: readonly Subject[], scored: Scored, score: string): string[] {
  return subjects.flatMap((later, i) =>
    subjects.slice(0, i).flatMap((earlier) => {
      const [a, b] = [scored(earlier), scored(later)];
      if (a === null || b === null || b >= a) return [];
      return `${later.system.name} (${shown(b, score)}) is behind ${earlier.system.name} (${shown(a, score)}).`;
    }),
  );
}

function rowsOf(subject: Subject, task: string, score: string): Row[] {
  const { system, found } = subject;
  const row = { model: system.model, task, setting: system.name, n: found.length, published: null };
  return [
    { ...row, metric: `${score}, test`, ours: meanOf(subject, ({ measures }) => measures[score]) },
    { ...row, metric: 'perplexity, test', ours: meanOf(subject, perplexityOf) },
    { ...row, metric: 'tokens a second', ours: meanOf(subject, ({ tokensPerSecond }) => tokensPerSecond) },
  ];
}

function tableOf(subjects: readonly Subject[], scored: Scored, score: string): WideTable {
  return {
    head: [
      'system',
      'parameters',
      score,
      'perplexity',
      'tokens/s',
      'sentences/s, greedy',
      'attention near the diagonal',
    ],
    rows: subjects.map((subject) => [
      subject.system.name,
      Math.round(mean(subject.found.map(({ parameters }) => parameters))),
      scored(subject),
      meanOf(subject, perplexityOf),
      meanOf(subject, ({ tokensPerSecond }) => tokensPerSecond),
      meanOf(subject, ({ sentencesPerSecond }) => sentencesPerSecond),
      meanOf(subject, ({ diagonal }) => diagonal),
    ]),
  };
}

/** The part that is written exactly, by the length of the source. */
function lengthFigure(subjects: readonly Subject[], task: string): Figure[] {
  const series = subjects.map(({ system, found }, color) => ({
    name: system.name,
    color,
    points: found[0].byLength.map(([longest, , exact]): [number, number] => [longest, 100 * exact]),
  }));
  if (!series.length) return [];
  const unit = task === 'dates' ? 'characters' : 'subwords';
  return [
    {
      kind: 'plot',
      title: 'exact by length',
      caption: `Each point is an eighth of the test sources, up to that many ${unit}.`,
      x: { name: `${unit} of the source` },
      y: { name: 'written exactly, %', min: 0, max: 100 },
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
