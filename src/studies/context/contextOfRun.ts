// Study `context` of one run: how many of its last inputs a trained model needs, at places of the validation data, and
// beside it what counting on the same data comes to, or of a forecast the last value. Of pairs also what models come to
// that were trained with so many tokens in sight.

import type { LabelledCorpus } from '../../data/labelled/corpus';
import { makeTask } from '../../runs/outcome';
import type { Settings } from '../../runs/settings';
import type { Cell, Context, Study } from '../../runs/study';
import { taskCalled } from '../../runs/tables';
import { fail } from '../../graph/check';
import { fieldOf, type Reads, type TextModel } from '../../models/modelSpec';
import type { Module } from '../../nn/module';
import { Memory, goesStepwise } from '../../nn/stepwise';
import type { SequenceTask } from '../../tasks/sequence';
import { ofPairs } from '../../tasks/pairsProgram';
import { ofOneSequence, type Program, type Task } from '../../tasks/task';
import { ofClasses } from '../../tasks/classification/answers';
import { loadCheckpoint } from '../../train/checkpoint';
import { baselinesOf, lastValueAt, measureBaselines } from '../baselines';
import { classLoss, endsOf, frequencyNats, labelledRows } from '../labelledWindows';
import { pairLoss } from '../pairWindows';
import { placesIn, type Place, type Sequence, type WindowLoss } from '../places';
import { sightFindings, type SightResult, type SightSettings, type TrainedRun } from './sightFindings';
import { enoughOf, lossesInSight, sequenceLoss, sequencesOf, soundLoss, textLoss } from '../windows';

/** Places where a model is shown less than all; of translation more, since each is a few tokens. */
const PLACES = 256;
const PAIR_PLACES = 2048;
/** As few as a mean may be of. */
const LEAST = 16;
/** The most inputs that are shown. */
const MOST = 1024;
/** The kinds of tasks in which every step is asked for, or the last of whole sequences. */
const KINDS = ['text', 'music', 'sound', 'series', 'classification', 'translation'];

/**
 * The study of that run, of a task of text, music, sound, series, classification or translation. `cut`: runs on the
 * same pairs whose decoders were trained on their last tokens alone.
 */
export function contextOfRun(
  run: TrainedRun,
  cut: readonly TrainedRun[] = [],
): Study<SightSettings, SightResult> {
  const { settings, where, tables } = run;
  const { kind, title, reads } = taskCalled(settings.task, tables);
  // What is said of a recording as a whole, or beside it, is no sequence of samples.
  if (!KINDS.includes(kind) || (kind === 'sound' && (reads !== 'sound' || settings.features))) {
    fail(`study: context is not known of ${settings.task}, a task of ${kind}.`, {
      fix: `name a run on ${KINDS.join(', ')}.`,
    });
  }
  return {
    name: 'context',
    title: `How much of the past is used: ${settings.model.toUpperCase()} on ${title}`,
    claim: 'a model that is shown only its last few inputs is as good as one that has seen them all',
    source: `the run in ${where}`,
    cells: () =>
      [run, ...cut].map((one) => {
        const places = reads === 'pairs' ? PAIR_PLACES : PLACES;
        return { id: cellOf(one, run), settings: { run: one.settings, places } };
      }),
    run: (cell, context) =>
      measure(
        [run, ...cut].find((one) => cellOf(one, run) === cell.id)!,
        cell,
        context,
      ),
    words: ({ sights, losses }) => `enough: ${enoughOf(sights, losses)} inputs`,
    findings: (_setup, results) => {
      const made = cut.map((one) => ({ run: one, result: results.get(cellOf(one, run))! }));
      return sightFindings(run, results.get('run')!, made);
    },
  };
}

/** The name of a run's cell. */
const cellOf = (run: TrainedRun, first: TrainedRun): string =>
  run === first ? 'run' : `trained/k-${run.settings.truncate}`;

async function measure(
  run: TrainedRun,
  { settings: { places } }: Cell<SightSettings>,
  context: Context,
): Promise<SightResult> {
  const { settings, stored, where, content, tables } = run;
  const task = makeTask(settings, content, tables);
  const program = task.program(settings, tables.models);
  const engine = await context.engine();
  loadCheckpoint(engine, stored, where, { model: program.model });
  const { loss, sights, chosen } = asked(run, task, program, places);
  const losses = await lossesInSight(engine, loss, chosen, sights, (share) =>
    context.progress(share, `in sight: ${sights[Math.floor(share * sights.length)]}`),
  );
  return { sights, losses, places: chosen.length, baselines: countedAt(run, task, chosen) };
}

