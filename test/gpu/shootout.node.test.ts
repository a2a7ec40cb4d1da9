// Study `shootout` at a fraction of its smallest size: a cell of every model; and that windows of k inputs are what a
// recurrent model truncated to k sees.

import { afterAll, expect, test } from 'vitest';
import { nn, type Tensor } from '../../src/index';
import type { Recording, SpokenDigits } from '../../src/data/spokenDigits';
import { makeCorpus } from '../../src/data/text';
import { truncate } from '../../src/lab/index';
import { slice } from '../../src/ops/layout/view';
import { shootout } from '../../src/studies/shootout/shootout';
import type {
  ShootoutResult,
  ShootoutTrained,
  ShootoutTraining,
} from '../../src/studies/shootout/shootoutResult';
import { canRead } from '../../src/models/modelSpec';
import { arenasOf } from '../../src/studies/shootout/shootoutArenas';
import { contestantsOf, entriesOf } from '../../src/studies/shootout/shootoutModels';
import { TABLES } from '../../src/runs/tables';
import type { Cell, Context, TaskChoice } from '../../src/runs/study';
import { placesIn } from '../../src/studies/places';
import { lossesInSight, musicRows, sequenceLoss, windowsAt } from '../../src/studies/windows';
import { languageTask, leadOf } from '../../src/tasks/text/languageModelling';
import { musicTask } from '../../src/tasks/music/musicTask';
import { digitsTask } from '../../src/tasks/digits/digitsTask';
import { TINY_TEXTS } from '../fixtures/tinyText';
import { walks } from '../fixtures/walks';
import { openTestEngine } from '../harness/engine';

const engine = await openTestEngine();
afterAll(() => engine.destroy());

const corpus = makeCorpus('tiny', 'character', TINY_TEXTS);
const music = walks();

/** Tones of three heights. */
const tones = (length: number): Recording[] =>
  [1, 2, 3].map((digit) => {
    const codes = Uint8Array.from({ length }, (_, t) => 128 + 60 * Math.sin((t * digit) / 5));
    return { digit, speaker: 'jackson', codes };
  });
const digits: SpokenDigits = { train: tones(90), valid: tones(60), test: tones(40) };
const setup = { budget: 'small', seed: 1 } as const;
const BPTT = 8;

const context: Context = {
  engine: async () => engine,
  async task(choice: TaskChoice) {
    const { task, batch } = choice;
    if (task === 'jsb') return musicTask({ music, batch });
    if (task === 'digits') {
      const { length, speaker, evaluationPieces } = choice;
      return digitsTask({ digits, batch, length: length!, speaker, evaluationPieces });
    }
    const lead = leadOf(choice as unknown as Parameters<typeof leadOf>[0]);
    return languageTask({ corpus, batch, bptt: choice.bptt!, lead });
  },
  results: new Map(),
  progress() {},
  stoppable: (work) => work(new AbortController().signal),
  checkpoint: { load: () => undefined, save() {} },
};

const ARENAS = arenasOf(TABLES, setup);
const ENTRIES = entriesOf(TABLES, setup);
const CONTESTANTS = contestantsOf(TABLES.models.filter((model) => canRead(model, 'text')));

