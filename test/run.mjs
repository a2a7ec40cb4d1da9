// `npm test`: the adapter; then two things at a time of types, lint, format, and the tests in Node, on Dawn, in Chrome,
// of pages, and in Deno.
// `npm test -- --only gpu-node` runs that stage alone; words after it choose among the stage's test files.
// `npm test -- --op lstm` compares that op with its reference, in Node.
// It ends with what failed and why; the last line is "N passed, N failed": tests, and the stages that have none.

import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { runnerImport } from 'vite';

import { failuresOf, report } from './report.mjs';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));

const STAGE_MINUTES = 25;
const node = process.execPath;
const installed = (path) => join('node_modules', path);
const typescript = [node, installed('typescript/bin/tsc')];
const adapter = `const { loadConfigFromFile, runnerImport } = await import('vite');
const { config } = await loadConfigFromFile({ command: 'build', mode: 'test' });
const plugins = config.plugins.filter(({ name }) => name === 'seqgpu:wgsl');
await runnerImport('test/harness/adapter.ts', { resolve: config.resolve, plugins });`;

// A stage is programs that all have to end with 0, or a runtime for Vitest and the name of Vitest's project; its parts,
// where it has some, run one by one, two at a time as stages do. In the order in which they begin: first what tells a
// slip at once, then the longest, so that short ones fill what is left.
const STAGES = {
  adapter: { programs: [[node, '--input-type=module', '--eval', adapter]] },
  types: {
    title: 'TypeScript',
    programs: [
      [...typescript, '-p', 'tsconfig.engine.json'],
      typescript,
      ...['bench', 'draw', 'guides', 'live'].map((name) => [...typescript, '-p', `examples/${name}`]),
    ],
  },
  lint: { title: 'oxlint', programs: [[node, installed('oxlint/bin/oxlint'), '--type-aware']] },
  format: { title: 'oxfmt', programs: [[node, installed('oxfmt/bin/oxfmt'), '--check']] },
  node: { title: 'tests in Node', project: 'node', runtime: () => ({ command: [node] }) },
  'gpu-node': {
    ...{ title: 'GPU tests in Node, on Dawn', project: 'gpu-node', runtime: both },
    parts: [{ words: ['.node.test.ts'] }, { words: [], env: { SEQGPU_NODE_ONLY: '0' } }],
  },
  'gpu-chrome': { title: 'GPU tests in Chrome', project: 'gpu-chrome', runtime: both },
  pages: {
    ...{ title: 'pages in Chrome', project: 'pages', runtime: () => ({ command: [node] }) },
    parts: [{ words: ['test/pages/live'] }, { words: ['test/pages/bench'] }],
  },
  deno: { title: 'GPU tests in Deno, on wgpu', project: 'gpu-deno', runtime: findDeno },
};

const { values, positionals: files } = parseArgs({
  options: { only: { type: 'string', multiple: true }, op: { type: 'string' } },
  allowPositionals: true,
});
if (values.op !== undefined) {
  if (!existsSync(`test/reference/${values.op}.ts`)) {
    console.error(`There is no test/reference/${values.op}.ts. fix: name an op that has a reference there.`);
    process.exit(1);
  }
  values.only ??= ['gpu-node'];
  files.push('test/gpu/ops.test.ts');
}
const unknown = values.only?.find((name) => !STAGES[name]);
if (unknown) {
  console.error(`There is no stage ${unknown}. fix: --only takes ${Object.keys(STAGES).join(', ')}.`);
  process.exit(1);
}

const names = values.only ?? Object.keys(STAGES);
// The first goes without a title and alone: what it says is the first line of all.
const first = names.includes('adapter') ? await inTurn([{ name: 'adapter' }]) : [];
const waiting = names.filter((name) => name !== 'adapter').flatMap(partsOf);
// A third lane would cost each program more than it fills.
const [here, there] = waiting.length > 1 ? halves() : [[], []];
const lanes = await Promise.all([
  inTurn(waiting, { pinned: here }),
  inTurn(waiting, { pinned: there, said: [] }),
]);
const results = [...first, ...lanes.flat()];
const failed = report(names.map((name) => together(results.filter((result) => result.name === name))));
process.exitCode = failed > 0 ? 1 : 0;

/** What of a stage can run by itself; files that somebody has named run together. */
function partsOf(name) {
  const { parts } = STAGES[name];
  return parts && !files.length ? parts.map((part) => ({ name, ...part })) : [{ name, words: files }];
}

/** The results of a stage's parts as that of the stage. */
function together([one, ...others]) {
  return others.reduce((sum, part) => {
    const counts = ['passed', 'failed', 'skipped', 'seconds'].map((key) => [
      key,
      (sum[key] ?? 0) + (part[key] ?? 0),
    ]);
    const failures = [...(sum.failures ?? []), ...(part.failures ?? [])];
    return { ...sum, ...Object.fromEntries(counts), failures };
  }, one);
}

/** Tells Node and Chrome whether the other is asked as well: then each family of kernels is tried by one of them. */
function both() {
  const shared = ['gpu-node', 'gpu-chrome'].every((name) => names.includes(name));
  return { command: [node], env: { SEQGPU_NODE_AND_CHROME: shared ? '1' : '0' } };
}

