// `seqgpu search status`, `pause`, `resume` and `export`: what a folder or a queue holds of searches, and whether
// workers take trials from it. What works on a folder only reads it, so it may be asked while a search runs.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fail } from '../../graph/check';
import { TRIALS, trialIn } from '../../queue/jobs';
import { QueueServer, checkQueueUrl, shownUrl } from '../../queue/server.node';
import { count, duration, significant, table } from '../../report/text.node';
import { csvField } from '../../files/csvField';
import { wholeLines } from '../../files/lines.node';
import { writeWhole } from '../../files/wholeFile.node';
import type { Importance } from '../../runs/study';
import { StudyFolder } from '../../runs/studyFolder.node';
import type { Line } from '../../runs/trials';
import type { Trained, Training } from '../../runs/training';
import { importanceOf } from '../../search/importance';
import type { Search } from '../../search/search';
import type { Value } from '../../spec/option';
import { readFlags, type Flags } from '../flags/flags';
import { QUEUE_FLAG } from '../flags/queueFlag';
import { importanceTable } from '../study/studyTable';

/** Flags of these commands. */
export const STATUS_FLAGS = {
  ...QUEUE_FLAG,
  out: { kind: 'text', help: 'of export: the CSV file; otherwise log.csv in the folder' },
  json: { kind: 'switch', help: 'of status: one JSON object and nothing else' },
} as const satisfies Flags;

type Given = Readonly<Record<string, Value>>;
type Work = (folder: string | undefined, given: Given) => Promise<number>;

const WORKS: Readonly<Record<string, Work>> = {
  status: (folder, given) => (given.queue === undefined ? statusOf(folder, given) : statusThere(given)),
  pause: (_, given) => setPaused(given, true),
  resume: (_, given) => setPaused(given, false),
  export: async (folder, given) => exportLog(folder, given),
};

/** What the words after `search` ask for, where the first is none of a task. */
export function readStatusCommand([word, ...rest]: readonly string[]): (() => Promise<number>) | undefined {
  const work = word === undefined || !Object.hasOwn(WORKS, word) ? undefined : WORKS[word];
  if (!work) return undefined;
  const { positionals, given } = readFlags(`search ${word}`, rest, STATUS_FLAGS);
  const [folder, ...more] = positionals;
  if (more.length) fail(`search ${word}: "${more.join(' ')}" is too much.`, { fix: 'name one folder.' });
  if (given.queue !== undefined) checkQueueUrl(String(given.queue));
  return () => work(folder, given);
}

/** The finished cells of a folder, whole lines only: it may be written to just now. */
export function linesIn(folder: string | undefined): Line[] {
  if (folder === undefined)
    fail('search: which one? The folder is missing.', { fix: 'name it, or give --queue.' });
  const path = join(folder, 'results.jsonl');
  if (!existsSync(path))
    fail(`search: there are no results in ${folder}.`, { fix: 'name the folder of a search.' });
  return [...wholeLines(path)].map((line) => JSON.parse(line) as Line);
}

const rungOf = (cell: string): string => /\/rung-(\d+)$/.exec(cell)?.[1] ?? '–';
const validOf = ({ result }: Line): number | null => (result as Partial<Trained> | null)?.valid ?? null;

function grouped(lines: readonly Line[], keyOf: (line: Line) => string): Map<string, Line[]> {
  const groups = new Map<string, Line[]>();
  for (const line of lines) {
    const group = groups.get(keyOf(line));
    if (group) group.push(line);
    else groups.set(keyOf(line), [line]);
  }
  return groups;
}

async function statusOf(folder: string | undefined, { json }: Given): Promise<number> {
  const lines = linesIn(folder);
  const rungs = grouped(lines, ({ cell }) => rungOf(cell));
  const rows = [...rungs].map(([rung, of]) => {
    const values = of.map(validOf).filter((value) => value !== null);
    const seconds = of.reduce((sum, line) => sum + line.seconds, 0);
    const best = values.length ? Math.min(...values) : null;
    return { rung, finished: of.length, diverged: of.length - values.length, best, seconds };
  });
  const machines = [...grouped(lines, ({ host = 'this machine', adapter }) => `${host}, ${adapter}`)];
  const where = machines.map(([name, of]) => ({ where: name, finished: of.length }));
  const importance = importanceIn(folder!, lines);
  if (json) console.log(JSON.stringify({ finished: lines.length, rungs: rows, where, importance }));
  else {
    const texts = rows.map(({ rung, finished, diverged, best, seconds }) => [
      rung,
      count(finished),
      count(diverged),
      best === null ? '–' : significant(best),
      duration(seconds),
    ]);
    console.log(table(['rung', 'finished', 'diverged', 'best on validation', 'time'], texts));
    const explained = importanceTable({ importance });
    if (explained) console.log(table(explained.head, explained.cells));
    console.log(
      table(
        ['where', 'finished'],
        where.map((one) => [one.where, count(one.finished)]),
      ),
    );
  }
  return 0;
}

