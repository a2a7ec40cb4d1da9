// What the claims are judged by: finished studies and single runs, by the names of their folders.

import { fail } from '../../graph/check';
import type { Findings, Setup, Row } from '../../runs/study';

/** A finished study. */
export interface StudySource {
  /** The name of the folder of its results, without `study-`. */
  readonly folder: string;
  readonly name: string;
  readonly setup: Setup;
  /** By the cells' ids. */
  readonly results: ReadonlyMap<string, unknown>;
  readonly findings: Findings;
  /** The time of all its cells. */
  readonly seconds: number;
}

/** A finished run of `seqgpu train`. */
export interface RunSource {
  readonly settings: Readonly<Record<string, unknown>>;
  readonly title: string;
  readonly metric: string;
  readonly test: Readonly<Record<string, number>>;
  /** What needs no learning. */
  readonly anchors: readonly { readonly name: string; readonly value: number }[];
  readonly parameters: number;
  readonly steps: number;
  readonly seconds: number;
}

/** A model that translates, trained from one seed. */
export interface TranslatorSource {
  readonly seed: number;
  readonly parameters: number;
  readonly steps: number;
  /** BLEU of greedy decoding, on test. */
  readonly bleu: number;
  readonly seconds: number;
}

/** Models that were trained on the same pairs of sentences, a run for each seed, by the names of the models. */
export type TranslatorsSource = Readonly<Record<string, { readonly ours: readonly TranslatorSource[] }>>;

/** Results by their names; asking for some that are not there fails. */
export class Sources {
  constructor(
    /** By the names of their folders, without `study-`. */
    private readonly studies: ReadonlyMap<string, StudySource>,
    private readonly runs: ReadonlyMap<string, RunSource>,
    private readonly pairs: ReadonlyMap<string, TranslatorsSource>,
  ) {}

  study(folder: string): StudySource {
    return this.studies.get(folder) ?? fail(`claims: there are no results of the study ${folder}.`);
  }

  /** Undefined where there are no such results. */
  find(folder: string): StudySource | undefined {
    return this.studies.get(folder);
  }

  run(folder: string): RunSource {
    return this.runs.get(folder) ?? fail(`claims: there is no run called ${folder}.`);
  }

  translators(folder: string): TranslatorsSource {
    return this.pairs.get(folder) ?? fail(`claims: there are no translators called ${folder}.`);
  }
}

/** The measure of a run on test. */
export const testOf = ({ metric, test }: RunSource): number => test[metric];

/** The only row with these beginnings. */
export function rowOf({ name, findings }: StudySource, wanted: Partial<Record<Told, string>>): Row {
  const found = findings.rows.filter((row) =>
    Object.entries(wanted).every(([key, start]) => row[key as Told].startsWith(start)),
  );
  if (found.length !== 1) {
    fail(`claims: ${found.length} rows of the study ${name} fit.`, { given: JSON.stringify(wanted) });
  }
  return found[0];
}

type Told = 'task' | 'model' | 'setting' | 'metric';
