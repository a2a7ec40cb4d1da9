// Parametric speech: the recurrent output against PyTorch, what a task is given of recordings, and what its measures say
// where the answer is known.

import { afterAll, describe, expect, test } from 'vitest';
import { array, meanSquaredError, nn, optim, type Tensor } from '../../../src/index';
import { melCepstrum, cepstralDistance } from '../../../src/data/speech/cepstrum';
import { hertzOf, PARAMETERS, VOICED } from '../../../src/data/speech/parameters';
import { restored } from '../../../src/data/speech/normalisation';
import { muLawDecode, muLawEncode } from '../../../src/data/muLaw';
import { SPEAKERS, type Recording, type SpokenDigits } from '../../../src/data/spokenDigits';
import { sequenceModel } from '../../../src/models/sequenceModel';
import { BODIES } from '../../../src/nn/bodies';
import { Random } from '../../../src/random';
import { evaluation } from '../../../src/runs/evaluation';
import { understand } from '../../../src/tasks/recognition/judge';
import { CLASSES, STEPS, heardDigits } from '../../../src/tasks/recognition/heard';
import { recognitionTask } from '../../../src/tasks/recognition/recognitionTask';
import { SpeechModel } from '../../../src/tasks/speech/speechModel';
import { MEASURES, speechTask } from '../../../src/tasks/speech/speechTask';
import { inputOf, spokenWords, type SpokenWords } from '../../../src/tasks/speech/spoken';
import { parametersOfWords, speakWords } from '../../../src/tasks/speech/synthesis';
import golden from '../../golden/recurrentOutput.json';
import { openTestEngine } from '../../harness/engine';
import { compare } from '../../harness/golden';

const engine = await openTestEngine({ poison: true });
afterAll(() => engine.destroy());

/** "Words": for every speaker and digit a tone of its own, some with silence in the middle. */
function fakeDigits(takes: number): SpokenDigits {
  const list = SPEAKERS.flatMap((speaker, s) =>
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9].flatMap((digit) =>
      Array.from({ length: takes }, (_, take): Recording => {
        const length = 1000 + 160 * digit + 80 * take;
        const hertz = 90 + 60 * s + 2 * take;
        const samples = Float32Array.from({ length }, (__, t) => {
          const loud = t < length / 3 || t > length / 2 ? 0.4 : 0.001;
          const carrier = Math.sin((2 * Math.PI * (400 + 300 * digit) * t) / 8000);
          return loud * (Math.sin((2 * Math.PI * hertz * t) / 8000) + 0.5 * carrier);
        });
        return { speaker, digit, codes: muLawEncode(samples) };
      }),
    ),
  );
  return {
    train: list,
    valid: list.filter((_, i) => i % takes === 0),
    test: list.filter((_, i) => i % takes === 1),
  };
}

const digits = fakeDigits(2);

describe('the recurrent output', () => {
  test.each(['workgroup', 'direct'] as const)('ten steps as PyTorch takes them (%s)', async (family) => {
    const own = await openTestEngine({ poison: true, family });
    try {
      const { inputs, hidden, outputs } = golden.config;
      const sequence = sequenceModel(BODIES.lstm, [inputs, outputs], {
        model: 'lstm',
        hidden,
        levels: 1,
        seed: 1,
      });
      const model = new SpeechModel(sequence, new nn.RecurrentOutput(outputs));
      const { learningRate, clip } = golden.optimizer;
      const adam = new optim.Adam(model.parameters(), { learningRate, clipNorm: clip });
      await compare(
        own,
        golden,
        model,
        adam,
        (x, targets) => meanSquaredError(model.forward(x), targets),
        [],
        1e-3,
      );
    } finally {
      own.destroy();
    }
  });
});

const recipe = {
  hidden: 8,
  levels: 1,
  seed: 1,
  steps: 1,
  evaluateEvery: 1,
  optimizer: 'adam',
  learningRate: 1e-2,
} as const;

