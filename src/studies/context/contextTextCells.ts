// The cells of study `context` on the characters of WikiText-2: recurrent models, stable and unconstrained, trained on
// all of their past and on the last k characters alone (an LSTM n-gram model with n = k + 1: Chelba et al. 2017); a
// Transformer; and gated convolutions whose receptive field is k (Dauphin et al. 2017, section 5.4).

import { fieldOf } from '../../nn/bodies';
import { baselinesOf } from '../baselines';
import type { ContextSettings, ContextTraining } from './contextParts';
import type { Budget, Cell, Setup } from '../../runs/study';
import type { Training } from '../../runs/training';
import type { Places } from '../truncatedText';

interface Size {
  readonly trainTokens: number;
  readonly evaluationTokens: number;
  /** Places of the test text, where every model is asked what comes next. */
  readonly places: number;
  /** Widths, with which the models have about as many parameters. */
  readonly hidden: Readonly<Record<'rnn' | 'lstm' | 'gcnn' | 'transformer', number>>;
  /** Characters that trained models are shown; the last is all that they get to see. */
  readonly measured: readonly number[];
  /** With which recurrent models are trained. */
  readonly trained: readonly number[];
  /** Whether the stable ones are trained so too. */
  readonly all: boolean;
  /** Levels of gated convolutions, each a receptive field; the last is the model that is cut at test. */
  readonly levels: readonly number[];
}

const SHOWN = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 64];
const FEWER = [1, 2, 4, 8, 16, 32, 64];

/** How large models and trainings are at each budget. */
export const SIZES: Record<Budget, Size> = {
  small: {
    trainTokens: 64_000,
    evaluationTokens: 8_000,
    places: 512,
    hidden: { rnn: 104, lstm: 64, gcnn: 32, transformer: 32 },
    levels: [1, 4],
    measured: FEWER,
    trained: [4],
    all: false,
  },
  medium: {
    trainTokens: 500_000,
    evaluationTokens: 100_000,
    places: 8192,
    hidden: { rnn: 216, lstm: 128, gcnn: 56, transformer: 64 },
    levels: [1, 2, 3, 4, 5],
    measured: SHOWN,
    trained: [1, 2, 4, 8, 16],
    all: true,
  },
  full: {
    trainTokens: 0,
    evaluationTokens: 0,
    places: 65_536,
    hidden: { rnn: 880, lstm: 512, gcnn: 192, transformer: 256 },
    levels: [1, 2, 3, 4, 6, 8, 10],
    measured: SHOWN,
    trained: [1, 2, 4, 8, 16, 32],
    all: true,
  },
};

/** The task of this part. */
export const TASK = 'wikitext2-chars';
const LAMBDA = 0.99;
const TAPS = 4;

/** A model of the study on text. */
export interface Subject {
  readonly name: string;
  readonly model: 'rnn' | 'lstm' | 'gcnn' | 'transformer';
  readonly own: Partial<Training>;
}

/** The models of the study on text. */
export const SUBJECTS: readonly Subject[] = [
  { name: 'RNN unconstrained', model: 'rnn', own: { learningRate: 8e-3 } },
  { name: 'RNN stable', model: 'rnn', own: { learningRate: 8e-3, stable: LAMBDA } },
  { name: 'LSTM unconstrained', model: 'lstm', own: { forgetBias: 1 } },
  { name: 'LSTM stable', model: 'lstm', own: { forgetBias: 1, stable: LAMBDA } },
  { name: 'GCNN', model: 'gcnn', own: { kernelSize: TAPS } },
  {
    name: 'Transformer',
    model: 'transformer',
    own: {
      heads: 4,
      norm: 'pre',
      levels: 2,
      learningRate: 3e-3,
      schedule: 'warmup',
      warmup: 60,
    },
  },
];

/** Whether a model carries a state. */
export const isRecurrent = ({ model }: Subject): boolean => model === 'rnn' || model === 'lstm';

function trainingOf({ budget, seed }: Setup, { model, own }: Subject, levels = 1): Training {
  const { hidden, trainTokens, evaluationTokens } = SIZES[budget];
  return {
    task: TASK,
    batch: 16,
    bptt: 64,
    model,
    hidden: hidden[model],
    levels,
    seed,
    epochs: 1,
    ...(model === 'transformer' ? {} : { embedding: 32 }),
    trainTokens,
    evaluationTokens,
    optimizer: 'adam',
    clipNorm: 1,
    learningRate: 0.01,
    schedule: 'linear' as const,
    ...own,
  };
}

/** The name of a cell. */
export const idOf = ({ name }: Subject, how = 'whole past'): string => `text/${name}/${how}`;
/** The end of the name of a cell of gated convolutions. */
export const byLevels = (levels: number): string => `levels-${levels}`;
/** The end of the name of a cell that is trained on k inputs. */
export const byK = (k: number): string => `k-${k}`;

const fieldAt = (levels: number): number => fieldOf({ model: 'gcnn', hidden: 1, levels, kernelSize: TAPS });

/** The k for which a recurrent model is trained. */
export const trainedOf = ({ budget }: Setup, { own }: Subject): readonly number[] =>
  own.stable && !SIZES[budget].all ? [] : SIZES[budget].trained;

/** The name of the cell that counts. */
export const BASELINES = 'text/baselines';

/** The cells on text at a budget. */
export function textCells(setup: Setup): Cell<ContextSettings>[] {
  const { measured, places } = SIZES[setup.budget];
  const at = { places, longest: measured.at(-1)! };
  const baselines = baselinesOf(trainingOf(setup, SUBJECTS[0]));
  return [{ id: BASELINES, settings: { baselines, at } }, ...trainingCells(setup)];
}

/** The trainings, with the settings of each. */
export function trainingCells(setup: Setup): Cell<ContextTraining>[] {
  const { measured, places } = SIZES[setup.budget];
  const at = { places, longest: measured.at(-1)! };
  return SUBJECTS.flatMap((subject) => {
    if (subject.model === 'gcnn') return convolutionCells(setup, subject, at);
    const training = trainingOf(setup, subject);
    const whole = { id: idOf(subject), settings: { training, measured, at } };
    if (!isRecurrent(subject)) return [whole];
    const own = trainedOf(setup, subject).map((k) => {
      return { id: idOf(subject, byK(k)), settings: { training, k, measured: [k], at } };
    });
    return [whole, ...own];
  });
}

/** A receptive field each; the widest is the model that is cut at test. */
function convolutionCells(setup: Setup, subject: Subject, at: Places): Cell<ContextTraining>[] {
  const { measured, levels } = SIZES[setup.budget];
  return levels.map((count, i) => {
    const all = i === levels.length - 1 ? measured.filter((k) => k < fieldAt(count)) : [];
    const training = trainingOf(setup, subject, count);
    const settings = { training, measured: [...all, fieldAt(count)], at };
    return { id: idOf(subject, byLevels(count)), settings };
  });
}
