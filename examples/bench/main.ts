// The bench as a page: choose cases, run them, see the table grow, take the numbers along. A program runs
// it by `seqgpuBench.run(options)`, which gives the same JSON as `seqgpu bench --json`.

import { open } from '../../src/index';
import {
  CASES,
  METRICS,
  FIRST_RESULT,
  ROUNDS,
  bench,
  markdown,
  type BenchOptions,
  type Report,
} from '../../src/bench/index';
import { OWN } from './own';
import { byId, element, showCeilings, showTable } from './view';

interface Options extends Pick<BenchOptions, 'rounds' | 'quick' | 'kernels' | 'onProgress'> {
  /** The names of the cases and metrics. */
  readonly names: readonly string[];
  readonly firstResult?: boolean;
}

const ALL = [...OWN, ...CASES];
const MEASURED = [...ALL, ...METRICS];
const NAMES = [...MEASURED.map(({ name }) => name), FIRST_RESULT];
const input = (id: string) => byId<HTMLInputElement>(id);
const button = (id: string) => byId<HTMLButtonElement>(id);
let last: Report | null = null;

/** Measures, shows what is known by then after every round, and gives the report. */
async function run({ names, onProgress, ...options }: Options): Promise<Report> {
  const unknown = names.find((name) => !NAMES.includes(name));
  if (unknown !== undefined) throw new Error(`There is no case ${unknown}; there are ${NAMES.join(', ')}.`);
  const isNamed = ({ name }: { name: string }) => names.includes(name);
  const rows = [
    ...names.filter((name) => name !== FIRST_RESULT),
    ...(options.firstResult ? [FIRST_RESULT] : []),
  ];
  let soFar: Report['rows'] = [];
  byId('results').hidden = false;
  showTable([], rows);
  const report = await bench({
    ...options,
    ...{ cases: ALL.filter(isNamed), metrics: METRICS.filter(isNamed), runtime: runtimeName() },
    onProgress(what, done, all) {
      byId('status').textContent = what;
      byId<HTMLProgressElement>('progress').value = done / all;
      showTable(soFar, rows, what.split(':')[0]);
      onProgress?.(what, done, all);
    },
    onRound(known) {
      soFar = known.rows;
      showCeilings(known);
      showTable(soFar, rows);
    },
  });
  showCeilings(report);
  showTable(report.rows, rows);
  return report;
}

/** `Chrome 156, Linux`. */
function runtimeName(): string {
  const { userAgent } = navigator;
  const [, browser = 'a browser', version = ''] =
    /(Firefox|Edg|Chrome|Version)\/(\d+)/.exec(userAgent.replace(/Chrome\/\S+ (?=.*Edg)/, '')) ?? [];
  const system = /Windows|Mac OS X|Android|Linux|iPhone|iPad/.exec(userAgent)?.[0] ?? 'an unknown system';
  return `${{ Edg: 'Edge', Version: 'Safari' }[browser] ?? browser} ${version}, ${system}`;
}

async function runChosen(): Promise<void> {
  const boxes = [...document.querySelectorAll<HTMLInputElement>('#cases input')];
  const names = boxes.filter(({ checked }) => checked).map(({ value }) => value);
  const [quick, kernels] = [input('quick').checked, input('kernels').checked];
  const rounds = quick ? undefined : Math.max(1, Math.floor(input('rounds').valueAsNumber) || ROUNDS);
  if (!names.length) {
    byId('status').textContent = 'Choose a case first.';
    return;
  }
  busy(true);
  try {
    last = await run({ names, rounds, quick, kernels, firstResult: names.includes(FIRST_RESULT) });
    byId('status').textContent = 'Done.';
  } catch (error) {
    byId('status').textContent = (error as Error).message;
  }
  busy(false);
}

function busy(is: boolean): void {
  button('run').disabled = is;
  byId('progress').hidden = !is;
  for (const id of ['markdown', 'json']) button(id).disabled = is || !last;
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
    const engine = await open();
    byId('adapter').textContent = engine.name;
    engine.destroy();
    button('run').disabled = false;
  } catch (error) {
    byId('adapter').textContent = (error as Error).message;
    byId('adapter').parentElement!.className = 'failed';
  }
}

const choose = (checked: boolean) => (event: Event) => {
  event.preventDefault();
  document.querySelectorAll<HTMLInputElement>('#cases input').forEach((box) => (box.checked = checked));
};

byId('cases').append(
  ...NAMES.map((name) => {
    const title = MEASURED.find((one) => one.name === name)?.about ?? '';
    const box = element('input', { type: 'checkbox', value: name, checked: '' });
    return element('label', { title }, box, ` ${name}`);
  }),
);
input('rounds').valueAsNumber = ROUNDS;
input('quick').addEventListener('change', () => (input('rounds').disabled = input('quick').checked));
byId('all').addEventListener('click', choose(true));
byId('none').addEventListener('click', choose(false));
button('run').addEventListener('click', () => void runChosen());
button('markdown').addEventListener('click', () => void copyMarkdown());
button('json').addEventListener('click', downloadJson);
void showAdapter();

Object.assign(globalThis, { seqgpuBench: { names: NAMES, run } });
