// Labelled sequences in three splits, as they go in.

import { fail } from '../../graph/check';
import { splitItems, type ItemSplits } from '../own/splitItems';
import type { CoderOptions } from '../translation/coder';
import { shapesFor, shapesWith, type PairShape } from '../translation/shapes';
import { given, keepForm, keptForm, learnForm, type Form } from './form';
import type { FoundSequence, FoundSequences } from './sequence';

/** A sequence as it goes in, and its class. */
export interface LabelledSequence {
  readonly values: Uint32Array | Float32Array;
  readonly length: number;
  /** The place of its class. */
  readonly label: number;
}

/** Labelled sequences; of those that a run has kept the splits are empty. */
export interface LabelledCorpus {
  readonly name: string;
  /** Names of the classes, sorted. */
  readonly classes: readonly string[];
  readonly form: Form;
  /** Whether every sequence was a file of its own. */
  readonly inFiles: boolean;
  readonly train: readonly LabelledSequence[];
  readonly valid: readonly LabelledSequence[];
  readonly test: readonly LabelledSequence[];
  /** Lengths that batches are padded to, ascending; the last holds every sequence. */
  readonly lengths: readonly number[];
  /** How they were split, and what was left out. */
  readonly notes: readonly string[];
}

/** How sequences become a corpus. */
export interface CorpusOptions extends CoderOptions {
  /** The most steps of a sequence; of a longer one the first are kept. Default: 1024. */
  readonly longest?: number;
  /** The part of every class that validates; default: 0.1. */
  readonly validPart?: number;
  /** The part of every class that tests, where there are no others to test on; default: 0.1. */
  readonly testPart?: number;
  /** What draws the split; default: 1. */
  readonly splitSeed?: number;
  /** Whether all sequences are all splits, for what only measures; default: false. */
  readonly whole?: boolean;
  /** Others whose classes and form these have. */
  readonly known?: LabelledCorpus;
}

/** The most steps of a sequence, where none is said. */
const LONGEST = 1024;
/** The most lengths of training batches. */
const MOST_LENGTHS = 4;

/** Makes a corpus of sequences; `others`: those that test, in place of a part of the rest. */
export function makeCorpus(
  name: string,
  found: FoundSequences,
  options: CorpusOptions,
  others?: FoundSequences,
): LabelledCorpus {
  const { known } = options;
  // What is longer than all that a model has seen is cut: it may have no positions for it.
  const longest = known?.lengths.at(-1) ?? options.longest ?? LONGEST;
  const classes = known?.classes ?? classesOf(found.sequences);
  if (others && others.material !== found.material) {
    fail(`classification: what tests is ${others.material}, and what trains ${found.material}.`, {
      fix: 'give sequences of one kind.',
    });
  }
  if (known) checkMaterial(known.form, found, name);
  const labelOf = labelsIn(classes, Boolean(known));
  const labels = found.sequences.map(labelOf);
  const parts = splitOf(labels, classes, options, others !== undefined);
  const form =
    known?.form ??
    learnForm(
      found,
      parts.train.map((i) => found.sequences[i]),
      options,
    );
  let cut = 0;
  const labelled = (one: FoundSequence): LabelledSequence => {
    const { values, length, cut: was } = given(one, form, longest);
    if (was) cut++;
    return { values, length, label: labelOf(one) };
  };
  const own = found.sequences.map(labelled);
  const apart = options.whole ? undefined : others?.sequences.map(labelled);
  const of = (list: readonly number[]) => list.map((i) => own[i]);
  const splits = { train: of(parts.train), valid: of(parts.valid), test: apart ?? of(parts.test) };
  const lengths = lengthsOf(splits.train, splits.valid, splits.test);
  const notes = [...found.notes, ...(others?.notes ?? [])];
  const read = own.length + (apart?.length ?? 0);
  if (cut) notes.push(`${cut} of ${read} sequences are longer than ${longest} steps: their first are kept`);
  const all = known && lengths.at(-1)! < longest ? [...lengths, longest] : lengths;
  return { name, classes, form, inFiles: found.inFiles, ...splits, lengths: all, notes };
}

