// Sequences of one's own, each with the class that it is of, as files hold them: before a vocabulary or a normalisation
// is learned.

/** Numbers, step by step. */
export interface Steps {
  /** Numbers of a step. */
  readonly width: number;
  /** [T, width]. */
  readonly values: Float64Array;
}

/** A sequence as a file has it. */
export interface FoundSequence {
  /** Where it is, for messages: `line 7 of a.csv`, or a file. */
  readonly where: string;
  /** The name of its class; undefined where it is not said. */
  readonly label?: string;
  readonly content: string | Steps;
}

/** What sequences are made of. */
export const MATERIALS = ['text', 'numbers', 'sound'] as const;
/** Texts, numbers of a table, or recordings as log-mel spectra. */
export type Material = (typeof MATERIALS)[number];

/** All sequences of some files. */
export interface FoundSequences {
  readonly material: Material;
  /** What the numbers of a step are called, or the column of texts; of texts in files nothing. */
  readonly names: readonly string[];
  readonly sequences: readonly FoundSequence[];
  /** Whether every sequence is a file of its own. */
  readonly inFiles: boolean;
  /** What was left out or converted, in words; a line each. */
  readonly notes: readonly string[];
}

/** Steps of a sequence of numbers. */
export const stepsIn = ({ values, width }: Steps): number => values.length / width;
