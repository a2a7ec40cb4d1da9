// Spoken digits, sample by sample: the distribution of the next of 256 μ-law codes, in nats. Training is on pieces,
// which begin with nothing in sight but the sample before them; what is measured is whole recordings, each from its
// first sample on.

import { NONE } from '../../graph/none';
import {
  SPEAKERS,
  drawPieces,
  longestMeasured,
  logFrequencies,
  markovNats,
  paddedTo,
  samplesIn,
  unigramNats,
  wholeRecordings,
  type DigitBatch,
  type Recording,
  type Speaker,
  type SpokenDigits,
} from '../../data/spokenDigits';
import { PARAMETERS } from '../../data/speech/parameters';
import { fail } from '../../graph/check';
import type { HostArray } from '../../graph/host';
import type { Tensor } from '../../graph/tensor';
import { waveNetField } from '../../nn/waveNet/waveNetSettings';
import { mul } from '../../ops/elementwise/binary';
import { crossEntropy } from '../../ops/loss/crossEntropy';
import { reshape, slice } from '../../ops/layout/view';
import { Random } from '../../random';
import { MODELS } from '../../models/index';
import { modelOn, type Models } from '../../models/modelSpec';
import { soundSettings } from '../../models/soundModel';
import type { Recipe } from '../recipe';
import { FeaturesBeside } from './featuresBeside';
import type { Program, Split, Task } from '../task';

/** Whose recordings a run may use. */
export const SPEAKER_CHOICES = [...SPEAKERS, 'both'] as const;
/** One speaker, or both. */
export type SpeakerChoice = (typeof SPEAKER_CHOICES)[number];

/** The speakers of a choice; default: both. */
export const speakersOf = (choice: SpeakerChoice = 'both'): readonly Speaker[] =>
  choice === 'both' ? SPEAKERS : [choice];

/** Recordings, and the pieces of them that a step takes. */
export interface DigitsOptions {
  readonly digits: SpokenDigits;
  /** Whose are trained on and measured; default: everybody's. */
  readonly speaker?: SpeakerChoice;
  /** Pieces per step. */
  readonly batch: number;
  /** Samples of a piece. */
  readonly length: number;
  /** Validation and test are on so many pieces, always the same, in place of whole recordings; 0: on those. */
  readonly evaluationPieces?: number;
  /** Models are told parameters of speech beside every sample. */
  readonly features?: boolean;
}

const EVALUATION_BATCH = 5;
/** Recordings are padded to multiples of this, so that few shapes are recorded. */
const BUCKET = 2048;
const METRIC = 'nats per sample';

/** Spoken digits: codes [B, T] to the distribution of the next sample, in nats per sample. */
export function digitsTask(options: DigitsOptions): Task {
  const { digits, speaker: choice, batch, length, evaluationPieces = 0, features = false } = options;
  const speakers = speakersOf(choice);
  const of = (list: readonly Recording[]) => list.filter(({ speaker }) => speakers.includes(speaker));
  const train = of(digits.train);
  const prior = logFrequencies(train);
  const measured = { valid: of(digits.valid), test: of(digits.test) };
  const samples = longestMeasured(digits);
  const whole = Math.max(...speakers.map((speaker) => samples[speaker]));
  const longest = Math.max(length, evaluationPieces ? 0 : paddedTo(whole, BUCKET));
  const told = features ? new FeaturesBeside(train) : undefined;
  const besideOf = (one: DigitBatch) => (told ? [told.of(one)] : []);
  const piecesOf = (split: Split) =>
    fixedPieces(measured[split], { speakers, split, length, evaluationPieces });
  return {
    name: `Spoken digits, ${speakers.join(' and ')}`,
    metric: METRIC,
    get anchors() {
      return speakers.flatMap((speaker) => anchorsOf(digits, speaker));
    },
    stepsPerEpoch: Math.ceil(samplesIn(train) / (batch * length)),
    program: (recipe, models = MODELS) => digitsProgram(recipe, { length, longest, prior, features }, models),
    source: (random) => ({
      next() {
        const one = drawPieces(train, { batch, length, random });
        return [...arraysOf(one), ...besideOf(one)];
      },
      save: () => random.save(),
      restore: (saved: number[]) => random.restore(saved),
    }),
    weightOf([, { data }]) {
      let counted = 0;
      for (const target of data) if (target !== NO_SAMPLE) counted++;
      return counted;
    },
    *batches(split: Split) {
      const all = evaluationPieces
        ? piecesOf(split)
        : wholeRecordings(measured[split], { batch: EVALUATION_BATCH, bucket: BUCKET });
      for (const one of all) {
        const share = new Float32Array(SPEAKERS.length);
        share[one.speakers.data[0]] = 1;
        yield [...arraysOf(one), { shape: [SPEAKERS.length], data: share }, ...besideOf(one)];
      }
    },
    report({ nats, ...shares }) {
      const own = speakers.map((speaker) => [
        `${METRIC}, ${speaker}`,
        shares[speaker] / shares[`of ${speaker}`],
      ]);
      const all = { [METRIC]: nats, 'bits per sample': nats / Math.LN2 };
      return speakers.length > 1 ? { ...all, ...Object.fromEntries(own) } : all;
    },
  };
}

