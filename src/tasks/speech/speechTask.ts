// Parametric speech synthesis: from digit, speaker and place in the word to spectrum, pitch and voicing of every frame,
// by least squares on normalised parameters. It is measured as synthesis is: mel-cepstral distortion, the error of the
// pitch where both are voiced, and frames that are voiced in one alone; frame by frame, at the recordings' durations.

import { cepstralTransform, DECIBELS } from '../../data/speech/cepstrum';
import { BANDS } from '../../data/speech/mel';
import type { Normalisation } from '../../data/speech/normalisation';
import { LOG_PITCH, PARAMETERS, VOICED } from '../../data/speech/parameters';
import { fail } from '../../graph/check';
import type { Tensor } from '../../graph/tensor';
import { MODELS } from '../../models/index';
import { modelOn } from '../../models/modelSpec';
import { sequenceModel } from '../../models/sequenceModel';
import { RecurrentOutput } from '../../nn/recurrentOutput';
import { add, div, mul, sub } from '../../ops/elementwise/binary';
import { constant } from '../../ops/elementwise/constant';
import { clamp, exp, scale, sqrt, square } from '../../ops/elementwise/unary';
import { slice } from '../../ops/layout/view';
import { matmul } from '../../ops/matmul/matmul';
import { sum } from '../../ops/reduce/reduce';
import { drawn } from '../drawn';
import type { Measures, Task } from '../task';
import { SpeechModel } from './speechModel';
import { INPUTS, drawSpoken, longestRow, spokenBatch, type SpokenWords } from './spoken';

/** What the layer behind the last body is. */
export const OUTPUTS = ['recurrent', 'linear'] as const;
/** One of them. */
export type OutputLayer = (typeof OUTPUTS)[number];

const EVALUATION_BATCH = 20;
const METRIC = 'square error per parameter';

/** Names of the measures that tables show. */
export const MEASURES = {
  distortion: 'mel-cepstral distortion, dB',
  pitch: 'error of the pitch, Hz',
  voicing: 'voicing errors',
} as const;

/** The task with its words. */
export interface SpeechTask extends Task {
  readonly words: SpokenWords;
}

/** The words of a task of speech. */
export const wordsIn = (task: Task | SpeechTask): SpokenWords =>
  'words' in task ? task.words : fail(`${task.name} is no task of parametric speech.`);

/** The task of these recordings. */
export function speechTask(words: SpokenWords, batch: number, output: OutputLayer = 'recurrent'): SpeechTask {
  const { normalisation } = words;
  return {
    words,
    name: 'Parametric speech',
    metric: METRIC,
    get anchors() {
      return [{ name: 'the mean', value: squareOfMean(words) }];
    },
    stepsPerEpoch: Math.max(1, Math.floor(words.train.length / batch)),
    program(recipe, models = MODELS) {
      const { body } = modelOn(recipe.model, 'vectors', models);
      const sequence = sequenceModel(body, [INPUTS, PARAMETERS], { ...recipe, length: longestRow(words) });
      const model = new SpeechModel(
        sequence,
        output === 'recurrent' ? new RecurrentOutput(PARAMETERS) : null,
      );
      return {
        model,
        loss: (x, targets, counts) => meanSquare(model.forward(x), targets, counts),
        measures: (x, targets, counts) => measuresOf(model.forward(x), targets, counts, normalisation),
      };
    },
    source: (random) => drawn(random, (own) => drawSpoken(words, { batch, random: own })),
    weightOf: ([, , { data }]) => Array.from(data).reduce((total, one) => total + Number(one), 0),
    *batches(split) {
      const sorted = [...words[split]].sort((a, b) => a.frames - b.frames);
      for (let first = 0; first < sorted.length; first += EVALUATION_BATCH) {
        yield spokenBatch(sorted.slice(first, first + EVALUATION_BATCH), normalisation);
      }
    },
    report,
  };
}

/** The mean over parameters and frames that count. */
const meanSquare = (y: Tensor, targets: Tensor, counts: Tensor): Tensor =>
  scale(div(sum(square(mul(sub(y, targets), counts))), sum(counts)), 1 / PARAMETERS);

/** Means over the frames that count; pitch as a sum of squares and a count of frames, which `report` divides. */
function measuresOf(y: Tensor, targets: Tensor, counts: Tensor, normalisation: Normalisation) {
  const total = sum(counts);
  const mean = (values: Tensor) => div(sum(mul(values, counts)), total);
  const cepstra = matmul(slice(sub(y, targets), 2, 0, BANDS), transformOf(normalisation));
  const distances = scale(sqrt(sum(square(cepstra), -1, { keep: true })), DECIBELS);
  const [own, right] = [y, targets].map((one) => voicingOf(one, normalisation));
  const both = mul(own, right);
  const off = sub(hertzOf(y, normalisation), hertzOf(targets, normalisation));
  return {
    [METRIC]: meanSquare(y, targets, counts),
    [MEASURES.distortion]: mean(distances),
    squares: mean(mul(square(off), both)),
    both: mean(both),
    [MEASURES.voicing]: mean(square(sub(own, right))),
  };
}

function report({ squares, both, ...rest }: Measures): Measures {
  return { ...rest, [MEASURES.pitch]: Math.sqrt(squares / both) };
}

/** [BANDS, ORDER]: from a difference of normalised log-mel spectra to one of cepstra. */
function transformOf({ deviation }: Normalisation): Tensor {
  const rows = cepstralTransform(BANDS);
  const values = Array.from({ length: BANDS }, (_, b) => rows.map((row) => row[b] * deviation[b]));
  return constant([BANDS, rows.length], values.flat());
}

/** A parameter in its own unit, [B, T, 1]. */
const column = (y: Tensor, c: number, { mean, deviation }: Normalisation): Tensor =>
  add(scale(slice(y, 2, c, c + 1), deviation[c]), mean[c]);

const hertzOf = (y: Tensor, normalisation: Normalisation): Tensor =>
  exp(clamp(column(y, LOG_PITCH, normalisation), 3, 7));

/** 1 where it is voiced, and 0 where not: a ramp that no value lies on. */
const voicingOf = (y: Tensor, normalisation: Normalisation): Tensor =>
  clamp(scale(column(y, VOICED, normalisation), 1e6, 0.5 - 0.5e6), 0, 1);

/** The measure of a model that says the mean of the training recordings, on those of the test. */
function squareOfMean({ test, normalisation: { mean, deviation } }: SpokenWords): number {
  const frames = test.flatMap(({ parameters }) => parameters);
  const squares = frames.reduce(
    (total, frame) => total + frame.reduce((all, x, c) => all + ((x - mean[c]) / deviation[c]) ** 2, 0),
    0,
  );
  return squares / (frames.length * PARAMETERS);
}