test('every model on one of the tasks in turn: trained, timed, shown less', async () => {
  const results = new Map<string, ShootoutResult>();
  const ran = new Set<string>();
  const cells = shootout
    .cells(setup, results)
    .filter((cell): cell is Cell<ShootoutTraining> => 'training' in cell.settings);
  expect(shootout.cells(setup, results)).toHaveLength(cells.length + ARENAS.length);
  const [models, tasks] = [CONTESTANTS.length, ARENAS.length];
  expect(cells).toHaveLength(models * tasks);
  for (const [i, { id, settings }] of cells.entries()) {
    if (Math.floor(i / models) !== i % tasks) continue;
    const { training } = settings;
    const small = {
      ...training,
      ...{ hidden: 8, batch: 4, bptt: BPTT, steps: 6, evaluateEvery: 3, trainTokens: undefined },
      ...(training.model === 'transformer' ? { heads: 2, feedForward: 8 } : {}),
      ...(training.task === 'digits' ? { length: 24, levels: Math.min(2, training.levels) } : {}),
      ...{ evaluationPieces: 4, speaker: 'jackson' as const },
    };
    const cell = { id, settings: { training: small, sights: [1, 2, 4, BPTT], places: 12 } };
    const result = (await shootout.run(cell, context)) as ShootoutTrained;
    expect(result.losses).toHaveLength(4);
    for (const speed of Object.values(result.speeds!)) expect(speed).toBeGreaterThan(0);
    // On the other tasks as well, with as many windows as those have, so that findings can be made of it.
    for (const [j, other] of cells.entries()) {
      if (j % models !== i % models) continue;
      const losses = other.settings.sights.map((_, k) => result.losses[Math.min(k, 3)]);
      results.set(other.id, JSON.parse(JSON.stringify({ ...result, losses })) as ShootoutTrained);
    }
    ran.add(`${training.model} ${training.stable ?? ''}`);
  }
  expect([ran.size, results.size]).toEqual([models, ENTRIES.length]);
  // Counting on music here: the models, which have hardly begun, are worse.
  const counted = await shootout.run(
    {
      id: 'music/baselines',
      settings: { baselines: { task: 'jsb', batch: 4, model: 'rnn' }, places: 12, past: 7 },
    },
    context,
  );
  const { baselines } = counted as Extract<ShootoutResult, { baselines: unknown }>;
  expect(baselines.map(({ name }) => name)).toEqual(['marginals', 'Markov, each key by itself']);
  for (const { test: value, placed } of baselines) expect(Math.min(value, placed!)).toBeGreaterThan(0);
  results.set('music/baselines', { baselines: [{ name: 'oracle', test: 0, placed: 1e-3 }] });
  const { rows, table, figures, remark, against } = shootout.findings(setup, results);
  const untimed = rows.filter(({ metric }) => !/training|generated|enough/.test(metric));
  expect(untimed).toHaveLength(2 * ENTRIES.length + 1);
  for (const { ours } of untimed) expect(ours).toBeGreaterThanOrEqual(0);
  expect(table!.rows).toHaveLength(ENTRIES.length + 1);
  // What a model needs is told only where it is better than counting.
  const told = rows.filter(({ metric }) => metric === 'inputs that are enough');
  expect(told.filter(({ ours }) => ours === null).map(({ task }) => task)).toEqual(
    ENTRIES.filter(({ arena }) => arena.name === 'music').map(() => 'jsb'),
  );
  expect(against!.join(' ')).toMatch(
    /Music: counting \(oracle 0.000\) is at least as good as [^.]*\bRNN, stable RNN/,
  );
  // Half of the models of a task reach what its median reaches.
  const reached = rows.filter(({ metric, ours }) => metric.startsWith('training steps to') && ours !== null);
  expect(reached.length).toBeGreaterThanOrEqual(ENTRIES.length / 2);
  expect(figures.filter(({ kind }) => kind === 'panels')).toHaveLength(1);
  expect(remark).toMatch(/\.$/);
});

test.each(['lstm', 'gru', 'rnn'] as const)('windows of k inputs: a %s truncated to k', async (model) => {
  nn.seed(2);
  const task = musicTask({ music, batch: 4 });
  const sequence = new nn.SequenceModel(task.inputs, task.outputs, { model, hidden: 6, levels: 1 });
  const places = placesIn(musicRows([...task.batches('valid')]), 11, 20);
  const sights = [1, 3, 12];
  const found = await lossesInSight(engine, sequenceLoss(sequence, task), places, sights, () => {});
  for (const [i, k] of sights.entries()) {
    const cut = truncate(sequence, k);
    const measure = engine.record((x: Tensor, y: Tensor) => task.loss(slice(cut.forward(x), 1, -1), y));
    // All twelve inputs are there, and only the last k are seen.
    const [x] = windowsAt(places, 12);
    expect(await measure(x, windowsAt(places, k)[1]).item()).toBeCloseTo(found[i], 5);
  }
  expect(found[0]).not.toBeCloseTo(found[2], 4);
});