/** A target that is none: padding. */
export const NO_SAMPLE = NONE;
const PIECES_SEED = 20160919;

/** As the published figures have them: from all recordings but those of the test. */
function anchorsOf({ train, valid, test }: SpokenDigits, speaker: Speaker): Task['anchors'] {
  const own = (list: readonly Recording[]) => list.filter((one) => one.speaker === speaker);
  const seen = own([...train, ...valid]);
  return [
    { name: `unigram, ${speaker}`, value: unigramNats(seen, own(test)) },
    { name: `Markov, ${speaker}`, value: markovNats(seen, own(test)) },
  ];
}

const arraysOf = ({ ids, targets, speakers, digits }: DigitBatch): HostArray[] => [
  ids,
  targets,
  speakers,
  digits,
];

interface Sizes {
  readonly length: number;
  readonly features: boolean;
  /** The most samples that the model reads at once. */
  readonly longest: number;
  readonly prior: readonly number[];
}

/** Pieces that no seed of a run changes, of every speaker as many. */
function* fixedPieces(
  list: readonly Recording[],
  {
    speakers,
    split,
    length,
    evaluationPieces,
  }: {
    readonly speakers: readonly Speaker[];
    readonly split: Split;
    readonly length: number;
    readonly evaluationPieces: number;
  },
): Generator<DigitBatch> {
  const batch = Math.max(1, Math.round(evaluationPieces / speakers.length));
  for (const speaker of speakers) {
    const random = new Random(PIECES_SEED).fork(split);
    yield drawPieces(
      list.filter((one) => one.speaker === speaker),
      { batch, length, random },
    );
  }
}

function digitsProgram(recipe: Recipe, { length, longest, prior, features }: Sizes, models: Models): Program {
  if (recipe.model === 'wavenet') {
    const field = waveNetField(soundSettings(recipe));
    if (field > length) {
      fail(`digits: this wavenet sees ${field} samples, and a piece has ${length}.`, {
        fix: `train on pieces of at least ${field} (length), or with fewer levels or stacks.`,
      });
    }
  }
  const model = modelOn(recipe.model, 'sound', models).make(recipe, {
    longest,
    prior,
    ...(features && { features: PARAMETERS }),
  });
  const nats = ([codes, targets, speakers, digits]: readonly Tensor[], beside?: Tensor) =>
    crossEntropy(model.forward(codes, speakers, digits, beside), targets, { ignoreIndex: NO_SAMPLE });
  return {
    model,
    loss: (...arrays) => nats(arrays, arrays[4]),
    measures(...arrays) {
      const all = nats(arrays, arrays[5]);
      // A batch is of one speaker: its own means come from those that are 0 for the others.
      const shares = SPEAKERS.flatMap((speaker, s): [string, Tensor][] => {
        const share = reshape(slice(arrays[4], 0, s, s + 1), []);
        return [
          [speaker, mul(all, share)],
          [`of ${speaker}`, share],
        ];
      });
      return { nats: all, ...Object.fromEntries(shares) };
    },
  };
}
