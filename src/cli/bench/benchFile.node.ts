// The bench's results as files: read for a comparison, written for later, and shown in examples/bench/README.md.

import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { METRICS, markdown, readReport, type Report } from '../../bench/index';
import { Outputs } from '../../files/outputs.node';
import { fail, SeqgpuError } from '../../graph/check';
import { cloneFolder } from './clone.node';
import { RunFolder } from '../../runs/runFolder.node';

/** Reads the results in a file that `bench --out` wrote; fails, naming the file, where it holds none. */
export function readResult(path: string): Report {
  if (!existsSync(path) || !statSync(path).isFile()) {
    fail(`bench: there is no file ${path}.`, { fix: 'give one that `npx seqgpu bench --out FILE` wrote.' });
  }
  return readReport(readFileSync(path, 'utf8'), path);
}

/** Gives what writes a report to `out`; in a folder, under a name of its own. There must be such a folder. */
export function prepareOut(out: string): (report: Report) => string {
  const isFolder = existsSync(out) && statSync(out).isDirectory();
  const folder = isFolder ? out : dirname(out);
  if (!existsSync(folder)) {
    fail(`bench: there is no folder ${folder} for ${out}.`, { fix: 'make it, or name another.' });
  }
  const outputs = new Outputs('bench');
  const declared = (path: string) => outputs.file(path, { from: '--out', kind: 'JSON', isOurs: isReport });
  if (isFolder) return (report) => declared(join(out, fileName(report))).write(textOf(report));
  const file = declared(out);
  return (report) => file.write(textOf(report));
}

const textOf = (report: Report): string => `${JSON.stringify(report, null, 2)}\n`;

/** Whether a file holds results of the bench, which newer ones may replace. */
function isReport(path: string): boolean {
  try {
    readResult(path);
    return true;
  } catch (error) {
    if (error instanceof SeqgpuError) return false;
    throw error;
  }
}

/** A name for the file of a report, e.g. `2026-11-24-google-swiftshader-node.json`. */
export function fileName({ date, adapter, runtime }: Report): string {
  const [device] = adapter.split(' — ');
  const words = [date.slice(0, 10), device, runtime.split(' ')[0]].join(' ').toLowerCase();
  return `${words.replace(/[^a-z0-9]+/g, '-').replace(/-$/, '')}.json`;
}

const RESULTS = 'examples/bench/results';
const OPEN = '<!-- bench: written by `npx seqgpu bench --readme` from the newest file in results -->';
const CLOSE = '<!-- /bench -->';

/** The rows that the page shows: each family once or twice. All the others are in the file. */
const SHOWN = [
  'matmul 512',
  'matmul 1024',
  'matmul 2048',
  'matmul LSTM input',
  'matmul LM head',
  'matmul one row',
  'causalConv dilation 8',
  'causalConv training',
  'WaveNet block',
  'LSTM forward',
  'LSTM training step',
  'TCN training step',
  'cross attention training',
  'additive attention training',
  'GNMT translation step',
  'Transformer translation step',
  'ConvS2S translation step',
  'Transformer beam step',
  'add',
  'cross-entropy',
  'embedding gradient',
  'layerNorm',
  'Adam',
  '1000 adds',
  '200 products',
  ...METRICS.map(({ name }) => name),
  'time to first result',
  'bundle size',
];

/** Writes the newest results into examples/bench/README.md, between its two marks. */
export function writeReadme(root = cloneFolder('README.md')): number {
  const folder = join(root, RESULTS);
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.json')) : [];
  const found = names.map((name) => ({ name, report: readResult(join(folder, name)) }));
  const [newest] = found.sort((a, b) => b.report.date.localeCompare(a.report.date));
  if (!newest)
    fail(`bench: there are no results in ${folder}.`, { fix: `npx seqgpu bench --out ${RESULTS}.` });
  const page = join(root, 'examples/bench');
  const text = inReadme(
    readFileSync(join(page, 'README.md'), 'utf8'),
    newest.report,
    `results/${newest.name}`,
  );
  new RunFolder(page).write('README.md', text);
  console.log(`examples/bench/README.md: ${newest.name}`);
  return 0;
}

/** The page's text with the report between its marks. */
export function inReadme(readme: string, report: Report, source: string): string {
  const [start, end] = [readme.indexOf(OPEN), readme.indexOf(CLOSE)];
  if (start < 0 || end < start) {
    fail('bench: examples/bench/README.md has no place for the results.', {
      fix: `put these two lines in: ${OPEN} and ${CLOSE}.`,
    });
  }
  const rows = report.rows.filter(({ name }) => SHOWN.includes(name));
  const text = markdown({ ...report, rows });
  const all = `All rows: [\`${source.split('/').at(-1)}\`](${source}).`;
  return `${readme.slice(0, start)}${OPEN}\n\n${text}\n\n${all}\n\n${readme.slice(end)}`;
}
