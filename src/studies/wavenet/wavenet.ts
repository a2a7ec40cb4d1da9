// Study `wavenet`: spoken digits sample by sample. What knowing the past 32 ms is worth, what it is worth to be told
// the digit and the speaker, an LSTM of equal size beside, and what a sample costs to make, with rings and without.

import { SPEAKERS, type Speaker } from '../../data/spokenDigits';
import { repeatStep } from '../../gpu/look/repeatStep';
import { State } from '../../graph/state';
import { array } from '../../graph/host';
import { seed as seedParameters } from '../../nn/init';
import { WaveNet } from '../../nn/waveNet/waveNet';
import { dilationStacks, waveNetField } from '../../nn/waveNet/waveNetSettings';
import { speak } from '../../tasks/digits/soundGeneration';
import { SoundModel } from '../../models/soundModel';
import type { Cell, Context, Study } from '../../runs/study';
import { trainModel, type Training } from '../../runs/training';
import { cachedStep, naiveStep } from './sampleSteps';
import { MODELS, SPEED_LEVELS, cells, idOf, type ResultOfStudy, type SettingsOfStudy } from './wavenetCells';
import { findings } from './wavenetFindings';

const SPEED = { residualChannels: 32, dilationChannels: 32, skipChannels: 64 };

type TrainingSettings = SettingsOfStudy & { readonly kind: 'training' };

const SAID = { digit: 7, speaker: 'george' } as const;

function run({ settings }: Cell<SettingsOfStudy>, context: Context): Promise<ResultOfStudy> {
  return settings.kind === 'speed' ? speedOf(settings, context) : trainingResult(settings, context);
}

async function trainingResult(
  { training, says }: TrainingSettings,
  context: Context,
): Promise<ResultOfStudy> {
  const { trained, outcome } = await trainModel(training, context);
  const kind = 'training';
  const { anchors } = await context.task(training);
  if (!outcome) return { kind, trained, anchors, test: null, rate: 0 };
  const test = Object.fromEntries(
    SPEAKERS.map((speaker) => [speaker, outcome.test[`${trained.metric}, ${speaker}`]]),
  ) as Record<Speaker, number>;
  const rate = outcome.stepsPerSecond * training.batch * training.length!;
  const result = { kind, trained, anchors, test, rate } as const;
  const { model } = outcome;
  if (!says || !(model instanceof SoundModel)) return result;
  const codes = await speak(await context.engine(), model, {
    ...SAID,
    length: says,
    seed: training.seed,
    onProgress: (done) => context.progress(1, `speaks: ${done} of ${says} samples`),
  });
  const real = await realOne(training, context);
  return {
    ...result,
    sounds: [
      { ...SAID, codes: [...codes] },
      { ...SAID, codes: real },
    ],
  };
}

/** A recording of the test that says the same. */
async function realOne(training: Training, context: Context): Promise<number[]> {
  const task = await context.task({ ...training, speaker: SAID.speaker });
  for (const [, targets, , digits] of task.batches('test')) {
    const [B, T] = targets.shape;
    for (let b = 0; b < B; b++) {
      const row = [...targets.data.slice(b * T, (b + 1) * T)].filter((code) => code < 256);
      if (digits.data[b] === SAID.digit && row.length) return row;
    }
  }
  return [];
}

/** The speed of a net that has learned nothing: what it costs does not depend on that. */
async function speedOf(
  { levels, seconds }: { levels: number; seconds: number },
  context: Context,
): Promise<ResultOfStudy> {
  const engine = await context.engine();
  seedParameters(1);
  const settings = { ...SPEED, dilations: dilationStacks(1, levels) };
  const net = new WaveNet(settings);
  const seed = array([1], Uint32Array.of(1));
  const times: number[] = [];
  for (const make of [cachedStep, naiveStep]) {
    const step = make(engine, net, new State([1, 4096], 'zeros', 'sound', 'u32'));
    const each = async (count: number): Promise<number> => {
      const start = performance.now();
      await repeatStep(step, count, seed);
      await engine.idle();
      return (performance.now() - start) / count;
    };
    await each(2);
    const count = Math.max(8, Math.min(4000, Math.round((seconds * 1000) / (await each(8)) / ROUNDS)));
    const rounds: number[] = [];
    for (let i = 0; i < ROUNDS; i++) rounds.push(await each(count));
    times.push(Math.min(...rounds));
  }
  const [cached, naive] = times;
  return { kind: 'speed', field: waveNetField(settings), cached, naive };
}

/** The quickest of so many counts: nothing but other programs makes one slower. */
const ROUNDS = 3;

/** The study of WaveNet on spoken digits. */
export const wavenet: Study<SettingsOfStudy, ResultOfStudy> = {
  name: 'wavenet',
  title: 'WaveNet on spoken digits',
  claim:
    'a feed-forward net predicts raw sound sample by sample, hears what it is told, and makes samples fast',
  source:
    'van den Oord et al., "WaveNet: A Generative Model for Raw Audio" (arXiv 1609.03499); Le Paine et al., "Fast ' +
    'Wavenet Generation Algorithm" (arXiv 1611.09482)',
  tasks: () => ['digits'],
  cells,
  run,
  words: (result) =>
    result.kind === 'speed'
      ? `${result.field} in sight: ${result.cached.toFixed(2)} ms a sample, ${result.naive.toFixed(2)} without rings`
      : `${result.trained.test?.toFixed(3) ?? 'diverged'} ${result.trained.metric}`,
  findings: (setup, results) =>
    findings(
      setup,
      MODELS.map((model) => ({ model, result: results.get(model) })),
      SPEED_LEVELS[setup.budget].map((levels) => results.get(idOf(levels))),
    ),
};
