// What a task declares. A new one is a folder beside this file, with a spec made by `defineTask`, and a line in
// index.ts: help, `train`, `search`, `study shootout`, settings.json and the checks have it then.
//
//   export const mine = defineTask({
//     name: 'mine', title: 'Mine', about: 'what is asked, in a line', kind: 'music', reads: 'vectors',
//     options: { bars: { kind: 'count', required: true, help: 'bars of a piece' } },   // flags, and keys of settings
//     start: { batch: 8, steps: 300, bars: 4, optimizer: 'adam', learningRate: 5e-3 }, // for a model without a preset
//     presets: { default: { lstm: { … } }, published: { … } },                         // with their sources
//     data: {                                                                          // none: it is drawn
//       files: ['mine/mine.json'],
//       read: ([file], { bars }) => parse(textIn(file), bars),
//       facts: (data) => ({ pieces: data.train.length }),
//       stepsPerEpoch: ({ pieces }, { batch }) => Math.ceil(pieces / batch),
//     },
//     make: ({ batch, bars }, data) => sequenceTask({ … }),
//   });
//
// `reads` says what models are given: vectors [B, T, C], text (ids), sound (codes), or pairs (ids of two sentences);
// every model with a body can do the first three.
// `data.read` gets its files as ByteSources, so that a folder in Node, the File objects of a page and buffers in a test
// all serve: those of the data folder that `data.files` names; or, of a task of a user's own data, what `--from` names.

import type { ByteSource } from '../data/byteSource';
import type { FromOptions } from '../data/own/folders';
import type { Models, Reads } from '../models/modelSpec';
import type { Options, OptionsOf, Range, Values } from '../spec/option';
import type { Contest } from './contest';
import type { Preset, Presets } from './preset';
import type { Recipe } from './recipe';
import type { Task } from './task';

/** Kinds of tasks, by which help and errors name several at once. */
export type TaskKind =
  | 'drawn'
  | 'images'
  | 'music'
  | 'text'
  | 'sound'
  | 'series'
  | 'classification'
  | 'translation';

/** What settings must know of data: counts, from which epochs are computed. */
export type Facts = Readonly<Record<string, number | string | Readonly<Record<string, number>>>>;

/** What `seqgpu generate` makes of a trained model; none: nothing to read, see or hear. */
export type Sample =
  | { readonly kind: 'text' }
  /** `tempo`: steps a minute, where none is asked for. */
  | { readonly kind: 'music'; readonly tempo: number }
  | { readonly kind: 'sound' }
  /** A recording of a class, or of none. */
  | { readonly kind: 'recording' }
  /** Whole words, from parameters of speech. */
  | { readonly kind: 'speech' }
  /** Rows that go on where the data ends. */
  | { readonly kind: 'series' };

/** What a model begins with that has no preset. */
export type Start<O extends Options> = Partial<Preset<O>> &
  Pick<Preset, 'batch' | 'optimizer' | 'learningRate'>;

/** The settings that reading and counting depend on: those of the task, and how many sequences a step takes. */
type Reading<O extends Options> = Partial<OptionsOf<O>> & {
  readonly batch?: number;
  /** Whether all data are all splits, for what only measures files of a user's own; default: false. */
  readonly whole?: boolean;
};

/** What a task may be made of besides its own options: what is known of the recipe of the model that it is for. */
export type Making = Partial<Recipe> & { readonly batch: number };

/** What a user's own files are. */
export interface OwnFiles extends FromOptions {
  /** Files with flags of their own, in place of --from or beside it: what each is, by the flag's name in camelCase. */
  readonly parts?: Readonly<Record<string, string>>;
  /** Whether these stand beside --from alone, and never in its place; default: no. */
  readonly beside?: boolean;
}

/** Files that were given by flags of their own. */
export type Parts = Readonly<Record<string, ByteSource>>;

/** The data of a task: which files, how they are read, and what a run keeps of them. D: what is read, F: its facts. */
export interface DataSpec<O extends Options = Options, D = unknown, F extends Facts = Facts> {
  /** What is read of the data folder, by name; .gz is unzipped before it is read. */
  readonly files?: readonly string[];
  /** In its place, of a task of a user's own data: what `--from` may name. */
  readonly from?: OwnFiles;
  /**
   * Makes data of the files, in the order of `files`, or by name, and of those with flags of their own; a run knows
   * them by the sha256 of all bytes. `kept`: what the run of a trained model has kept, whose vocabulary other data are
   * read in to be measured.
   */
  read(files: readonly ByteSource[], settings: Reading<O>, parts?: Parts, kept?: D): D | Promise<D>;
  facts(data: D): F;
  /** What reading it has left out or converted, in words: said before the run. */
  notes?(data: D): readonly string[];
  /** Steps that pass once over the training split; at least 1. */
  stepsPerEpoch(facts: F, settings: Reading<O> & { readonly batch: number }): number;
  /** What a run keeps of it in its folder as plain JSON (vocabulary, normalisation), to be used without the files. */
  keep?(data: D): unknown;
  /** Data from that: all that generating needs; of the splits there may be nothing. `where`: the file, for errors. */
  kept?(json: unknown, where: string): D;
}

/**
 * What a task declares, of which commands, help and checks are made. N: its name, O: its options, D and F: its data.
 */
export interface TaskSpec<
  N extends string = string,
  O extends Options = Options,
  D = unknown,
  F extends Facts = Facts,
> {
  /** What it is called in commands and files. */
  readonly name: N;
  /** What it is called in headings. */
  readonly title: string;
  /** What is asked of a model, in a line of help. */
  readonly about: string;
  readonly kind: TaskKind;
  readonly reads: Reads;
  /** The options that it adds to those of training and of the model. */
  readonly options: O;
  /** Why it has no use for an option of other tasks, by the option's name: shown as what to do instead. */
  readonly lacks?: Readonly<Record<string, string>>;
  /** What a model begins with that has no preset here, under what the model itself starts with. */
  readonly start: Start<NoInfer<O>>;
  /** By name, the first of which is `default`. */
  readonly presets: Readonly<Record<string, Presets<Preset<NoInfer<O>>>>>;
  /** What a search draws from here in place of what the options say, for a model or for `any`. */
  readonly search?: Readonly<Record<string, Readonly<Record<string, Range>>>>;
  /** None of a task whose data is drawn without end. */
  readonly data?: DataSpec<O, D, F>;
  /** Fails where settings do not go together, beyond what the options say for themselves. */
  check?(settings: Values): void;
  /** Steps that a model must have in sight to answer. */
  sees?(settings: OptionsOf<O>): number;
  /** The task in a report, where its settings say more than its title. */
  heading?(settings: OptionsOf<O>): string;
  readonly sample?: Sample;
  /** How models of equal size are compared on it; none: it has no part in study `shootout`. */
  readonly contest?: Contest<NoInfer<O>>;
  /** The task that is trained on. `models`: the table that the recipe's model is from. */
  make(settings: Making & OptionsOf<O>, data: D, models: Models): Task;
}

/** Declares a task: what it is given, with its types inferred. */
/* @__NO_SIDE_EFFECTS__ */
export const defineTask = <const N extends string, const O extends Options, D, F extends Facts>(
  spec: TaskSpec<N, O, D, F>,
): TaskSpec<N, O, D, F> => spec;