test('a recogniser understands sounds as often as its task measures', async () => {
  nn.seed(1);
  const heard = heardDigits(digits);
  const task = recognitionTask(heard, 4);
  const program = task.program({ ...recipe, model: 'tcn' });
  const { 'digits right': what, 'speakers right': who } = await evaluation(engine, task, program)('test');
  const model = program.model as nn.SequenceModel;
  const found = await understand(
    engine,
    model,
    heard.normalisation,
    digits.test.map(({ codes }) => muLawDecode(codes)),
  );
  const right = (same: (one: (typeof found)[number], i: number) => boolean) =>
    found.filter(same).length / found.length;
  expect(right(({ digit }, i) => digit === digits.test[i].digit)).toBeCloseTo(what, 6);
  expect(right(({ speaker }, i) => SPEAKERS[speaker] === digits.test[i].speaker)).toBeCloseTo(who, 6);
  // What stands in front is nothing; in training a recording may end before the last step.
  const [x] = task.source(new Random(1)).next();
  expect(x.shape).toEqual([4, STEPS, heard.normalisation.mean.length]);
  expect(task.outputs).toBe(CLASSES);
});

describe('parametric speech', () => {
  const words: SpokenWords = spokenWords(digits);

  test.each(['recurrent', 'linear'] as const)(
    'measures are those of the frames themselves (%s)',
    async (output) => {
      nn.seed(2);
      const task = speechTask(words, 4, output);
      const program = task.program({ ...recipe, model: 'lstm' });
      const found = await evaluation(engine, task, program)('test');
      const said = await parametersOfWords(engine, program.model, words, words.test);
      const frames = words.test.flatMap(({ parameters }, i) =>
        parameters.map((frame, f) => [said[i][f], frame]),
      );
      const mean = (values: readonly number[]) => values.reduce((sum, one) => sum + one, 0) / values.length;
      const { deviation } = words.normalisation;
      const squares = frames.map(([a, b]) => mean(Array.from(a, (x, c) => ((x - b[c]) / deviation[c]) ** 2)));
      expect(found[task.metric] / mean(squares)).toBeCloseTo(1, 4);
      const cepstra = frames.map((pair) => pair.map((frame) => melCepstrum(frame.slice(0, PARAMETERS - 2))));
      expect(found[MEASURES.distortion] / mean(cepstra.map(([a, b]) => cepstralDistance(a, b)))).toBeCloseTo(
        1,
        4,
      );
      const voicing = frames.map(([a, b]) => Number(a[VOICED] > 0.5 !== b[VOICED] > 0.5));
      expect(found[MEASURES.voicing]).toBeCloseTo(mean(voicing), 4);
      const both = frames.map(([a, b]) => [hertzOf(a), hertzOf(b)]).filter(([a, b]) => a && b);
      expect(found[MEASURES.pitch] / Math.sqrt(mean(both.map(([a, b]) => (a - b) ** 2)))).toBeCloseTo(1, 3);
    },
  );

  test('a batch has words of about one length, and what lies behind their ends does not count', async () => {
    const task = speechTask(words, 5);
    const { loss } = task.program({ ...recipe, model: 'lstm' });
    const [x, targets, counts] = task.source(new Random(3)).next();
    expect([x.shape[1] % 32, targets.shape, counts.shape]).toEqual([
      0,
      [5, x.shape[1], PARAMETERS],
      [5, x.shape[1], 1],
    ]);
    const own = engine.record((...arrays: Tensor[]) => loss(...arrays));
    const other = Float32Array.from(targets.data, (value, i) =>
      counts.data[Math.floor(i / PARAMETERS)] ? Number(value) : 7,
    );
    expect(await own(x, targets, counts).item()).toBe(
      await own(x, array(targets.shape, other), counts).item(),
    );
  });

  test('words are spoken in their mean durations, the same for the same seed; a recording comes back as it was', async () => {
    const model = speechTask(words, 4).program({ ...recipe, model: 'lstm' }).model;
    const seven = [1, 0].map((speaker) => ({ digit: 7, speaker, frames: words.durations[speaker][7] }));
    const own = words.train.filter(({ digit, speaker }) => digit === 7 && speaker === 0);
    expect(words.durations[0][7]).toBe(
      Math.round(own.reduce((sum, { frames }) => sum + frames, 0) / own.length),
    );
    const sounds = await speakWords(engine, model, words, seven);
    expect(sounds.map((sound) => sound.length)).toEqual(seven.map(({ frames }) => (frames - 1) * 80));
    expect(await speakWords(engine, model, words, seven)).toEqual(sounds);
    expect(inputOf(seven).shape.slice(0, 2)).toEqual([2, Math.ceil(seven[0].frames / 32) * 32]);
    const [{ parameters }] = words.test;
    const { mean, deviation } = words.normalisation;
    const frame = parameters[3].map((x, c) => (x - mean[c]) / deviation[c]);
    restored(frame, words.normalisation).forEach((x, c) => expect(x).toBeCloseTo(parameters[3][c], 9));
  });
});
