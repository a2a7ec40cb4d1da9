// What a model that translates has said to sources, as a task hands it out.

/** What a model has said. */
export interface Said {
  readonly texts: readonly string[];
  /** Symbols of every source, without its end. */
  readonly lengths: readonly number[];
  readonly sentencesPerSecond: number;
  /** The name of the score. */
  readonly measure: string;
  /** The score of all, or of some by number. */
  score(some?: readonly number[]): number;
}
