// `seqgpu bench`: measures the engine on this machine's adapter, in Node or in a headless Chrome, prints
// the table, and keeps or compares the numbers.

import { cpus } from 'node:os';
import {
  BUNDLE_SIZE,
  CASES,
  ROUNDS,
  bench,
  beyondCeiling,
  ceilingLine,
  choose,
  compare,
  compareTable,
  remarksOn,
  rivalTable,
  sizeRow,
  tableOf,
  withRivals,
  type Chosen,
  type Report,
  type ReportRow,
} from '../../bench/index';
import { fail } from '../../graph/check';
import {
  ENGINE_FLAGS,
  adapterLine,
  engineOf,
  openEngine,
  untuned,
  type EngineChoice,
} from '../engine/adapter.node';
import { prepareOut, readResult, writeReadme } from './benchFile.node';
import { benchInChrome, serveBenchPage } from './benchPage.node';
import { reportCommand } from './report/reportCommand.node';
import { traceCommand } from './trace.node';
import { BUNDLE_TARGET, PROGRAMS, bundleSize } from './bundleSize.node';
import { readFlags, type Flags } from '../flags/flags';
import { table } from '../../report/text.node';
import { makeProgress } from './progress.node';

/** Flags of `bench`. */
export const BENCH_FLAGS = {
  only: { kind: 'texts', help: 'the cases with one of these in their name; with --report, these parts' },
  rounds: { kind: 'count', help: `through all cases; otherwise ${ROUNDS}` },
  quick: { kind: 'switch', help: 'one round of the shortest samples: shows that it runs, not how fast' },
  kernels: { kind: 'switch', help: 'also a row for every kernel' },
  tuned: { kind: 'switch', help: 'with the kernels that tune has found here; otherwise with none of them' },
  compare: { kind: 'text', help: 'row by row with the results in this file' },
  out: { kind: 'text', help: 'writes the results into this file; into a folder, named by date and adapter' },
  json: { kind: 'switch', help: 'make the last line of the output one JSON object' },
  chrome: { kind: 'switch', help: 'in a headless Chrome and not in Node' },
  peers: { kind: 'switch', help: 'also other engines, beside ours in a page' },
  page: { kind: 'switch', help: 'serve the bench as a page to this machine, and nothing else' },
  readme: {
    kind: 'switch',
    help: 'write the newest of examples/bench/results into the table of examples/bench/README.md',
  },
  trace: { kind: 'texts', help: 'what the kernels of these cases do with memory, and what GPUs would allow' },
  lanes: { kind: 'count', help: 'with --trace: the size of a subgroup, 16, 32 or 64; otherwise 32' },
  workgroups: { kind: 'count', help: 'with --trace: how many of each launch are traced; otherwise 2' },
  report: {
    kind: 'switch',
    help: 'all there is to know of this machine, within minutes, in two files in --out',
  },
  minutes: { kind: 'count', help: 'with --report: how long it may take; otherwise 9' },
  data: { kind: 'text', help: 'with --report: the data folder, for the text that it trains on' },
  ...ENGINE_FLAGS,
} as const satisfies Flags;

interface Given extends EngineChoice {
  readonly only?: readonly string[];
  readonly rounds?: number;
  readonly quick?: boolean;
  readonly kernels?: boolean;
  readonly tuned?: boolean;
  readonly compare?: string;
  readonly out?: string;
  readonly json?: boolean;
  readonly chrome?: boolean;
  readonly peers?: boolean;
  readonly page?: boolean;
  readonly readme?: boolean;
  readonly trace?: readonly string[];
  readonly lanes?: number;
  readonly workgroups?: number;
  readonly report?: boolean;
  readonly minutes?: number;
  readonly data?: string;
}

/** Reads the words of `bench`; the action measures, or serves the page, and gives the exit code. */
export function readBenchCommand(words: readonly string[]): () => Promise<number> {
  const { positionals, given } = readFlags('bench', words, BENCH_FLAGS);
  if (positionals.length > 0) {
    const own =
      '--page has an editor for a kernel of your own; in a program, benchKernel of seqgpu/bench measures it.';
    fail(`bench: "${positionals[0]}" is too much.`, {
      fix: positionals[0].endsWith('.wgsl') ? own : `for cases by name, --only "${positionals[0]}".`,
    });
  }
  const options = given as Given;
  for (const alone of ['page', 'readme'] as const) {
    const [other] = Object.keys(given).filter((name) => name !== alone);
    if (options[alone] && other)
      fail(`bench: --${alone} and --${other} exclude each other.`, { fix: `--${alone} alone.` });
  }
  const without = (['trace', 'report', 'chrome'] as const).find((name) => options[name]);
  if (options.tuned && without)
    fail(`bench: --tuned and --${without} exclude each other.`, { fix: 'leave out one of them.' });
  if (options.trace) return traceCommand({ ...options, trace: options.trace });
  if (options.report) return reportCommand(options);
  refuseParts(options);
  const forNode = (['family', 'adapter'] as const).find((name) => options[name] !== undefined);
  if (forNode && options.chrome)
    fail(`bench: --${forNode} and --chrome exclude each other.`, { fix: 'the page chooses for itself.' });
  const chosen = choose(CASES, options.only);
  if (options.page) return serveBenchPage;
  if (options.readme) return async () => writeReadme();
  return () => run(options, chosen);
}

