// The two tables: a task and a model of a folder and a line each are in help, train, search, settings and the shootout
// without more; and what our own tables declare goes together.

import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { readCommand } from '../../src/cli/commands';
import { makeSearch } from '../../src/cli/search/search.node';
import { canRead, modelOn } from '../../src/models/modelSpec';
import { makeTask, train } from '../../src/runs/outcome';
import { presetOf } from '../../src/runs/presets';
import { readData } from '../../src/runs/readData.node';
import { chosenOptions, commandFor, makeSettings, readSettings, warningsOn } from '../../src/runs/settings';
import { TABLES, optionsOf, pairOf, type Tables } from '../../src/runs/tables';
import { searchCells } from '../../src/search/searchCells';
import { wrongValue, type Kind, type Options } from '../../src/spec/option';
import { shootoutOf } from '../../src/studies/shootout/shootout';
import { echo } from '../fixtures/echo/index';
import { parrot, parrots } from '../fixtures/parrot/index';
import { perceptron } from '../fixtures/perceptron/index';
import { stubEngine } from '../harness/stubEngine';
import { complaint as complaintOf } from '../harness/complaint';

const TOY: Tables = { tasks: [...TABLES.tasks, echo], models: [...TABLES.models, perceptron] };

const complaint = (line: string, tables = TOY): string => complaintOf(line, tables);

async function said(line: string, tables = TOY): Promise<string> {
  const lines: string[] = [];
  vi.spyOn(console, 'log').mockImplementation((text) => lines.push(String(text)));
  await readCommand(line.split(' '), tables)();
  vi.restoreAllMocks();
  return lines.join('\n');
}