/** Refuses sequences of another kind than those that a model was trained on. */
export function checkMaterial({ material }: Form, found: FoundSequences, name: string): void {
  if (found.material === material) return;
  fail(`classification: ${name} has ${found.material}, and the model was trained on ${material}.`, {
    fix: 'give sequences of the kind that it was trained on.',
  });
}

function classesOf(sequences: readonly FoundSequence[]): string[] {
  const classes = [...new Set(sequences.map(({ label }) => label!))].sort((a, b) => (a < b ? -1 : 1));
  if (classes.length > 1) return classes;
  return fail(`classification: all sequences are of one class, ${JSON.stringify(classes[0])}.`, {
    fix: 'give sequences of two classes at least; is it the column of the classes that is named?',
  });
}

/** The place of the class of a sequence; fails where there is none of that name. */
function labelsIn(classes: readonly string[], known: boolean): (one: FoundSequence) => number {
  const places = new Map(classes.map((name, place) => [name, place]));
  const unknown = known ? 'the model does not know' : 'nothing is trained on';
  return ({ where, label = '' }) =>
    places.get(label) ??
    fail(`classification: ${where} is of class ${JSON.stringify(label)}, which ${unknown}.`, {
      given: `the classes are ${classes.slice(0, 20).join(', ')}${classes.length > 20 ? ', …' : ''}`,
      fix: 'take it away, or train on sequences of that class.',
    });
}

/** The numbers of the sequences of each split, class by class; `apart`: whether others test. */
const splitOf = (
  labels: readonly number[],
  classes: readonly string[],
  options: CorpusOptions,
  apart: boolean,
): ItemSplits =>
  splitItems(labels.length, {
    ...options,
    ...(apart && { testPart: 0, testless: true }),
    groupOf: (i) => labels[i],
    nameOf: (group) => `class ${JSON.stringify(classes[group])}`,
    what: 'sequences',
  });

const shape = (source: number): PairShape => ({ source, target: 0 });

/** Lengths that batches are padded to: a handful, by which the first sequences are padded as little as possible. */
export function lengthsOf(
  train: readonly LabelledSequence[],
  ...others: (readonly LabelledSequence[])[]
): number[] {
  const pairs = (list: readonly LabelledSequence[]) => lengthsIn(list.map(({ length }) => length));
  return shapesWith(shapesFor(pairs(train), MOST_LENGTHS), ...others.map(pairs)).map(({ source }) => source);
}

/** Lengths as those of pairs without targets. */
export const lengthsIn = (lengths: readonly number[]) => ({
  count: lengths.length,
  source: (i: number) => lengths[i],
  target: () => 0,
});

/** Lengths as shapes of pairs without targets. */
export const shapesOf = (lengths: readonly number[]): PairShape[] => lengths.map(shape);

/** Training sequences of each class. */
export function labelCounts({ classes, train }: LabelledCorpus): number[] {
  const counts = classes.map(() => 0);
  for (const { label } of train) counts[label]++;
  return counts;
}

/** What a run keeps to classify others: classes, form, and how long the longest was. */
export const keepLabelled = ({ name, classes, form, inFiles, lengths }: LabelledCorpus): unknown => ({
  name,
  classes,
  form: keepForm(form),
  inFiles,
  longest: lengths.at(-1),
});

/** The same again, without sequences; `where`: the file, for errors. */
export function keptLabelled(json: unknown, where: string): LabelledCorpus {
  const { name, classes, form, inFiles, longest } = Object(json) as Readonly<Record<string, unknown>>;
  const texts =
    Array.isArray(classes) && classes.length > 1 && classes.every((one) => typeof one === 'string');
  if (typeof name !== 'string' || !texts || !Number.isSafeInteger(longest) || Number(longest) < 1) {
    return fail(`${where} holds no classes.`, { fix: 'the file was changed or is damaged; train again.' });
  }
  const none = { train: [], valid: [], test: [], notes: [] };
  return {
    name,
    classes: classes as string[],
    form: keptForm(form, where),
    inFiles: inFiles === true,
    lengths: [Number(longest)],
    ...none,
  };
}
