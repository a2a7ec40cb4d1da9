// `npm test`: the adapter; then two stages at a time, on Dawn beside types, lint, format, Node, Chrome, pages and Deno.
// `npm test -- --only gpu-node` runs that stage alone; words after it choose among the stage's test files.
// `npm test -- --op lstm` compares that op with its reference, in Node.
// The last line is "N passed, N failed": tests, and the stages that have none.

import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { runnerImport } from 'vite';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));

const STAGE_MINUTES = 25;
const node = process.execPath;
const installed = (path) => join('node_modules', path);
const typescript = [node, installed('typescript/bin/tsc')];
const adapter = `const { loadConfigFromFile, runnerImport } = await import('vite');
const { config } = await loadConfigFromFile({ command: 'build', mode: 'test' });
const plugins = config.plugins.filter(({ name }) => name === 'seqgpu:wgsl');
await runnerImport('test/harness/adapter.ts', { resolve: config.resolve, plugins });`;

// A stage is programs that all have to end with 0, or a runtime for Vitest and the name of Vitest's project. In the
// order in which they begin; where two can run, the one of less time comes late, and fills what is left.
const STAGES = {
  adapter: { programs: [[node, '--input-type=module', '--eval', adapter]] },
  'gpu-node': { title: 'GPU tests in Node, on Dawn', project: 'gpu-node', runtime: both },
  types: {
    title: 'TypeScript',
    programs: [
      [...typescript, '-p', 'tsconfig.engine.json'],
      typescript,
      ...['bench', 'draw', 'guides', 'live'].map((name) => [...typescript, '-p', `examples/${name}`]),
    ],
  },
  lint: { title: 'oxlint', programs: [[node, installed('oxlint/bin/oxlint'), '--type-aware']] },
  format: {
    title: 'Prettier',
    programs: [[node, installed('prettier/bin/prettier.cjs'), '--check', '--log-level', 'warn', '.']],
  },
  node: { title: 'tests in Node', project: 'node', runtime: () => ({ command: [node] }) },
  'gpu-chrome': { title: 'GPU tests in Chrome', project: 'gpu-chrome', runtime: both },
  pages: { title: 'pages in Chrome', project: 'pages', runtime: () => ({ command: [node] }) },
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
const first = names.includes('adapter') ? await inTurn(['adapter']) : [];
const waiting = names.filter((name) => name !== 'adapter');
// A third would cost each program more than it fills.
const lanes = await Promise.all([inTurn(waiting), inTurn(waiting, true)]);
const results = [...first, ...lanes.flat()];
report(results.sort((a, b) => names.indexOf(a.name) - names.indexOf(b.name)));

/** Tells Node and Chrome whether the other is asked as well: then each family of kernels is tried by one of them. */
function both() {
  const shared = ['gpu-node', 'gpu-chrome'].every((name) => names.includes(name));
  return { command: [node], env: { SEQGPU_NODE_AND_CHROME: shared ? '1' : '0' } };
}

/** Takes stage after stage from those that wait, and runs them; `held`: shows what one says when it has ended. */
async function inTurn(waiting, held = false) {
  const results = [];
  for (let name = waiting.shift(); name; name = waiting.shift()) {
    const said = held ? [] : null;
    results.push({ name, ...(await run(STAGES[name], said)) });
    if (said) process.stdout.write(Buffer.concat(said));
  }
  return results;
}

/** `said`: takes what the stage says, in place of the terminal. */
async function run({ title, programs, project, runtime }, said) {
  // The adapter has no title: its own line is the first of all.
  if (title) say(`\n── ${title}`, said);
  const start = performance.now();
  const result = project ? await runTests(project, await runtime(), said) : await runPrograms(programs, said);
  return { ...result, seconds: (performance.now() - start) / 1000 };
}

function say(line, said) {
  if (said) said.push(Buffer.from(`${line}\n`));
  else console.log(line);
}

async function runPrograms(programs, said) {
  for (const program of programs) {
    if ((await execute(program, process.env, said)) !== 0) return { passed: 0, failed: 1 };
  }
  return { passed: 1, failed: 0 };
}

async function runTests(project, runtime, said) {
  if (!runtime) {
    const notRun =
      'Deno is missing: not in node_modules, not among the programs. fix: npm install, or install deno';
    say(notRun, said);
    return { passed: 0, failed: 0, notRun };
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
    ...files,
  ];
  const code = await execute([...runtime.command, ...vitest], { ...process.env, ...runtime.env }, said);
  const counts = existsSync(json) ? JSON.parse(readFileSync(json, 'utf8')) : {};
  rmSync(folder, { recursive: true });
  const { numPassedTests: passed = 0, numFailedTests = 0, numPendingTests = 0, numTodoTests = 0 } = counts;
  // A file that does not load, or a crash, has no failed test of its own.
  const failed = code === 0 ? numFailedTests : Math.max(1, numFailedTests);
  return { passed, failed, skipped: numPendingTests + numTodoTests };
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
function execute([program, ...parameters], env = process.env, said = null) {
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

function report(results) {
  console.log('\n── summary');
  for (const { name, passed, failed, skipped, notRun, seconds } of results) {
    const verdict = notRun ? 'NOT RUN' : failed ? 'FAILED' : 'passed';
    const counts = STAGES[name].project && !notRun ? `${passed} passed, ${failed} failed` : '';
    const rest = [counts, skipped && `${skipped} skipped`, notRun].filter(Boolean).join(', ');
    console.log(
      `${name.padEnd(11)} ${verdict.padEnd(8)} ${seconds.toFixed(1).padStart(6)} s  ${rest}`.trimEnd(),
    );
  }
  const total = (count) => results.reduce((sum, result) => sum + result[count], 0);
  console.log(`${total('passed')} passed, ${total('failed')} failed`);
  process.exitCode = total('failed') > 0 ? 1 : 0;
}