/** What a model is asked, and where. */
function asked(
  { settings, tables }: TrainedRun,
  task: Task,
  program: Program,
  places: number,
): Pick<Asked, 'loss' | 'sights'> & { readonly chosen: readonly Place[] } {
  const { kind, reads } = taskCalled(settings.task, tables);
  const batches = [...task.batches('valid')];
  const field = fieldOf(settings, tables.models);
  if (kind === 'classification') {
    const chosen = endsOf(labelledRows(batches));
    const longest = chosen.reduce((most, { end }) => Math.max(most, end + 1), 1);
    return { loss: classLoss(ofClasses(program.model)), sights: doubled(Math.min(longest, field)), chosen };
  }
  const sequences = sequencesOf(task, batches);
  const { past, ...shown } =
    reads === 'pairs'
      ? askedOfPairs(program, sequences, settings)
      : askedOfSteps(reads, program, { sequences, task, field });
  return { ...shown, chosen: placesIn(sequences, past, Math.min(places, placesWith(sequences, past))) };
}

/** 1, 2, 4 … and the last. */
const doubled = (last: number): number[] => [
  ...Array.from({ length: Math.ceil(Math.log2(last)) }, (_, i) => 2 ** i),
  last,
];

/** How a model is asked: with how many inputs in sight, at places with at least so many before them. */
interface Asked {
  readonly loss: WindowLoss;
  readonly sights: readonly number[];
  readonly past: number;
}

/**
 * A target has few tokens, so all its places count: at those with fewer before them, all are in sight. A decoder that
 * was trained on its last k tokens sees no more of them.
 */
function askedOfPairs(program: Program, sequences: readonly Sequence[], { truncate }: Settings): Asked {
  const longest = sequences.reduce((most, { length }) => Math.max(most, length), 1);
  const all = Math.min(truncate ?? longest, longest);
  return { loss: pairLoss(ofPairs(program.model)), sights: doubled(all), past: 0 };
}

/** The data of a task of steps, and how many inputs an output of the model can see. */
interface Steps {
  readonly sequences: readonly Sequence[];
  readonly task: Task;
  readonly field: number;
}

function askedOfSteps(reads: Reads, program: Program, { sequences, task, field }: Steps): Asked {
  const model = ofOneSequence(program.model);
  const sights = sightsIn(sequences, Math.min(MOST, field, positionsOf(model)));
  const shown = { sights, past: sights.at(-1)! - 1 };
  if (reads === 'text') return { ...shown, loss: textLoss(model as typeof model & TextModel) };
  return { ...shown, loss: reads === 'sound' ? soundLoss(model) : sequenceLoss(model, task as SequenceTask) };
}

/** What counting, or the last value, comes to at these places. */
function countedAt({ settings, content, tables }: TrainedRun, task: Task, places: readonly Place[]) {
  const { kind, reads } = taskCalled(settings.task, tables);
  if (kind === 'series') return lastValueAt(places);
  if (kind === 'classification') {
    const { train } = content as LabelledCorpus;
    const trained = train.map(({ label }) => label);
    return [{ name: 'frequencies of classes', placed: frequencyNats(trained, places) }];
  }
  const counted = reads === 'pairs' ? task : makeTask(baselinesOf(settings), content, tables);
  return measureBaselines(counted, places).baselines;
}

/** The most steps from a beginning, of a model that has positions. */
function positionsOf(model: Module): number {
  if (!goesStepwise(model)) return Infinity;
  const memory = new Memory(1);
  model.stepper(memory);
  const { limit } = memory;
  memory.destroy();
  return limit;
}

const placesWith = (sequences: readonly Sequence[], past: number): number =>
  sequences.reduce((sum, { length }) => sum + Math.max(0, length - past), 0);

/** Numbers of inputs up to `most`, twice as many each time, as far as there are places with so many before them. */
function sightsIn(sequences: readonly Sequence[], most: number): number[] {
  const sights: number[] = [];
  for (let k = 1; k <= most && placesWith(sequences, k - 1) >= LEAST; k *= 2) sights.push(k);
  const last = sights.at(-1) ?? 0;
  if (last && last < most && most < 2 * last && placesWith(sequences, most - 1) >= LEAST) sights.push(most);
  return last
    ? sights
    : fail(`study: the validation data has ${placesWith(sequences, 0)} steps.`, {
        fix: `${LEAST} are needed; give more data.`,
      });
}