/**
 * What keeps a program on one half of the cores, and on the other: a software GPU has a thread for each core that it
 * sees, and those of two would wait for each other. Nothing where that cannot be had.
 */
function halves() {
  const status = existsSync('/proc/self/status') ? readFileSync('/proc/self/status', 'utf8') : '';
  const ranges = /^Cpus_allowed_list:\s*(.*)$/m.exec(status)?.[1].split(',') ?? [];
  const cores = ranges.flatMap((range) => {
    const [from, to = from] = range.split('-').map(Number);
    return Array.from({ length: to - from + 1 }, (_, i) => from + i);
  });
  const half = Math.floor(cores.length / 2);
  if (!half || spawnSync('taskset', ['--version']).status !== 0) return [[], []];
  return [cores.slice(0, half), cores.slice(half)].map((some) => ['taskset', '--cpu-list', some.join(',')]);
}

/** Takes part after part from those that wait, and runs them; with `said`, shows what one says when it has ended. */
async function inTurn(waiting, lane = {}) {
  const results = [];
  for (let part = waiting.shift(); part; part = waiting.shift()) {
    results.push({ name: part.name, ...(await run(part, lane)) });
    if (lane.said) process.stdout.write(Buffer.concat(lane.said.splice(0)));
  }
  return results;
}

/** A lane has words that keep a program on its cores, and may take what a stage says in place of the terminal. */
async function run({ name, words, env }, lane) {
  const { title, programs, project, runtime } = STAGES[name];
  // The adapter has no title: its own line is the first of all.
  if (title) say(`\n── ${title}`, lane);
  const start = performance.now();
  const result = project
    ? await runTests({ project, words, env }, await runtime(), lane)
    : await runPrograms(programs, lane);
  return { ...result, seconds: (performance.now() - start) / 1000 };
}

function say(line, { said }) {
  if (said) said.push(Buffer.from(`${line}\n`));
  else console.log(line);
}

async function runPrograms(programs, lane) {
  for (const program of programs) {
    if ((await execute(program, process.env, lane)) !== 0) return { passed: 0, failed: 1 };
  }
  return { passed: 1, failed: 0 };
}

async function runTests({ project, words, env }, runtime, lane) {
  if (!runtime) {
    const notRun =
      'Deno is missing: not in node_modules, not among the programs. fix: npm install, or install deno';
    say(notRun, lane);
    return { tests: true, passed: 0, failed: 0, notRun };
  }
  const folder = mkdtempSync(join(tmpdir(), 'seqgpu-test-'));
  const json = join(folder, 'report.json');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${json}`];
  const chosen = values.op === undefined ? [] : ['--testNamePattern', `^${values.op} \\(`];
  const vitest = [
    installed('vitest/vitest.mjs'),
    'run',
    '--project',
    project,
    ...reporters,
    ...chosen,
    ...words,
  ];
  const code = await execute(
    [...runtime.command, ...vitest],
    { ...process.env, ...runtime.env, ...env },
    lane,
  );
  const said = existsSync(json) ? JSON.parse(readFileSync(json, 'utf8')) : {};
  rmSync(folder, { recursive: true });
  const { numPassedTests: passed = 0, numPendingTests = 0, numTodoTests = 0 } = said;
  const failures = failuresOf(said);
  // What no test is to blame for: a crash, or a promise that nobody awaited.
  if (code !== 0 && !failures.length) failures.push(`Vitest ended with ${code}, and no test had failed`);
  const skipped = numPendingTests + numTodoTests;
  return { tests: true, passed, failed: failures.length, skipped, failures };
}

async function findDeno() {
  const candidates = [[node, installed('deno/bin.cjs')], ['deno']];
  const deno = candidates.find(
    ([program, ...rest]) => spawnSync(program, [...rest, '--version']).status === 0,
  );
  if (!deno) return null;
  const { vulkanEnvironment } = (await runnerImport('src/gpu/device/vulkan.node.ts')).module;
  return { command: [...deno, 'run', '--allow-all', '--no-lock'], env: vulkanEnvironment() };
}

/** In a group of its own, so that whatever a stage has started ends with it: too late, or with Ctrl-C. */
function execute(words, env, { pinned = [], said }) {
  const [program, ...parameters] = [...pinned, ...words];
  const stdio = said ? ['ignore', 'pipe', 'pipe'] : 'inherit';
  const child = spawn(program, parameters, { stdio, env, detached: true });
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (bytes) => said.push(bytes));
  const end = () => {
    try {
      process.kill(-child.pid, 'SIGKILL');
    } catch {
      // It has ended already.
    }
  };
  const stop = () => {
    end();
    // When whatever else runs has been told, too.
    setImmediate(() => process.exit(1));
  };
  const timer = setTimeout(() => {
    console.error(`ended after ${STAGE_MINUTES} minutes: ${[program, ...parameters].join(' ')}`);
    end();
  }, STAGE_MINUTES * 60_000);
  process.on('SIGINT', stop).on('SIGTERM', stop);
  return new Promise((resolve) => {
    child.on('error', (error) => resolve(error));
    child.on('close', (code) => resolve(code));
  }).finally(() => {
    clearTimeout(timer);
    process.off('SIGINT', stop).off('SIGTERM', stop);
  });
}