describe('a task and a model of one folder and one line each', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'seqgpu-toy-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, 'echo'));
  const bits = [0, 1, 2, 3, 4].map((row) =>
    Array.from({ length: 8 }, (_, t) => +((row * t + t * t) % 3 === 1)),
  );
  writeFileSync(join(folder, 'echo/bits.json'), JSON.stringify(bits));
  const data = (await readData(echo, {}, { data: folder }))!;

  test('are in help', async () => {
    const page = await said('help');
    expect(page).toMatch(/^ {2}echo +the bit of some steps ago$/m);
    expect(page).toMatch(/^ {2}perceptron +Perceptron: no memory/m);
    const pair = await said('help echo --model perceptron');
    expect(pair).toMatch(/--gap N +how many steps ago; here 1$/m);
    expect(pair).toMatch(/--leak N +.*; here 0\.1$/m);
    expect(pair).toMatch(/none were chosen for this task, 3 epochs/);
    expect(await said('help', TABLES)).not.toMatch(/echo|perceptron/);
    expect(complaint('train echo --model lstm', TABLES)).toMatch(/task "echo" is unknown/);
  });

  test('are trained: what goes with what is known of them', () => {
    expect(complaint('train echo --model perceptron --gap 2 --leak 0.3')).toBe('no complaint');
    expect(complaint('train jsb --model perceptron --leak 0.3')).toBe('no complaint');
    expect(complaint('train echo --model lstm --leak 0.3')).toMatch(/only a perceptron has it/);
    expect(complaint('train jsb --model perceptron --gap 3')).toMatch(
      /--gap does not go with jsb[^]*for series/,
    );
    expect(complaint('train echo --model perceptron --gap 0')).toMatch(/give a whole number of at least 1/);
    expect(complaint('train echo --model perceptron --dropout 0.1')).toMatch(/--dropout does not go/);
  });

  test('have settings, which survive a file', () => {
    const settings = makeSettings('echo', 'perceptron', { gap: 2 }, data.facts, TOY);
    expect(data.facts).toMatchObject({ rows: 5 });
    expect(settings).toMatchObject({
      task: 'echo',
      model: 'perceptron',
      gap: 2,
      leak: 0.1,
      steps: 6,
      hidden: 16,
    });
    expect(readSettings(JSON.parse(JSON.stringify(settings)), 'x', TOY)).toEqual(settings);
    const { gap: _, ...rest } = settings as typeof settings & { gap: number };
    expect(() => readSettings(rest, 'x', TOY)).toThrow('x: gap is missing');
    expect(() => readSettings(settings, 'x')).toThrow('task is "echo", not one of copy');
    expect(commandFor(settings, data.facts, TOY)).toBe('npx seqgpu train echo --model perceptron --gap 2');
    expect(warningsOn(settings, undefined, TOY)[0]).toContain('sees 1 steps, echo asks for 3');
    expect(makeSettings('echo', 'lstm', {}, data.facts, TOY)).toMatchObject({
      gap: 2,
      optimizer: 'sgd',
      steps: 4,
    });
  });

  test('are run', async () => {
    const stub = stubEngine({ step: () => 0.5, measure: () => [0.25] });
    Object.defineProperty(stub.engine, 'name', { value: 'none' });
    const settings = makeSettings('echo', 'perceptron', {}, data.facts, TOY);
    const task = makeTask(settings, data.content, TOY);
    const outcome = await train({ engine: stub.engine, settings, task, tables: TOY });
    // Two products of 16 units: (1 + 1) · 16 of the body, 16 + 1 of the head.
    expect(outcome).toMatchObject({ steps: 6, parameters: 49, metric: 'nats per step', title: 'Echo' });
    expect(outcome.test['nats per step']).toBe(0.25);
  });

  test('every model is made for the task, and the model for every kind of task', () => {
    for (const { name } of TOY.models.filter((model) => canRead(model, echo.reads))) {
      const settings = makeSettings('echo', name, {}, data.facts, TOY);
      const { model } = makeTask(settings, data.content, TOY).program(settings, TOY.models);
      expect(model.size).toBeGreaterThan(10);
    }
    const text = makeSettings('wikitext2', 'perceptron', { embedding: 4 }, undefined, TOY);
    // Embedding 10 · 4, body (4 + 1) · 16, softmax (16 + 1) · 10.
    expect(modelOn('perceptron', 'text', TOY.models).make(10, text, 8).size).toBe(40 + 80 + 170);
    const sound = makeSettings('digits', 'perceptron', { embedding: 4, condition: 'none' }, undefined, TOY);
    expect(modelOn('perceptron', 'sound', TOY.models).make(sound, {}).size).toBe(256 * 4 + 80 + 17 * 256);
  });

  test('are searched', () => {
    const search = makeSearch('echo', 'perceptron', {}, { budget: 'small', seed: 1 }, TOY);
    expect(Object.keys(search.space)).toEqual(['learningRate', 'leak']);
    expect(searchCells(search, new Map())).toHaveLength(9);
    expect(complaint('search echo --model perceptron --leak 0.2')).toBe('no complaint');
  });

  test('are in the shootout: the task with every model, the model on every task', async () => {
    const study = shootoutOf(TOY);
    const ids = study.cells({ budget: 'small', seed: 1 }, new Map()).map(({ id }) => id);
    const of = (pattern: RegExp) => ids.filter((id) => pattern.test(id));
    expect(of(/^echo\//)).toHaveLength(
      1 + TOY.models.filter((model) => canRead(model, echo.reads)).length + 2,
    );
    expect(of(/\/perceptron\//)).toEqual([
      'text/perceptron/0.01',
      'music/perceptron/0.01',
      'echo/perceptron/0.01',
      'audio/perceptron/0.01',
    ]);
    expect(study.tasks!({ budget: 'small', seed: 1 })).toContain('echo');
    const known = shootoutOf(TABLES).cells({ budget: 'small', seed: 1 }, new Map());
    expect(known.some(({ id }) => /echo|perceptron/.test(id))).toBe(false);
    expect(await said('study')).toContain('shootout');
  });
});

