// The bench as a page: choose cases, run them, see the table grow, change a kernel, take the numbers along. A program
// runs it by `seqgpuBench.run(options)`, which gives the same JSON as `seqgpu bench --json`.

import type { Plan } from '../../src/plan/plan';
import {
  CASES,
  METRICS,
  FIRST_RESULT,
  ROUNDS,
  bench,
  markdown,
  type BenchOptions,
  type KernelReport,
  type Report,
} from '../../src/bench/index';
import { startEditor } from './editor/editor';
import { looker } from './editor/found';
import { button, byId, element, howLong, input, pressed, runtimeName } from './elements';
import { OWN } from './own';
import { showComparison, startSaved } from './saved';
import { showTexts, startDialog } from './shaderDialog';
import { textsOf, type LaunchText } from './texts';
import { showCeilings, showTable } from './view';

interface Options extends Pick<BenchOptions, 'rounds' | 'quick' | 'kernels' | 'onProgress'> {
  /** The names of the cases and metrics. */
  readonly names: readonly string[];
  readonly firstResult?: boolean;
}

const ALL = [...OWN, ...CASES];
const MEASURED = [...ALL, ...METRICS];
const NAMES = [...MEASURED.map(({ name }) => name), FIRST_RESULT];
const caseOf = (name: string) => ALL.find((one) => one.name === name);
/** What was measured last, with the rows of the editor's kernels. */
let last: Report | null = null;
let measuring = false;
/** By the name of a row, the programs that ran. */
const texts = new Map<string, readonly LaunchText[]>();

/** A row that compares two sides has a plan for each. */
const noteTexts = (name: string, plan: Plan): void =>
  void texts.set(name, [...(texts.get(name) ?? []), ...textsOf(plan, caseOf(name)?.limit ?? 'copy')]);

/** The rows of the reader's own kernels stay when others are measured. */
const withOwn = (report: Report): Report => {
  const names = new Set(report.rows.map(({ name }) => name));
  const kept = last?.rows.filter(({ name }) => !NAMES.includes(name) && !names.has(name)) ?? [];
  return { ...report, rows: [...report.rows, ...kept] };
};

/** Measures, shows what is known by then after every round, and gives the report. */
async function run({ names, onProgress, ...options }: Options): Promise<Report> {
  const unknown = names.find((name) => !NAMES.includes(name));
  if (unknown !== undefined) throw new Error(`There is no case ${unknown}; there are ${NAMES.join(', ')}.`);
  const isNamed = ({ name }: { name: string }) => names.includes(name);
  const expected = [
    ...names.filter((name) => name !== FIRST_RESULT),
    ...(options.firstResult ? [FIRST_RESULT] : []),
  ];
  let soFar: Report['rows'] = [];
  for (const name of names) texts.delete(name);
  byId('results').hidden = false;
  showTable({ rows: [], names: expected, texts });
  const report = await bench({
    ...options,
    ...{ cases: ALL.filter(isNamed), metrics: METRICS.filter(isNamed), runtime: runtimeName() },
    onPlan: noteTexts,
    onProgress(what, done, all) {
      byId('status').textContent = what;
      byId<HTMLProgressElement>('progress').value = done / all;
      showTable({ rows: soFar, names: expected, running: what.split(':')[0], texts });
      onProgress?.(what, done, all);
    },
    onRound(known) {
      soFar = known.rows;
      showCeilings(known);
      showTable({ rows: soFar, names: expected, texts });
    },
  });
  showCeilings(report);
  showTable({ rows: withOwn(report).rows, names: expected, texts });
  return report;
}

async function runChosen(): Promise<void> {
  const boxes = [...document.querySelectorAll<HTMLInputElement>('#cases input')];
  const names = boxes.filter(({ checked }) => checked).map(({ value }) => value);
  const kernels = input('kernels').checked;
  if (!names.length) {
    byId('status').textContent = 'Choose a case first.';
    return;
  }
  busy(true);
  byId('progress').hidden = false;
  try {
    last = withOwn(await run({ names, ...howLong(), kernels, firstResult: names.includes(FIRST_RESULT) }));
    byId('status').textContent = 'Done.';
    showComparison();
  } catch (error) {
    byId('status').textContent = (error as Error).message;
  }
  busy(false);
}