/** What the settings explain of what is finished; undefined where nobody knows yet, or it is no search's folder. */
function importanceIn(folder: string, lines: readonly Line[]): Importance[] | undefined {
  const { space, seed } = (new StudyFolder(folder, 'search').of() ?? {}) as Partial<Search>;
  if (!space) return undefined;
  const first = lines.filter(({ cell }) => rungOf(cell) === '0');
  const trials = first.map((line) => ({ settings: line.settings as Training, valid: validOf(line) }));
  const found = importanceOf(space, trials, seed ?? 0);
  return found.length ? found : undefined;
}

async function withQueue(given: Given, use: (server: QueueServer) => Promise<void>): Promise<number> {
  if (given.queue === undefined)
    fail('search: --queue is missing.', { fix: 'give --queue redis://HOST:PORT.' });
  const server = await QueueServer.open(String(given.queue));
  try {
    await use(server);
  } finally {
    await server.close();
  }
  return 0;
}

const statusThere = (given: Given): Promise<number> =>
  withQueue(given, async (server) => {
    const trials = server.queue(TRIALS);
    const states = ['prioritized', 'waiting', 'active', 'delayed', 'failed'] as const;
    const counts = await trials.getJobCounts(...states);
    const active = await trials.getJobs(['active'], 0, 99);
    const workers = (await trials.getWorkers()).map(({ name }) => name);
    const paused = await trials.isPaused();
    const running = active.flatMap((job) => (job?.data ? [{ job, trial: trialIn(job.data) }] : []));
    const rows = running.map(({ job, trial }) => {
      const { share = 0, host = '' } = job.progress as { share?: number; host?: string };
      return { search: trial.title, trial: trial.cell.id, share, host };
    });
    const waiting = counts.prioritized + counts.waiting + counts.delayed;
    if (given.json)
      return console.log(JSON.stringify({ waiting, active: rows, workers: workers.length, paused }));
    const of = `${workers.length} workers, ${count(counts.active)} trials under way, ${count(waiting)} waiting`;
    console.log(`${shownUrl(server.url)}: ${of}${paused ? ', paused' : ''}`);
    const texts = rows.map(({ search, trial, share, host }) => [
      search,
      trial,
      `${count(100 * share)} %`,
      host,
    ]);
    if (rows.length) console.log(table(['search', 'trial', 'done', 'worker'], texts));
  });

const setPaused = (given: Given, paused: boolean): Promise<number> =>
  withQueue(given, async (server) => {
    const trials = server.queue(TRIALS);
    await (paused ? trials.pause() : trials.resume());
    console.log(
      paused
        ? 'Paused: workers end what is under way and take no more, until `search resume`.'
        : 'Workers take trials again.',
    );
  });

/** The log as a table that a spreadsheet reads: a line for every finished cell, a column for every setting. */
export function csvOf(lines: readonly Line[]): string {
  const settings = [...new Set(lines.flatMap((line) => Object.keys(line.settings as Training)))];
  const own = ['step', 'metric', 'valid', 'test'] as const;
  const made = ['seconds', 'adapter', 'host', 'version', 'date'] as const;
  const rows = lines.map((line) => {
    const [given, result] = [line.settings, line.result ?? {}].map(
      (part) => new Map(Object.entries(part as object)),
    );
    const [, trial = ''] = /\/trial-(\d+)\//.exec(line.cell) ?? [];
    const parts = [...settings.map((name) => given.get(name)), ...own.map((name) => result.get(name))];
    return [line.cell, trial, rungOf(line.cell), ...parts, ...made.map((name) => line[name])];
  });
  const head = ['cell', 'trial', 'rung', ...settings, ...own, ...made];
  return [head, ...rows].map((row) => `${row.map(csvText).join(',')}\r\n`).join('');
}

function csvText(value: unknown): string {
  const text =
    value === undefined || value === null
      ? ''
      : typeof value === 'object'
        ? JSON.stringify(value)
        : String(value);
  // A spreadsheet would compute what begins like a formula; numbers may begin with a minus.
  const safe = /^[=+@\t\r]|^-(?!\d)/.test(text) ? `'${text}` : text;
  return csvField(safe);
}

function exportLog(folder: string | undefined, { out }: Given): number {
  const lines = linesIn(folder);
  const path = out === undefined ? join(folder!, 'log.csv') : String(out);
  if (existsSync(path) && !readFileSync(path, 'utf8').startsWith('cell,trial,rung,')) {
    fail(`search export: ${path} is no exported log, and would be overwritten.`, {
      fix: 'name another --out.',
    });
  }
  writeWhole(path, csvOf(lines));
  console.log(`${lines.length} lines: ${path}`);
  return 0;
}
