// What a look sees of a model: numbers that the page draws. Types only.

/** A look's result; `name` says which, `step` behind which step of training. */
export type Picture = Answers | Lags | Truncation | Field | Writing;

interface Seen {
  readonly step: number;
}

/** Probabilities of classes at every step of one sequence, beside what is wanted. */
export interface Answers extends Seen {
  readonly name: 'answers';
  readonly steps: number;
  readonly classes: number;
  /** [steps, classes]. */
  readonly probabilities: Float32Array;
  /** The classes that are wanted, and the input. */
  readonly targets: Uint32Array;
  readonly input: Float32Array;
}

/** How far back gradients of the loss reach, and what stability promises. */
export interface Lags extends Seen {
  readonly name: 'lags';
  /** The norm of the gradient for the state 1, 2, … steps back. */
  readonly gradient: readonly number[];
  /** λ, where the model is kept stable. */
  readonly lambda?: number;
  /** Singular values of W, the largest first. */
  readonly singular: readonly number[];
}

/** What a model of text loses when it sees only the last k characters. */
export interface Truncation extends Seen {
  readonly name: 'truncation';
  readonly ks: readonly number[];
  /** Bits per character for every k, and of the whole model. */
  readonly bits: readonly number[];
  readonly whole: number;
  /** A passage, and bits of each of its characters for every k, [ks, characters], and of the whole model. */
  readonly passage: readonly string[];
  readonly each: Float32Array;
  readonly wholeEach: Float32Array;
}

/** Which outputs of a model move when one input does. */
export interface Field extends Seen {
  readonly name: 'field';
  readonly length: number;
  readonly place: number;
  readonly models: readonly {
    readonly model: string;
    /** Inputs that an output can see, by the model's own account; Infinity where that is all. */
    readonly field: number;
    /** Outputs that moved at all, of the whole model. */
    readonly moved: number;
    /** How much outputs moved, beside how large they are, [levels, length], the first level first. */
    readonly moves: Float32Array;
    readonly levels: number;
  }[];
}

/** What a model writes, and what it expects next. */
export interface Writing extends Seen {
  readonly name: 'writing';
  readonly text: string;
  readonly prompt: string;
  /** The likeliest next characters and their probabilities. */
  readonly next: readonly (readonly [string, number])[];
}
