// The studies that train, cell by cell at a fraction of their smallest size, on chorales made up here: every cell runs,
// comes back the same from JSON, and the findings say what the numbers say.

import { afterAll, describe, expect, test } from 'vitest';
import { array, nn } from '../../src/index';
import { makeCorpus } from '../../src/data/text';
import { context } from '../../src/studies/context/context';
import { trainedIn, type ContextSettings, type ContextTrained } from '../../src/studies/context/contextParts';
import { draw } from '../../src/report/plot.node';
import { SPEAKERS, type Recording } from '../../src/data/spokenDigits';
import { gating } from '../../src/studies/gating/gating';
import { widthOf, type GatingSettings } from '../../src/studies/gating/gatingCells';
import { isBaseline } from '../../src/studies/baselines';
import { lags } from '../../src/studies/lags/lags';
import { speech } from '../../src/studies/speech/speech';
import { stability } from '../../src/studies/stability/stability';
import type { AnyStudy, Context, Study } from '../../src/runs/study';
import { tbptt } from '../../src/studies/tbptt/tbptt';
import type { Training } from '../../src/runs/training';
import { tcn } from '../../src/studies/tcn/tcn';
import { trainingCells } from '../../src/studies/tcn/tcnCells';
import { twins } from '../../src/studies/twins/twins';
import { wavenet } from '../../src/studies/wavenet/wavenet';
import { measureShown, truncatedText } from '../../src/studies/truncatedText';
import { addingTask } from '../../src/tasks/adding/addingTask';
import { languageTask, leadOf } from '../../src/tasks/text/languageModelling';
import type { Recipe } from '../../src/tasks/recipe';
import { mnistTask } from '../../src/tasks/mnist/mnistTask';
import { musicTask } from '../../src/tasks/music/musicTask';
import { digitsTask } from '../../src/tasks/digits/digitsTask';
import { heardDigits } from '../../src/tasks/recognition/heard';
import { recognitionTask } from '../../src/tasks/recognition/recognitionTask';
import { spokenWords } from '../../src/tasks/speech/spoken';
import { speechTask } from '../../src/tasks/speech/speechTask';
import type { Task } from '../../src/tasks/task';
import { TINY_TEXTS } from '../fixtures/tinyText';
import { walks } from '../fixtures/walks';
import { openTestEngine } from '../harness/engine';

const engine = await openTestEngine();
afterAll(() => engine.destroy());

const music = walks();
const setup = { budget: 'small', seed: 1 } as const;

const surroundings: Context = {
  engine: async () => engine,
  task: async ({ batch }) => musicTask({ music, batch }),
  results: new Map(),
  progress() {},
  stoppable: (work) => work(new AbortController().signal),
  checkpoint: { load: () => undefined, save() {} },
};

/** All cells with smaller settings; their results as a file would hold them. */
async function runAll<S, R>(
  study: Study<S, R>,
  smaller: (settings: S) => S,
  context = surroundings,
): Promise<Map<string, R>> {
  const results = new Map<string, R>();
  for (let left = true; left;) {
    const next = study.cells(setup, results).find(({ id }) => !results.has(id));
    left = next !== undefined;
    if (!next) break;
    const cell = { id: next.id, settings: smaller(next.settings) };
    const result = await study.run(cell, { ...context, results });
    results.set(next.id, JSON.parse(JSON.stringify(result)) as R);
  }
  return results;
}

function checkFindings(study: AnyStudy, results: ReadonlyMap<string, unknown>): void {
  const { rows, figures, remark, notes } = study.findings(setup, results);
  expect(rows.length).toBeGreaterThan(0);
  // In so few lags not everything fades.
  const measured = rows.filter(({ metric }) => !metric.startsWith('lags until'));
  for (const { ours, metric } of measured) expect(Number.isFinite(ours), metric).toBe(true);
  for (const figure of figures) {
    if (figure.kind !== 'plot') continue;
    const points = figure.series.flatMap((series) => series.points.flat());
    expect(points.every(Number.isFinite)).toBe(true);
  }
  expect(remark).toMatch(/\.$/);
  expect(notes.length).toBeGreaterThan(0);
}

