// A report of one training run or of several side by side.

import { chart } from './chart.node';
import { kebabCase, type Values } from '../../spec/option';
import { htmlPage, htmlTable, type Section } from '../../report/html.node';
import type { Outcome } from '../../runs/outcome';
import type { Stamp } from '../../runs/version.node';
import { count, duration, significant, measure } from '../../report/text.node';

/** What a report of runs is made of. */
export interface Report {
  readonly title: string;
  /** What a shell needs to do it again. */
  readonly command: string;
  /** Runs of one task or of several: each task has its own picture. */
  readonly outcomes: readonly Outcome[];
  /** What is to be seen, in a sentence. */
  readonly remark?: string;
  /** The version that ran it, and when; default: this version, today. */
  readonly made?: string;
}

/** The HTML page of runs: for each task its curves, results and settings. */
export async function reportPage({ title, command, outcomes, remark, made }: Report): Promise<string> {
  const sections: Section[] = [];
  for (const task of new Set(outcomes.map(({ settings }) => settings.task))) {
    const runs = outcomes.filter(({ settings }) => settings.task === task);
    const [first] = runs;
    const open = outcomes.length === 1 ? ' open' : '';
    const body = `<figure>${await chart(runs)}</figure>
${results(runs)}
<details${open}><summary>Settings</summary>${settingsTable(runs)}</details>`;
    sections.push({ title: first.title, aside: first.metric, body });
  }
  // Several may have been trained at once: together they took less.
  const seconds = outcomes.reduce((sum, outcome) => sum + outcome.seconds, 0);
  const time =
    outcomes.length > 1 ? `${duration(seconds)} of training, all runs together` : duration(seconds);
  const adapters = [...new Set(outcomes.map(({ adapter }) => adapter))].join(', ');
  const foot =
    'Validation chose the parameters; the test split was measured once, with those. Rows in quotes take no network.';
  return htmlPage({ title, remark, sections, command, facts: [adapters, time], made, foot });
}

function results(runs: readonly Outcome[]): string {
  const [{ metric, anchors, test }] = runs;
  const others = Object.keys(test).filter((name) => name !== metric);
  const head = ['model', 'parameters', 'validation', 'test', ...others, 'steps', 'steps/s', 'time'];
  const rows = runs.map((run) => [
    run.settings.model.toUpperCase(),
    count(run.parameters),
    measure(metric, run.valid[metric]),
    measure(metric, run.test[metric]),
    ...others.map((name) => measure(name, run.test[name])),
    count(run.steps),
    significant(run.stepsPerSecond, 3),
    duration(run.seconds),
  ]);
  const none = head.slice(4).map(() => '');
  const floor = anchors.map(({ name, value }) => [`“${name}”`, '', '', measure(metric, value), ...none]);
  return htmlTable(head, [...rows, ...floor], (_, i) => (i < runs.length ? '' : 'pale'));
}

function settingsTable(runs: readonly Outcome[]): string {
  const all = runs.map(({ settings }): Values => settings);
  const names = [...new Set(all.flatMap((settings) => Object.keys(settings)))];
  const rows = names
    .filter((name) => name !== 'task' && name !== 'model')
    .map((name) => [wordsOf(name), ...all.map((settings) => text(settings[name]))]);
  rows.push(['adapter', ...runs.map(({ adapter }) => adapter)]);
  return htmlTable(['', ...runs.map(({ settings }) => settings.model.toUpperCase())], rows);
}

/** A run as its folder has it, in results.json: what came of it, who computed it when, and how it is run again. */
export type StoredRun = Outcome & Stamp & { readonly command: string };

/** The page of a run. */
export const runPage = (run: StoredRun): Promise<string> =>
  reportPage({
    title: `${run.title}: ${run.settings.model.toUpperCase()}`,
    command: run.command,
    outcomes: [run],
    made: madeBy(run),
  });

/** The foot of a page: the version that computed, and the day. */
export const madeBy = ({ version, date }: Stamp): string => `seqgpu ${version} · ${date}`;

const wordsOf = (name: string) =>
  name === 'sha256' ? 'sha256 of the data' : kebabCase(name).replaceAll('-', ' ');
const text = (value: unknown): string => (value === undefined ? '–' : String(value));
