// The built program, run as a person runs it: it trains, stops, goes on, and ends by itself. Needs an adapter. What needs
// no process of its own: program.test.ts.

import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { build, type Plugin } from 'vite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decodeSafetensors } from '../../src/train/safetensors';
import configuration from '../../vite.config';
import { lacking, startRedis } from '../harness/queueServers';
import { TINY, bitsOf, linesOf, type Ended } from '../harness/runsOfProgram';

// Beside the packages that the program imports.
const folder = mkdtempSync(resolve('node_modules', '.seqgpu-test-'));

// As it is published, but for the types, which no program is run with: they take as long as all the rest.
beforeAll(async () => {
  const plugins = (configuration.plugins as Plugin[]).filter(({ name }) => name !== 'declarations');
  const { build: how, ...rest } = configuration;
  const into = { ...how, outDir: join(folder, 'dist'), emptyOutDir: true };
  await build({ ...rest, configFile: false, plugins, logLevel: 'error', build: into });
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs a command line, in this environment and more; interrupts it as soon as `until` holds. */
function seqgpu(words: string, until?: () => boolean, more: NodeJS.ProcessEnv = {}): Promise<Ended> {
  const env = { ...process.env, ...more };
  const child = spawn(process.execPath, [join(folder, 'dist/cli.js'), ...words.split(' ')], {
    cwd: folder,
    env,
  });
  let [out, error] = ['', ''];
  const watch = until && setInterval(() => until() && child.kill('SIGINT'), 50);
  child.stdout.on('data', (text) => (out += text));
  child.stderr.on('data', (text) => (error += text));
  return new Promise((done) => {
    child.on('close', (code) => {
      clearInterval(watch);
      done({ code, out: out.trimEnd().split('\n'), error });
    });
  });
}

/** Side by side: commands that have nothing to do with each other. */
const together = (...lines: readonly string[]) => Promise.all(lines.map((line) => seqgpu(line)));

/** Without what differs from run to run: the time. */
const curvesOf = (run: string) =>
  readFileSync(join(folder, run, 'metrics.jsonl'), 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((line) => ({ ...(JSON.parse(line) as object), seconds: 0 }) as Readonly<Record<string, number>>);

test('trains, and ends with one JSON object', async () => {
  const { code, out, error } = await seqgpu(`${TINY} --steps 3 --out short --json`);
  expect({ code, error }).toEqual({ code: 0, error: '' });
  expect(out[0]).toMatch(/^adapter: ./);
  const result = JSON.parse(out.at(-1)!);
  expect(result).toMatchObject({ task: 'copy', model: 'tcn', steps: 3, metric: 'cross-entropy', seed: 1 });
  for (const name of ['parameters', 'validMetric', 'testMetric', 'stepsPerSecond', 'seconds']) {
    expect(result[name]).toBeGreaterThan(0);
  }
  expect(readdirSync(join(folder, 'short')).sort()).toEqual([
    ...[
      'best.safetensors',
      'last.safetensors',
      'metrics.jsonl',
      'report.html',
      'results.json',
      'settings.json',
    ],
  ]);

  const again = await seqgpu(`${TINY} --steps 3 --out short`);
  expect(again.code).toBe(1);
  expect(again.error).toContain('holds a run already');
}, 120_000);

test('a run that was stopped and resumed ends with the same bits', async () => {
  const dropped = `${TINY} --dropout 0.2 --evaluate-every 2 --schedule plateau`;
  // The second ends between two validations, with one that an unbroken run does not have.
  await together(`${dropped} --steps 6 --out whole`, `${dropped} --steps 3 --out parts`);
  const { code, error } = await seqgpu('train copy --model tcn --out parts --resume --steps 6');
  expect({ code, error }).toEqual({ code: 0, error: '' });
  for (const which of ['last', 'best'])
    expect(bitsOf(folder, 'parts', which)).toEqual(bitsOf(folder, 'whole', which));
}, 120_000);

test('a run keeps the kernels that were measured for it, and goes on with them', async () => {
  const tuned = `${TINY} --evaluate-every 2 --schedule constant --tuning kernels.json`;
  const whole = await seqgpu(`${tuned} --steps 4 --out measured`);
  expect({ code: whole.code, error: whole.error }).toEqual({ code: 0, error: '' });
  const text = readFileSync(join(folder, 'kernels.json'), 'utf8');
  expect(Object.keys(JSON.parse(text).kernels).length).toBeGreaterThan(0);
  await seqgpu(`${tuned} --steps 2 --out kept`);
  rmSync(join(folder, 'kernels.json'));
  const [rest, plain] = await together(
    'train copy --model tcn --out kept --resume --steps 4 --tuning kernels.json',
    'train copy --model tcn --out parts --resume --tuning kernels.json',
  );
  expect({ code: rest.code, error: rest.error }).toEqual({ code: 0, error: '' });
  // Nothing was measured again.
  expect(existsSync(join(folder, 'kernels.json'))).toBe(false);
  for (const run of ['measured', 'kept'])
    expect(readFileSync(join(folder, run, 'tuning.json'), 'utf8')).toBe(text);
  expect(bitsOf(folder, 'kept')).toEqual(bitsOf(folder, 'measured'));
  expect(plain).toMatchObject({ code: 1, error: expect.stringContaining('the run was begun without it') });
}, 120_000);

test('interrupted before its first validation, a run is saved behind its last step, and ends with the same bits', async () => {
  const dropped = `${TINY} --dropout 0.2 --schedule constant --evaluate-every 50000 --steps 100000 --out long`;
  const child = spawn(process.execPath, [join(folder, 'dist/cli.js'), ...dropped.split(' ')], {
    cwd: folder,
  });
  let error = '';
  child.stderr.on('data', (text) => (error += text));
  child.stdout.on('data', (text) => String(text).includes(': step ') && child.kill('SIGINT'));
  const code = await new Promise((done) => child.on('close', done));
  expect(code).toBe(130);
  const step = Number(/Step (\d+) is saved in long; the same command with --resume goes on/.exec(error)?.[1]);
  expect(step).toBeGreaterThan(0);
  expect(readdirSync(join(folder, 'long')).sort()).toEqual([
    ...['last.safetensors', 'metrics.jsonl', 'settings.json'],
  ]);

  const whole = `${TINY} --dropout 0.2 --schedule constant --evaluate-every 50000 --steps ${step + 2} --out unbroken`;
  await together(`train copy --model tcn --resume --steps ${step + 2} --out long`, whole);
  for (const which of ['last', 'best'])
    expect(bitsOf(folder, 'long', which)).toEqual(bitsOf(folder, 'unbroken', which));
  expect(curvesOf('long')).toEqual(curvesOf('unbroken'));
  expect(curvesOf('long').at(-1)).toMatchObject({ step: step + 2, validation: expect.any(Number) });
}, 120_000);

test('when nobody reads its output any more a training ends with 141, saved', async () => {
  const words = `${TINY} --evaluate-every 1 --steps 100000 --out unread`.split(' ');
  const child = spawn(process.execPath, [join(folder, 'dist/cli.js'), ...words], { cwd: folder });
  let error = '';
  child.stderr.on('data', (text) => (error += text));
  // As head does: the pipe is closed behind the first line, and the next one meets nobody.
  child.stdout.once('data', () => child.stdout.destroy());
  const ended = await new Promise((done) => child.on('exit', (code, signal) => done({ code, signal })));
  expect(ended).toEqual({ code: 141, signal: null });
  expect(error).toMatch(/nobody reads the output[^]*Step \d+ is saved in unread/);
  bitsOf(folder, 'unread');
}, 120_000);

test('a folder is for one process: a second is refused, and takes over when the first was killed', async () => {
  const words = `${TINY} --steps 100000 --evaluate-every 1 --out held`.split(' ');
  const first = spawn(process.execPath, [join(folder, 'dist/cli.js'), ...words], { cwd: folder });
  const last = join(folder, 'held/last.safetensors');
  while (!existsSync(last)) await new Promise((next) => setTimeout(next, 50));
  const second = await seqgpu('train copy --model tcn --out held --resume');
  expect(second.code).toBe(1);
  expect(second.error).toMatch(
    new RegExp(`in use by another process[^]*process ${first.pid} [^]*--steps 100000`),
  );
  expect(existsSync(join(folder, 'held/.lock'))).toBe(true);

  const gone = new Promise((done) => first.once('exit', done));
  first.kill('SIGKILL');
  await gone;
  const { metadata } = decodeSafetensors(new Uint8Array(readFileSync(last)), last);
  const { step } = JSON.parse(metadata.progress);
  const third = await seqgpu(`train copy --model tcn --out held --resume --steps ${step + 1}`);
  expect({ code: third.code, error: third.error }).toEqual({ code: 0, error: '' });
  expect(readdirSync(join(folder, 'held'))).not.toContain('.lock');
}, 120_000);

test('wrong words end with 2, a run that cannot be resumed with 1', async () => {
  const [wrong, { code, error }] = await together('trian', 'train copy --model tcn --out none --resume');
  expect(wrong.code).toBe(2);
  expect({ code, error }).toMatchObject({ code: 1, error: expect.stringContaining('nothing to resume') });
});

test('--json tells a failure as an object too, whatever the command', async () => {
  const failed = await together(
    ...[`${TINY} --steps 9 --learning-rate 1e30 --out diverged-json --json`, 'generate nowhere --json'],
    ...[
      'study unstabel --json',
      'doctor --famly direct --json',
      'data jbs --json',
      'bench --only nothing --json',
    ],
  );
  const told = failed.map(({ code, out }) => ({ ended: code, ...JSON.parse(out.at(-1)!) }));
  for (const { ended, code, error } of told) {
    expect(code).toBe(ended);
    expect(code).toBeGreaterThan(0);
    expect(error.message).toMatch(/^(fit|generate|study|doctor|data|bench|--).*\n/);
  }
  expect(told[0].error.kind).toBe('diverged');
});

test('doctor describes the adapter, and installs none where there is one', async () => {
  // Without apt-get, which might bring a second one.
  const without = { PATH: folder };
  const { code, out, error } = await seqgpu('doctor --install --json --family workgroup', undefined, without);
  expect(error).toBe('');
  expect(code).toBe(0);
  expect(JSON.parse(out.at(-1)!).adapter).toMatchObject({
    family: 'workgroup',
    quads: expect.any(Boolean),
    peakGflops: expect.any(Number),
    copyGBps: expect.any(Number),
  });
}, 60_000);

test('--adapter lists what there is, takes one by a part of its name, and says which there are', async () => {
  const [list, wrong] = await together(
    'train --adapter list',
    `${TINY} --steps 1 --out named --adapter none`,
  );
  const [first] = list.out;
  expect(list.code).toBe(0);
  expect(first).toMatch(/^\S.*: taken: \S/);
  expect(wrong.code).toBe(1);
  expect(wrong.error).toMatch(
    /no adapter has "none" in its name\.\n +there is: \S[^\n]*\n +fix: give a part/,
  );
  const named = await seqgpu(`${TINY} --steps 1 --out named --adapter ${first.split(/\W/)[0].toUpperCase()}`);
  expect(named.code).toBe(0);
  expect(named.out[0]).toContain('adapter: ');
}, 60_000);

test('demo: four runs, their table, their curves, and what is to be seen', async () => {
  const { code, out, error } = await seqgpu('demo --steps 1 --seed 3 --out demo --quiet --json');
  expect({ code, error }).toEqual({ code: 0, error: '' });
  const { runs } = JSON.parse(out.at(-1)!);
  expect(
    runs.map(({ task, model, steps, seed }: Record<string, unknown>) => [task, model, steps, seed]),
  ).toEqual([
    ...['lstm', 'tcn'].map((model) => ['copy', model, 1, 3]),
    ...['lstm', 'tcn'].map((model) => ['adding', model, 1, 3]),
  ]);
  expect(out.join('\n')).toMatch(/Copy memory over 100 steps[^]*after 1 steps the TCN/);
  expect(
    readdirSync(join(folder, 'demo'))
      .filter((name) => name !== '.lock')
      .sort(),
  ).toEqual([...['adding.svg', 'copy.svg', 'report.html', 'results.json']]);
}, 120_000);

test('bench: a case in one round, and compared with itself', async () => {
  const bench = 'bench --only host --quick --rounds 1';
  const { code, out, error } = await seqgpu(`${bench} --out bench.json --json`);
  expect({ code, error }).toEqual({ code: 0, error: expect.any(String) });
  const { rows, rounds } = JSON.parse(out.at(-1)!);
  expect(rounds).toBe(1);
  expect(rows.map(({ name }: { name: string }) => name)).toEqual(['host per launch']);
  expect(rows[0]).toMatchObject({ value: expect.any(Number), unit: 'µs' });
  expect(JSON.parse(readFileSync(join(folder, 'bench.json'), 'utf8')).rows).toEqual(rows);
  const again = await seqgpu(`${bench} --compare bench.json`);
  expect(again.code).toBe(0);
  expect(again.out.join('\n')).toMatch(/host per launch.*noise unknown/);
}, 120_000);

test('bench --report: two parts in two files; without the text nothing is trained, and nothing is wrong', async () => {
  const words = 'bench --report --minutes 1 --only ceilings,shakespeare --data nowhere --out machine --json';
  const { code, out } = await seqgpu(words);
  expect(code).toBe(0);
  const stored = JSON.parse(readFileSync(join(folder, 'machine/report.json'), 'utf8'));
  expect(JSON.parse(out.at(-1)!)).toMatchObject({ adapter: stored.adapter, parts: stored.parts });
  expect(stored.parts).toMatchObject([
    { name: 'ceilings', ending: 'done', findings: [], values: { fma: expect.any(Number) } },
    { name: 'shakespeare', ending: 'done', findings: [], rows: [] },
  ]);
  expect(stored.program).toMatch(/^seqgpu \d/);
  expect(stored.machine.limits.maxBufferSize).toBeGreaterThan(0);
  const text = readFileSync(join(folder, 'machine/report.md'), 'utf8');
  expect(text).toContain('Nothing was found.');
  expect(text).toContain('input.txt is missing');
}, 60_000);

const TINY_SEARCH =
  'search copy --model tcn --hidden 4 --levels 2 --kernel-size 3 --length 5 --batch 2 --trials 3 --steps 9';

/** Without what differs from run to run: the time. */
const resultsOf = (run: string) =>
  linesOf(folder, run).map((line) => {
    const { cell, settings, result } = JSON.parse(line);
    return { cell, settings, result };
  });

test('a search that was killed in the middle of a trial ends as one that was not', async () => {
  const saved = () => existsSync(join(folder, 'killed/cell.safetensors'));
  const [whole] = await Promise.all([
    seqgpu(`${TINY_SEARCH} --evaluate-every 1 --out search --json`),
    seqgpu(`${TINY_SEARCH} --evaluate-every 1 --out killed`, saved),
  ]);
  expect(whole.error).toBe('');
  const { study, rows } = JSON.parse(whole.out.at(-1)!);
  expect({ study, rows: rows.length }).toEqual({ study: 'search copy tcn', rows: 4 });
  expect(linesOf(folder, 'search').map((line) => JSON.parse(line).cell)).toHaveLength(4);

  const resumed = await seqgpu(`${TINY_SEARCH} --evaluate-every 1 --out killed --json`);
  expect(resumed.error).toBe('');
  expect(resultsOf('killed')).toEqual(resultsOf('search'));
  expect(readdirSync(join(folder, 'killed')).sort()).toEqual(readdirSync(join(folder, 'search')).sort());

  const other = await seqgpu(`${TINY_SEARCH} --evaluate-every 2 --out killed`);
  expect(other).toMatchObject({ code: 1, error: expect.stringContaining('holds something else') });
}, 120_000);

describe.skipIf(lacking.redis)(`over a queue ${lacking.redis && `(not run: ${lacking.redis})`}`, () => {
  // On a busy machine what is measured of an adapter may be in doubt, and other kernels have other last bits.
  const LSTM =
    'search copy --model lstm --hidden 4 --length 5 --batch 2 --trials 4 --steps 9 --json --family direct';
  /** All but what tells where and when. */
  const found = (name: string) =>
    new Map(
      linesOf(folder, name).map((line) => [JSON.parse(line).cell, JSON.stringify(JSON.parse(line).result)]),
    );

  test('two workers find the winner of one process, with the same number, bit for bit', async () => {
    const server = await startRedis();
    const queue = `--queue ${server.url}`;
    const worker = `worker ${queue} --idle 6 --checkpoints checkpoints --family direct`;
    const [here, there, ...workers] = await together(
      `${LSTM} --out here`,
      `${LSTM} --out there ${queue}`,
      worker,
      worker,
    );
    await server.stop();
    expect([here, there, ...workers].map(({ code, error }) => ({ code, error }))).toEqual(
      Array(4).fill({ code: 0, error: '' }),
    );
    const [one, two] = [here, there].map(({ out }) => JSON.parse(out.at(-1)!));
    expect(two).toEqual(one);
    expect(two.best.validMetric).toBeGreaterThan(0);
    expect(found('there')).toEqual(found('here'));
    // Both took part, and the log says where each number was made.
    const hosts = new Set(linesOf(folder, 'there').map((line) => JSON.parse(line).host));
    expect(hosts.size).toBe(2);
    expect(readdirSync(join(folder, 'checkpoints'))).toEqual([]);
  }, 120_000);
});

test('a queue that is not there is told, and the program ends', async () => {
  const { code, error } = await seqgpu('worker --queue redis://127.0.0.1:1');
  expect({ code, error }).toEqual({
    code: 1,
    error: expect.stringContaining('cannot be reached: ECONNREFUSED'),
  });
}, 30_000);

test('a tuning that is interrupted keeps what it has measured, and says where', async () => {
  let begun = false;
  const ended = await new Promise<Ended>((done) => {
    const words = ['tune', '--only', 'copy rnn', '--minutes', '3', '--out', 'interrupted.json'];
    const child = spawn(process.execPath, [join(folder, 'dist/cli.js'), ...words], { cwd: folder });
    let [out, error] = ['', ''];
    child.stdout.on('data', (text) => {
      out += text;
      if (!begun && out.includes('adapter: ')) begun = child.kill('SIGINT');
    });
    child.stderr.on('data', (text) => (error += text));
    child.on('close', (code) => done({ code, out: out.trimEnd().split('\n'), error }));
  });
  expect(ended.error).toContain('interrupted by SIGINT');
  expect([ended.code, ended.out.at(-1)]).toEqual([
    130,
    expect.stringMatching(/^table: interrupted\.json, in /),
  ]);
  expect(JSON.parse(readFileSync(join(folder, 'interrupted.json'), 'utf8'))).toHaveProperty('kernels');
});