/** Flags that are about another flag, which is not there. */
function refuseParts(options: Given): void {
  const about = { lanes: '--trace', workgroups: '--trace', minutes: '--report', data: '--report' } as const;
  for (const name of ['lanes', 'workgroups', 'minutes', 'data'] as const) {
    const whole = about[name];
    const fix = `add ${whole === '--trace' ? '--trace NAME' : whole}, or leave it out.`;
    if (options[name] !== undefined) fail(`bench: --${name} is about ${whole}.`, { fix });
  }
}

async function run(given: Given, chosen: Chosen): Promise<number> {
  // What is wrong with the files is said before minutes are spent.
  const before = given.compare === undefined ? null : readResult(given.compare);
  const write = given.out === undefined ? null : prepareOut(given.out);
  let report = await measured(given, chosen);
  if (chosen.bundleSize) report = await withBundleSize(report);
  console.log(`ceilings: ${ceilingLine(report)}; kernels: ${report.family}`);
  show(tableOf(report, { kernels: given.kernels }));
  for (const remark of beyondCeiling(report)) console.log(remark);
  if (given.peers) report = await withPeers(report, given, chosen);
  if (before) {
    console.log(`Beside ${given.compare}, of ${before.date.slice(0, 10)}:`);
    for (const remark of remarksOn(before, report)) console.log(remark);
    // The rows that were not asked for are not gone.
    const names = new Set([...chosen.cases.map(({ name }) => name), ...report.rows.map(({ name }) => name)]);
    const rows = before.rows.filter(({ name }) => !given.only || names.has(name));
    show(compareTable(compare({ ...before, rows }, report)));
  }
  if (write) console.log(`results: ${write(report)}`);
  if (given.json) console.log(JSON.stringify(report));
  return 0;
}

async function measured(given: Given, { cases, metrics, firstResult }: Chosen): Promise<Report> {
  const { rounds, quick, kernels = false } = given;
  const progress = makeProgress();
  try {
    if (given.chrome) {
      const names = [...cases, ...metrics].map(({ name }) => name);
      const report = await benchInChrome({ names, firstResult, rounds, quick, kernels }, progress);
      progress.stop();
      console.log(`adapter: ${report.adapter}, in ${report.runtime}`);
      return report;
    }
    const choice = engineOf({ ...given });
    const tuning = given.tuned ? undefined : untuned();
    const engine = await openEngine({ tuning, ...choice });
    console.log(await adapterLine(engine));
    const none = Object.keys(engine.tuning).length === 0;
    engine.destroy();
    if (given.tuned && none)
      fail('bench: --tuned, but nothing was measured here that is taken.', {
        fix: '`seqgpu tune` measures; `seqgpu doctor` says what there is, and why it is not taken.',
      });
    const runtime = runtimeName();
    const how = {
      rounds,
      quick,
      kernels,
      runtime,
      open: () => openEngine({ tuning, ...choice }),
      onProgress: progress.update,
    };
    return await bench({ cases, metrics, firstResult, ...how });
  } finally {
    progress.stop();
  }
}

/** Node and its version, and the processor: on a software adapter it is what computes. */
function runtimeName(): string {
  const { version, platform, arch } = process;
  const [cpu] = cpus();
  const cores = cpu ? `, ${cpus().length} × ${cpu.model.trim()}` : '';
  return `Node ${version.slice(1)} (Dawn), ${platform} ${arch}${cores}`;
}

async function withBundleSize(report: Report): Promise<Report> {
  const { must, stretch } = BUNDLE_TARGET;
  const about = `what of the engine a page downloads, minified and gzipped; at most ${must} KiB, better ${stretch}`;
  const rows: ReportRow[] = [];
  for (const [what, program] of Object.entries(PROGRAMS)) {
    const name = `${BUNDLE_SIZE}, ${what}`;
    const found = await bundleSize(program);
    if ('missing' in found) {
      console.log(`${BUNDLE_SIZE}: not measured, ${found.missing}`);
      return report;
    }
    const kib = found.bytes / 1024;
    const verdict = kib > must ? `more than the ${must} KiB` : `within the ${must} KiB`;
    console.log(`${name}: ${kib.toFixed(1)} KiB, ${verdict} that it may have (better ${stretch})`);
    rows.push(sizeRow(name, about, found.bytes));
  }
  return { ...report, rows: [...report.rows, ...rows] };
}

async function withPeers(report: Report, { only, rounds, quick }: Given, { cases }: Chosen): Promise<Report> {
  const { runPeers } = await import('./peers.node');
  const log = (line: string) => console.error(line);
  const names = only ? cases.map(({ name }) => name) : undefined;
  const { rows } = await runPeers({ cases: names, rounds: rounds ?? (quick ? 1 : undefined), log });
  console.log('Other engines, in turns with ours in one page of Chrome:');
  show(rivalTable(rows));
  const rivals = new Map(rows.map((row) => [row.name, row.rivals]));
  return {
    ...report,
    rows: report.rows.map((row) => (rivals.has(row.name) ? withRivals(row, rivals.get(row.name)!) : row)),
  };
}

const show = ({ head, rows }: { head: readonly string[]; rows: readonly (readonly string[])[] }): void =>
  console.log(table(head, rows));
