// Recordings of one's own, sample by sample: the distribution of the next of 256 μ-law codes, in nats. Training and
// measuring are on pieces, which begin with nothing in sight but the sample before them.

import type { OwnRecording, OwnSound } from '../../data/own/sound';
import { allSoundPieces, drawSoundPieces, soundBatch, type SoundBatch } from '../../data/own/soundPieces';
import { logFrequencies, markovNats, samplesIn, unigramNats } from '../../data/spokenDigits';
import { fail } from '../../graph/check';
import type { HostArray } from '../../graph/host';
import { NONE } from '../../graph/none';
import type { Tensor } from '../../graph/tensor';
import { modelOn, type Models } from '../../models/modelSpec';
import { soundSettings } from '../../models/soundModel';
import { waveNetField } from '../../nn/waveNet/waveNetSettings';
import { crossEntropy } from '../../ops/loss/crossEntropy';
import type { Recipe } from '../recipe';
import type { Program, Task } from '../task';

/** Recordings, and the pieces of them that a step takes. */
export interface SoundTaskOptions {
  readonly sound: OwnSound;
  /** Pieces per step. */
  readonly batch: number;
  /** Samples of a piece. */
  readonly length: number;
  /** Validation and test are on so many pieces, evenly spread; 0: on all. Default: 64. */
  readonly evaluationPieces?: number;
}

const EVALUATION_BATCH = 8;
const EVALUATION_PIECES = 64;
const METRIC = 'nats per sample';

/** Sound of one's own: codes [B, T] to the distribution of the next sample, in nats per sample. */
export function soundTask(options: SoundTaskOptions, models: Models): Task {
  const { sound, batch, length, evaluationPieces = EVALUATION_PIECES } = options;
  const { name, train, classes } = sound;
  const pieces = (list: readonly OwnRecording[]) => allSoundPieces(list, length, evaluationPieces);
  return {
    name,
    metric: METRIC,
    get anchors() {
      return [
        { name: 'unigram', value: unigramNats(train, sound.test) },
        { name: 'Markov', value: markovNats(train, sound.test) },
      ];
    },
    stepsPerEpoch: Math.ceil(samplesIn(train) / (batch * length)),
    program: (recipe) => soundProgram(recipe, { length, classes: classes.length, train }, models),
    source: (random) => ({
      next: () => arraysOf(soundBatch(drawSoundPieces(train, { batch, length, random }), length)),
      save: () => random.save(),
      restore: (saved: number[]) => random.restore(saved),
    }),
    weightOf([, { data }]) {
      let counted = 0;
      for (const target of data) if (target !== NONE) counted++;
      return counted;
    },
    *batches(split) {
      const all = pieces(sound[split]);
      for (let i = 0; i < all.length; i += EVALUATION_BATCH) {
        yield arraysOf(soundBatch(all.slice(i, i + EVALUATION_BATCH), length));
      }
    },
    report: ({ nats }) => ({ [METRIC]: nats, 'bits per sample': nats / Math.LN2 }),
  };
}

function arraysOf({ ids, targets, labels }: SoundBatch): HostArray[] {
  return [ids, targets, labels];
}

interface Sizes {
  readonly length: number;
  readonly classes: number;
  readonly train: readonly OwnRecording[];
}

function soundProgram(recipe: Recipe, { length, classes, train }: Sizes, models: Models): Program {
  const field = recipe.model === 'wavenet' ? waveNetField(soundSettings(recipe)) : 0;
  if (field > length) {
    fail(`sound: this wavenet sees ${field} samples, and a piece has ${length}.`, {
      fix: `train on pieces of at least ${field} (length), or with fewer levels or stacks.`,
    });
  }
  const prior = logFrequencies(train);
  const told = { digits: 0, speakers: classes };
  const model = modelOn(recipe.model, 'sound', models).make(recipe, { longest: length, prior, told });
  const nats = (codes: Tensor, targets: Tensor, labels: Tensor) =>
    crossEntropy(model.forward(codes, labels), targets, { ignoreIndex: NONE });
  return { model, loss: nats, measures: (...arrays) => ({ nats: nats(arrays[0], arrays[1], arrays[2]) }) };
}
