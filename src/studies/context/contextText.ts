// Study `context` on the characters of WikiText-2: bits per character of a language model that is shown only the last k
// characters. Recurrent ones, stable and unconstrained, with the weights of their full training and trained so from the
// start (an LSTM n-gram model with n = k + 1: Chelba et al. 2017); gated convolutions and a Transformer; and gated
// convolutions whose receptive field is k (Dauphin et al. 2017, section 5.4).

import { SeqgpuError, check } from '../../graph/check';
import { fieldOf } from '../../nn/bodies';
import { run } from '../../runs/run';
import { enoughWords, finite, known, type Measured, type Point, type Settings } from './contextParts';
import type { Figure, Series } from '../../report/figure';
import type { Budget, Cell, Context, Findings, Plan, Results, Row } from '../../runs/study';
import { recipeOf, type Training } from '../../runs/training';
import { isLanguageTask, measureShown, truncatedText } from '../truncatedText';

interface Size {
  readonly trainTokens: number;
  readonly evaluationTokens: number;
  /** Of the test text, where every model is asked what comes next. */
  readonly places: number;
  /** Of every model; with these they have about as many parameters. */
  readonly hidden: Readonly<Record<'rnn' | 'lstm' | 'gcnn' | 'transformer', number>>;
  /** Characters that trained models are shown; the last is all that they get to see. */
  readonly measured: readonly number[];
  /** With which recurrent models are trained. */
  readonly trained: readonly number[];
  /** Whether the stable ones are trained so too. */
  readonly all: boolean;
  /** Of gated convolutions, each a receptive field; the last is the model that is cut at test. */
  readonly levels: readonly number[];
}

const SHOWN = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 64];
const FEWER = [1, 2, 4, 8, 16, 32, 64];

const SIZES: Record<Budget, Size> = {
  small: {
    ...{ trainTokens: 64_000, evaluationTokens: 8_000, places: 512 },
    ...{ hidden: { rnn: 104, lstm: 64, gcnn: 32, transformer: 32 }, levels: [1, 4] },
    ...{ measured: FEWER, trained: [4], all: false },
  },
  medium: {
    ...{ trainTokens: 500_000, evaluationTokens: 100_000, places: 8192 },
    ...{ hidden: { rnn: 216, lstm: 128, gcnn: 56, transformer: 64 }, levels: [1, 2, 3, 4, 5] },
    ...{ measured: SHOWN, trained: [1, 2, 4, 8, 16], all: true },
  },
  full: {
    ...{ trainTokens: 0, evaluationTokens: 0, places: 65_536 },
    ...{ hidden: { rnn: 880, lstm: 512, gcnn: 192, transformer: 256 }, levels: [1, 2, 3, 4, 6, 8, 10] },
    ...{ measured: SHOWN, trained: [1, 2, 4, 8, 16, 32], all: true },
  },
};

const TASK = 'wikitext2-chars';
const LAMBDA = 0.99;
const TAPS = 4;

interface Subject {
  readonly name: string;
  readonly model: 'rnn' | 'lstm' | 'gcnn' | 'transformer';
  readonly own: Partial<Training>;
}

const SUBJECTS: readonly Subject[] = [
  { name: 'RNN unconstrained', model: 'rnn', own: { learningRate: 8e-3 } },
  { name: 'RNN stable', model: 'rnn', own: { learningRate: 8e-3, stable: LAMBDA } },
  { name: 'LSTM unconstrained', model: 'lstm', own: { forgetBias: 1 } },
  { name: 'LSTM stable', model: 'lstm', own: { forgetBias: 1, stable: LAMBDA } },
  { name: 'GCNN', model: 'gcnn', own: { kernelSize: TAPS } },
  {
    ...{ name: 'Transformer', model: 'transformer' },
    own: {
      ...{ heads: 4, norm: 'pre', levels: 2 },
      ...{ learningRate: 3e-3, schedule: 'warmup', warmup: 60 },
    },
  },
];

const isRecurrent = ({ model }: Subject): boolean => model === 'rnn' || model === 'lstm';

function trainingOf({ budget, seed }: Plan, { model, own }: Subject, levels = 1): Training {
  const { hidden, trainTokens, evaluationTokens } = SIZES[budget];
  return {
    ...{ task: TASK, batch: 16, bptt: 64, model, hidden: hidden[model], levels, seed, epochs: 1 },
    ...(model === 'transformer' ? {} : { embedding: 32 }),
    ...{ trainTokens, evaluationTokens, optimizer: 'adam', clipNorm: 1 },
    ...{ learningRate: 0.01, schedule: 'linear' as const, ...own },
  };
}

const idOf = ({ name }: Subject, how = 'whole past'): string => `text/${name}/${how}`;
const byLevels = (levels: number): string => `levels-${levels}`;
const byK = (k: number): string => `k-${k}`;

const fieldAt = (levels: number): number => fieldOf({ model: 'gcnn', hidden: 1, levels, kernelSize: TAPS });

/** The k for which a recurrent model is trained. */
const trainedOf = ({ budget }: Plan, { own }: Subject): readonly number[] =>
  own.stable && !SIZES[budget].all ? [] : SIZES[budget].trained;