describe('studies', () => {
  test('wavenet: trains, speaks, and says what a sample costs', async () => {
    const split = (length: number) =>
      SPEAKERS.flatMap((speaker) =>
        [1, 7].map((digit): Recording => {
          const codes = Uint8Array.from({ length }, (_, t) => 128 + 50 * Math.sin(t / digit));
          return { digit, speaker, codes };
        }),
      );
    const digits = { train: split(200), valid: split(150), test: split(180) };
    const sound: Context = {
      ...surroundings,
      task: async ({ batch, length, speaker }) => digitsTask({ digits, batch, length: length!, speaker }),
    };
    const results = await runAll(
      wavenet,
      (settings) => {
        if (settings.kind === 'speed') return { ...settings, levels: settings.levels - 4, seconds: 0.01 };
        const training = { ...settings.training, steps: 2, evaluateEvery: 2, hidden: 8, skip: 8, batch: 2 };
        const levels = Math.min(3, training.levels);
        return { ...settings, training: { ...training, levels, length: 64 }, says: settings.says && 150 };
      },
      sound,
    );
    checkFindings(wavenet as AnyStudy, results);
    const { figures, rows } = wavenet.findings(setup, results);
    const [sounds] = figures;
    if (sounds.kind !== 'sounds') throw new Error('the first figure is no sound');
    expect(sounds.sounds.map(({ codes }) => codes.length)).toEqual([150, 180]);
    expect(await draw(sounds)).toMatch(/^<svg [^]*<audio controls src="data:audio\/wav;base64,/);
    expect(rows.filter(({ metric }) => metric === 'samples per second').length).toBe(6);
  });

  test('speech: systems speak, and recognisers say what they understand', async () => {
    const split = SPEAKERS.flatMap((speaker, s) =>
      Array.from({ length: 10 }, (_, digit): Recording => {
        const codes = Uint8Array.from({ length: 170 + 8 * digit }, (__, t) => {
          return 128 + 60 * Math.sin(t / (8 + 4 * s)) + 20 * Math.sin(t / (1 + digit / 8));
        });
        return { digit, speaker, codes };
      }),
    );
    const digits = { train: split, valid: split.slice(0, 12), test: split };
    const [words, heard] = [spokenWords(digits), heardDigits(digits)];
    const results = await runAll(
      speech,
      ({ training, ...settings }) => {
        const { levels, length } = training;
        const less = { steps: 2, evaluateEvery: 2, hidden: 8, levels: Math.min(3, levels), batch: 2 };
        const own = { ...training, ...less, length: length && 64, evaluationPieces: 2 };
        return { ...settings, training: own };
      },
      {
        ...surroundings,
        task: async ({ task, batch, length, features, evaluationPieces }): Promise<Task> => {
          if (task === 'digits')
            return digitsTask({ digits, batch, length: length!, features, evaluationPieces });
          return task === 'speech' ? speechTask(words, batch) : recognitionTask(heard, batch);
        },
      },
    );
    const { rows, figures, table, against } = speech.findings(setup, results);
    // Trained so little nothing may be voiced, and a pitch has no error then.
    for (const { ours, metric } of rows.filter((one) => !one.metric.includes('pitch')))
      expect(Number.isFinite(ours), metric).toBe(true);
    expect(table!.rows.map(([name]) => name)).toEqual([
      'recordings',
      'recordings by way of the vocoder',
      'recordings by way of Griffin-Lim',
      'LSTM, parametric',
      'WaveNet, told the features of recordings',
      'WaveNet, told what the parametric LSTM says',
      'WaveNet, told digit and speaker',
      'LSTM sample by sample, told digit and speaker',
    ]);
    for (const row of table!.rows) expect(row).toHaveLength(table!.head.length);
    const sounds = figures.filter(({ kind }) => kind === 'sounds');
    expect(sounds.map(({ title }) => title)).toEqual(['“7” by jackson', '“3” by george']);
    expect(against!.join(' ')).toContain('Nobody has listened here');
  });

  test('twins: a stable model and its truncation stay close, the closer the larger k', async () => {
    const results = await runAll(twins, (settings) => ({
      ...settings,
      hidden: 12,
      T: 24,
      steps: 8,
      batch: 4,
    }));
    checkFindings(twins as AnyStudy, results);
    const { apart, travelled } = results.get('rnn/0.5')!;
    const ends = apart.map((values) => values.at(-1)! / travelled.at(-1)!);
    for (const [i, end] of ends.entries()) expect(end).toBeLessThan(i ? ends[i - 1] : 1);
    expect(ends.at(-1)).toBeLessThan(1e-4);
  });

  test('context: shown all inputs, the truncated model is the whole one', async () => {
    const corpus = makeCorpus('tiny', 'character', TINY_TEXTS);
    const both: Context = {
      ...surroundings,
      async task(choice) {
        const lead = leadOf(choice as Training);
        if (choice.task === 'jsb') return surroundings.task(choice);
        return languageTask({ corpus, batch: choice.batch, bptt: choice.bptt!, lead });
      },
    };
    const LONGEST = 16;
    const smaller = (settings: ContextSettings): ContextSettings => {
      if ('baselines' in settings) {
        const { baselines, at } = settings;
        return { baselines: { ...baselines, bptt: LONGEST }, at: at && { longest: LONGEST, places: 40 } };
      }
      const { training, k, measured, at } = settings;
      const small = { ...training, hidden: 12, epochs: 1, batch: 4 };
      if (!at) return { training: small, k, measured: measured && [...measured.slice(0, -1), 64] };
      return {
        training: { ...small, hidden: 16, bptt: LONGEST },
        ...{ k, measured: measured!.map((shown) => Math.min(shown, LONGEST)) },
        at: { longest: LONGEST, places: 40 },
      };
    };
    const results = await runAll(context, smaller, both);
    checkFindings(context as AnyStudy, results);
    // Gated convolutions of a field of 13: with more in sight nothing changes.
    const gcnn = context.cells(setup, new Map()).find(({ id }) => id === 'text/GCNN/levels-4')!;
    const { settings } = { settings: smaller(gcnn.settings) };
    const wider = await context.run(
      { id: 'wider', settings: { ...settings, measured: [4, 13, LONGEST] } },
      both,
    );
    const { truncated: shown } = wider as ContextTrained;
    expect(shown![2]).toBeCloseTo(shown![1]!, 6);
    expect(shown![0]).not.toBeCloseTo(shown![1]!, 3);
    for (const kind of ['unconstrained', 'stable']) {
      const { test: whole, truncated } = trainedIn(results, `rnn/${kind}/whole past`);
      expect(truncated!.at(-1)).toBeCloseTo(whole!, 4);
    }
  });

  test('text: shown k tokens, a recurrent model is its truncation', async () => {
    const corpus = makeCorpus('tiny', 'word', TINY_TEXTS);
    const task = languageTask({ corpus, batch: 4, bptt: 5, cutoffs: [6, 12] });
    const recipe: Recipe = {
      ...{ model: 'lstm', hidden: 8, levels: 2, embedding: 6, cutoffs: [6, 12], seed: 3 },
      ...{ optimizer: 'sgd', learningRate: 1, steps: 1, evaluateEvery: 1 },
    };
    const [k, longest, places] = [3, 7, 30];
    const program = truncatedText(task, k).program(recipe);
    const shown = await measureShown(engine, task, program.model, k, { longest, places });
    // The same places, each at the end of a text of its own that begins much earlier.
    const nats = engine.record((...batch) => program.measures(...batch).nats);
    const [earlier] = [...task.windows('test', { k: longest, longest, places })];
    const [ids, targets] = earlier;
    let sum = 0;
    for (let b = 0; b < places; b++) {
      const row = (ids.data as Uint32Array).subarray(b * longest, (b + 1) * longest);
      const target = targets.data[b];
      const all = Uint32Array.from(row, (_, t) => row[t + 1] ?? target);
      const mean = async (length: number) => {
        const part = (from: ArrayLike<number>) =>
          array([1, length], Uint32Array.from(from).subarray(0, length));
        return length && length * (await nats(part(row), part(all), array([1], [0])).item());
      };
      // Of the last step alone.
      sum += (await mean(longest)) - (await mean(longest - 1));
    }
    expect(shown).toBeCloseTo(Math.exp(sum / places), 2);
  });

  test('lags: moments before, during and after training', async () => {
    const smaller = { lags: 6, pieces: 2 };
    const results = await runAll(lags, ({ training }) => ({
      ...smaller,
      training: { ...training, hidden: 8, epochs: 2, batch: 2 },
    }));
    checkFindings(lags as AnyStudy, results);
    const { moments } = results.get('rnn/stable')!;
    expect(moments.map(({ step }) => step)).toEqual([0, 2, 4, 6, 8]);
    // Before training too: what is measured at the start is projected.
    for (const { singular } of moments) expect(singular[0]).toBeLessThanOrEqual(0.99 + 1e-4);
    expect(results.get('rnn/unconstrained')!.moments[0].singular[0]).toBeGreaterThan(0.99 + 1e-4);
    expect(moments.at(-1)!.contraction.worst).toBeLessThan(1);
    expect(moments.at(-1)!.gradient).toHaveLength(6);
    expect(moments.at(-1)!.gradient).not.toEqual(moments[0].gradient);
  });

  test('tbptt: both styles train', async () => {
    const results = await runAll(tbptt, (settings) => ({ ...settings, hidden: 8, steps: 12, batch: 4 }));
    checkFindings(tbptt as AnyStudy, results);
    // A chunk that is the whole segment cuts nothing.
    expect(results.get('chunked/24')!.loss).toBe(results.get('full/24')!.loss);
    expect(results.get('chunked/6')!.loss).not.toBe(results.get('full/24')!.loss);
  });

  test('gating: models of all units train and are equally large', async () => {
    const corpus = makeCorpus('tiny', 'character', TINY_TEXTS);
    const context: Context = {
      ...surroundings,
      task: async ({ batch, bptt }) => languageTask({ corpus, batch, bptt: bptt!, lead: 6 }),
    };
    const smaller = { levels: 2, batch: 4, bptt: 9, steps: 4, evaluateEvery: 2 };
    const sized = (settings: GatingSettings): GatingSettings =>
      isBaseline(settings)
        ? { baselines: { ...settings.baselines, bptt: 9 } }
        : { ...settings, ...smaller, hidden: widthOf(settings.activation!, { hidden: 12, levels: 2 }) };
    const firstSeed: typeof gating = {
      ...gating,
      cells: (...given) => gating.cells(...given).filter(({ id }) => !id.includes('seed-')),
    };
    const results = await runAll(firstSeed, sized, context);
    const trained = [...results].flatMap(([id, result]) =>
      'baselines' in result ? [] : [{ id, ...result }],
    );
    // The others are as if the seed made no difference.
    for (const { id, ...result } of trained) [2, 3].forEach((i) => results.set(`${id}/seed-${i}`, result));
    checkFindings(gating as AnyStudy, results);
    expect(trained.map(({ id }) => id.split('/')[0])).toEqual(nn.GATED_UNITS);
    for (const { parameters } of trained)
      expect(Math.abs(parameters / trained[0].parameters - 1)).toBeLessThan(0.2);
    const losses = trained.map(({ curve }) => curve.at(-1)!.value);
    expect(new Set(losses).size).toBe(nn.GATED_UNITS.length);
  });

  test('tcn: answers at the end, classes and texts, with every model', async () => {
    const corpus = makeCorpus('tiny', 'character', TINY_TEXTS);
    const pixels = Uint8Array.from({ length: 5020 * 784 }, (_, i) => (i * 7919) % 256);
    const images = { pixels, labels: Uint8Array.from({ length: 5020 }, (_, i) => i % 10) };
    const tasks: Record<string, Task> = {
      adding: addingTask({ length: 6, batch: 2 }),
      'mnist-permuted': mnistTask({
        mnist: { train: images, test: images },
        ...{ batch: 2, permuted: true, evaluationImages: 4 },
      }),
      wikitext2: languageTask({ corpus, batch: 2, bptt: 9, lead: 3 }),
    };
    const some: typeof tcn = {
      ...tcn,
      cells: (given) => trainingCells(given).filter(({ settings }) => settings.task in tasks),
    };
    const small = {
      hidden: 5,
      levels: 2,
      batch: 2,
      bptt: 9,
      steps: 2,
      evaluateEvery: 1,
      embedding: 4,
      cutoffs: [0],
    };
    const context: Context = { ...surroundings, task: async ({ task }) => tasks[task] };
    const all = await runAll(some, (settings) => ({ ...settings, ...small }), context);
    const results = [...all].flatMap(([id, result]) =>
      'baselines' in result ? [] : [[id, result] as const],
    );
    expect(results).toHaveLength(12);
    const wrong = results.filter(([, { test: value }]) => value === null || !(value >= 0));
    expect(wrong).toEqual([]);
    const errors = results.filter(([id]) => id.startsWith('mnist')).map(([, { test: value }]) => value! * 4);
    expect(errors.every(Number.isInteger)).toBe(true);
  });

  test('stability: the winner of the search is trained again with the projection', async () => {
    const results = await runAll(stability, (training) => ({ ...training, hidden: 8, epochs: 1, batch: 4 }));
    checkFindings(stability as AnyStudy, results);
  });
});