function busy(is: boolean): void {
  measuring = is;
  for (const id of ['run', 'own-run', 'library']) button(id).disabled = is;
  if (!is) byId('progress').hidden = true;
  for (const id of ['markdown', 'json']) button(id).disabled = is || !last;
}

/** A kernel of the editor joins the table. */
function join(name: string, plan: Plan | null, { row, report }: KernelReport): void {
  if (!row || !report) return;
  if (plan) texts.set(name, textsOf(plan, row.limit ?? 'copy'));
  const rows = last?.rows.filter((one) => one.name !== name) ?? [];
  last = { ...report, rows: [...rows, row] };
  byId('results').hidden = false;
  showCeilings(last);
  showTable({ rows: last.rows, names: [], texts });
  showComparison();
}

async function copyMarkdown(): Promise<void> {
  const text = `${markdown(last!, { kernels: input('kernels').checked })}\n`;
  try {
    await navigator.clipboard.writeText(text);
    button('markdown').textContent = 'Copied';
  } catch (error) {
    byId('status').textContent = `The browser did not let it copy: ${(error as Error).message}`;
  }
  setTimeout(() => (button('markdown').textContent = 'Copy as Markdown'), 1500);
}

function downloadJson(): void {
  const text = `${JSON.stringify(last, null, 2)}\n`;
  const href = URL.createObjectURL(new Blob([text], { type: 'application/json' }));
  const download = `seqgpu-bench-${last!.date.slice(0, 10)}.json`;
  element('a', { href, download }).click();
  // Some browsers begin the download later.
  setTimeout(() => URL.revokeObjectURL(href), 10_000);
}

/** Says which adapter there is, or why there is none. */
async function showAdapter(): Promise<void> {
  try {
    byId('adapter').textContent = (await looker()).name;
    busy(false);
  } catch (error) {
    byId('adapter').textContent = (error as Error).message;
    byId('adapter').parentElement!.className = 'failed';
  }
}

/** The texts of a case that was not run: it is recorded, and its plan is looked at. */
async function showLibrary(): Promise<void> {
  const box = byId<HTMLSelectElement>('library');
  const one = caseOf(box.value);
  box.selectedIndex = 0;
  if (!one) return;
  const engine = await looker();
  const { step, args } = one.build(engine, one.inputs());
  const found = textsOf(step.plan(...args), one.limit);
  step.destroy();
  showTexts(found);
}

const choose = (checked: boolean) => () =>
  document.querySelectorAll<HTMLInputElement>('#cases input').forEach((box) => (box.checked = checked));

byId('cases').append(
  ...NAMES.map((name) => {
    const title = MEASURED.find((one) => one.name === name)?.about ?? '';
    const box = element('input', { type: 'checkbox', value: name, checked: '' });
    return element('label', { title }, box, ` ${name}`);
  }),
);
byId('all').append(
  pressed('all', choose(true), { class: 'link' }),
  ' · ',
  pressed('none', choose(false), { class: 'link' }),
);
byId('library').append(...ALL.map(({ name }) => element('option', {}, name)));
byId('library').addEventListener('change', () => void showLibrary());
input('rounds').valueAsNumber = ROUNDS;
input('quick').addEventListener('change', () => (input('rounds').disabled = input('quick').checked));
button('run').addEventListener('click', () => void runChosen());
button('markdown').addEventListener('click', () => void copyMarkdown());
button('json').addEventListener('click', downloadJson);
startDialog();
startSaved(() => last);
startEditor({ busy, isBusy: () => measuring, measured: join });
void showAdapter();

Object.assign(globalThis, { seqgpuBench: { names: NAMES, run } });