export function textCells(plan: Plan): Cell<Settings>[] {
  const { measured, levels, places } = SIZES[plan.budget];
  const at = { places, longest: measured.at(-1)! };
  return SUBJECTS.flatMap((subject) => {
    const { model } = subject;
    if (model === 'gcnn') {
      return levels.map((count, i) => {
        const all = i === levels.length - 1 ? measured.filter((k) => k < fieldAt(count)) : [];
        const training = trainingOf(plan, subject, count);
        const settings = { training, measured: [...all, fieldAt(count)], at };
        return { id: idOf(subject, byLevels(count)), settings };
      });
    }
    const training = trainingOf(plan, subject);
    const whole = { id: idOf(subject), settings: { training, measured, at } };
    if (!isRecurrent(subject)) return [whole];
    const own = trainedOf(plan, subject).map((k) => {
      return { id: idOf(subject, byK(k)), settings: { training, k, measured: [k], at } };
    });
    return [whole, ...own];
  });
}

export async function runText({ settings }: Cell<Settings>, context: Context): Promise<Measured> {
  const { training, k, measured = [], at } = settings;
  const task = await context.task(training);
  check(isLanguageTask(task), `study context: ${task.name} is no text`, 'give a task of text');
  const engine = await context.engine();
  const recipe = recipeOf(training, task);
  const onProgress = ({ step }: { step: number }, loss: number) =>
    context.progress((0.8 * step) / recipe.steps, `loss ${loss.toPrecision(4)}`);
  try {
    const cut = k === undefined ? task : truncatedText(task, k);
    const { model, test, parameters } = await run({ engine, task: cut, recipe, onProgress });
    const truncated: (number | null)[] = [];
    for (const [i, shown] of measured.entries()) {
      context.progress(0.8 + (0.2 * i) / measured.length, `shown ${shown} characters`);
      truncated.push(finite(await measureShown(engine, task, model, shown, at!)));
    }
    return { test: finite(test[task.metric]), truncated, parameters };
  } catch (error) {
    if (!(error instanceof SeqgpuError) || error.kind !== 'diverged') throw error;
    return { test: null, truncated: measured.map(() => null) };
  }
}

export function textFindings(plan: Plan, results: Results<Measured>): Findings {
  const size = SIZES[plan.budget];
  const settings = new Map(textCells(plan).map((cell) => [cell.id, cell.settings]));
  const pointsOf = (id: string): Point[] =>
    settings.get(id)!.measured!.map((k, i) => [k, results.get(id)!.truncated![i]]);
  const rows: Row[] = [];
  const told: string[] = [];
  const add = (name: string, setting: string, ours: number | null) =>
    rows.push({ ...{ model: name, task: TASK, setting, ours }, ...{ metric: METRIC, published: null } });
  const seriesOf = (subject: Subject, color: number): Series[] => {
    const { name, model } = subject;
    const id = model === 'gcnn' ? idOf(subject, byLevels(size.levels.at(-1)!)) : idOf(subject);
    const cut = pointsOf(id);
    cut.forEach(([k, bits]) => add(name, `shown ${k} inputs`, bits));
    told.push(`${name} ${enoughWords(cut, cut.at(-1)![1])}`);
    const ways = model === 'gcnn' ? size.levels.map(byLevels) : trainedOf(plan, subject).map(byK);
    const own =
      isRecurrent(subject) || model === 'gcnn' ? ways.map((how) => pointsOf(idOf(subject, how)).at(-1)!) : [];
    const what = model === 'gcnn' ? 'with a field of' : 'trained on';
    own.forEach(([k, bits]) => add(name, `${what} ${k} inputs`, bits));
    const shown: Series = { name: `${name}, cut at test`, points: known(cut), color };
    if (own.length === 0) return [shown];
    return [shown, { name: `${name}, ${what} k`, points: known(own), color, dashed: true }];
  };
  const figures = [SUBJECTS.filter(isRecurrent), SUBJECTS.filter((one) => !isRecurrent(one))].map(
    (subjects, i): Figure => ({
      kind: 'plot',
      title: `${i ? 'Feed-forward' : 'Recurrent'} models: bits by the number of characters in sight`,
      caption:
        'Solid: trained on all they can see, cut at test. Dashed: made to see k characters, and trained so.',
      x: { name: 'k', scale: 'log' },
      y: { name: METRIC },
      series: subjects.flatMap((subject) => seriesOf(subject, SUBJECTS.indexOf(subject))),
    }),
  );
  const sizes = [...settings.keys()].flatMap((id) => results.get(id)?.parameters ?? []);
  const text = size.trainTokens ? `${size.trainTokens.toLocaleString('en')} characters` : 'the whole text';
  return {
    remark: `On characters, within 1 % of the bits with all that they see: ${told.join('; ')}.`,
    rows,
    figures,
    notes: [
      `Characters of WikiText-2: trained once on ${text}, in segments of 64; ${Math.min(...sizes)} to ` +
        `${Math.max(...sizes)} parameters, most of them in embedding and softmax.`,
      `All are asked what comes next at the same ${size.places} places of the test text.`,
      'A model that is cut begins k characters before: a state of zeros, or zeros in place of what was earlier.',
    ],
  };
}

const METRIC = 'bits per character, test';