describe('a model of pairs of sentences alone', () => {
  const others = TABLES.models.filter((model) => !canRead(model, 'pairs'));
  const PAIRS: Tables = { tasks: [...TABLES.tasks, parrots], models: [...others, parrot] };

  test('is refused on what it does not read, and others on pairs, with what to do', () => {
    expect(complaint('train parrots --model parrot --memory 3', PAIRS)).toBe('no complaint');
    const on = complaint('train jsb --model parrot', PAIRS);
    expect(on).toMatch(
      /parrot does not read vectors, which jsb gives\.\n {4}parrot reads pairs of sentences/,
    );
    expect(on).toMatch(/fix: use --model tcn, lstm/);
    expect(on).not.toMatch(/use.*parrot/);
    for (const command of ['train', 'search', 'help train'])
      expect(complaint(`${command} parrots --model tcn`, PAIRS)).toMatch(
        /tcn does not read pairs of sentences/,
      );
    expect(() => makeSettings('digits', 'parrot', {}, undefined, PAIRS)).toThrow(/does not read sound/);
    const settings = makeSettings('parrots', 'parrot', {}, undefined, PAIRS);
    expect(readSettings(settings, 'x', PAIRS)).toEqual(settings);
    expect(() => readSettings({ ...settings, model: 'tcn' }, 'x', PAIRS)).toThrow(/does not read pairs/);
  });

  test('has its options there, and the others theirs', () => {
    expect(complaint('train parrots --model parrot --embedding 3', PAIRS)).toMatch(/--embedding does not go/);
    const memory = complaint('train jsb --model lstm --memory 3', PAIRS);
    expect(memory).toMatch(/--memory does not go with jsb[^]*it is for translation and text/);
    expect(makeSettings('parrots', 'parrot', { memory: 3 }, undefined, PAIRS)).toMatchObject({ memory: 3 });
  });

  test('is in help where it can be trained', async () => {
    expect(await said('help', PAIRS)).toMatch(/^ {2}parrot +Parrot/m);
    const model = await said('help train --model parrot', PAIRS);
    expect(model).toMatch(/On dates, .*, parrots\n {2}--memory/);
    expect(model).toContain('npx seqgpu train dates --model parrot');
    expect(model).not.toMatch(/jsb|copy|digits/);
    const task = await said('help train parrots', PAIRS);
    expect(task).toContain('npx seqgpu train parrots --model parrot');
    expect(task).not.toMatch(/tcn|lstm/);
    expect(await said('help train jsb', PAIRS)).not.toContain('parrot');
    expect(await said('help train --model tcn', PAIRS)).not.toContain('parrots');
  });

  test('is made of vocabularies and the longest sentences, and has no part in the shootout', () => {
    const settings = makeSettings('parrots', 'parrot', { memory: 3 }, undefined, PAIRS);
    const made = modelOn('parrot', 'pairs', PAIRS.models);
    const vocabularies = { source: 5, target: 7 };
    expect(made.make(vocabularies, settings, { source: 4, target: 6 }).size).toBe(7 * 7 + 3);
    const cells = (tables: Tables) => shootoutOf(tables).cells({ budget: 'small', seed: 1 }, new Map());
    expect(cells(PAIRS)).toEqual(cells({ ...PAIRS, models: others }));
  });
});

describe('our tables', () => {
  const pairs = TABLES.tasks.flatMap((task) =>
    TABLES.models
      .filter((model) => canRead(model, task.reads))
      .map((model) => [task.name, model.name] as const),
  );

  test('every model reads what some task gives, and every task is read by some model', () => {
    const { tasks, models } = TABLES;
    const idle = models.filter((model) => !tasks.some(({ reads }) => canRead(model, reads)));
    const unread = tasks.filter(({ reads }) => !models.some((model) => canRead(model, reads)));
    expect([...idle, ...unread].map(({ name }) => name)).toEqual([]);
  });

  test('names are known words, and nobody has another one’s', () => {
    const names = [...TABLES.tasks, ...TABLES.models].map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name).toMatch(/^[a-z][a-z0-9-]*$/);
  });

  test('an option of one name is of one kind, whoever declares it', () => {
    const lists: Options[] = [
      ...TABLES.tasks.map(({ options }) => options),
      ...TABLES.models.flatMap(({ options, on }) => [
        options,
        ...Object.values(on).map((one) => one.options),
      ]),
    ];
    const kinds = new Map<string, Kind>();
    for (const [name, { kind }] of lists.flatMap((list) => Object.entries(list))) {
      expect(kind, name).toEqual(kinds.get(name) ?? kind);
      kinds.set(name, kind);
    }
  });

  test.each(pairs)('%s begins with settings that it has, for --model %s', (task, model) => {
    const own = optionsOf(pairOf(task, model, TABLES));
    const { steps, epochs, leastSteps, ...preset } = presetOf(task, model);
    expect(steps ?? epochs).toBeGreaterThan(0);
    // Passes over a user's own data may be of one step.
    const isOwn = pairOf(task, model, TABLES).task.data?.from !== undefined;
    expect(leastSteps !== undefined).toBe(isOwn && steps === undefined);
    for (const [name, value] of Object.entries(preset)) {
      if (value === undefined) continue;
      expect(own, `${name} of ${task} ${model}`).toHaveProperty(name);
      expect(wrongValue(own[name], value), name).toBeNull();
      expect(own[name].misfit?.(preset), name).toBeUndefined();
    }
    expect(() => makeSettings(task, model, {})).not.toThrow();
  });

  test('presets and contests name models that there are, and options that these have', () => {
    const models = TABLES.models.map(({ name }) => name);
    for (const { name, presets, contest, search } of TABLES.tasks) {
      for (const [preset, rows] of Object.entries(presets)) {
        for (const [model, row] of Object.entries(rows)) {
          expect(models, `${name} ${preset}`).toContain(model);
          const own = optionsOf(pairOf(name, model, TABLES));
          for (const one of [row].flat()) {
            const { steps: _s, epochs: _e, leastSteps: _l, ...settings } = one;
            const unknown = Object.entries(settings).filter(
              ([key, value]) => value !== undefined && !own[key],
            );
            expect(unknown, `${name} ${preset} ${model}`).toEqual([]);
          }
        }
      }
      expect(Object.keys(contest?.shapes ?? {}).filter((model) => !models.includes(model))).toEqual([]);
      expect(Object.keys(search ?? {}).filter((key) => key !== 'any' && !models.includes(key))).toEqual([]);
    }
  });

  test('runs of earlier versions are read as they are, and are command lines', () => {
    const results = fileURLToPath(new URL('../../examples/results', import.meta.url));
    const files = readdirSync(results, { recursive: true, encoding: 'utf8' }).filter((file) =>
      file.endsWith('results.json'),
    );
    const stored = files.flatMap((file) => {
      const found = JSON.parse(readFileSync(join(results, file), 'utf8')) as object;
      const runs: { settings?: { task?: string } }[] = Array.isArray(found) ? found : [found];
      return runs.flatMap(({ settings }) => (settings?.task ? [settings] : []));
    });
    expect(stored.length).toBeGreaterThan(10);
    for (const settings of stored) {
      const read = readSettings(settings, 'x');
      expect(JSON.stringify(read)).toBe(JSON.stringify(settings));
      const line = commandFor(read).split(' ').slice(2).join(' ');
      expect(`${line}: ${complaint(line, TABLES)}`).toBe(`${line}: no complaint`);
    }
  });

  test('what is given is chosen over the preset, and nothing that is no option', () => {
    expect(chosenOptions('jsb', 'lstm', { hidden: 3, out: 'x' })).toMatchObject({ hidden: 3, levels: 1 });
    expect(chosenOptions('jsb', 'lstm', { out: 'x' })).not.toHaveProperty('out');
  });
});
