// What a look sees of a model: numbers that the page draws. Types only.

import type { Note } from '../../../src/report/midi';

/** A look's result; `name` says which, `step` behind which step of training. */
export type Picture = Answers | Lags | Truncation | Field | Writing | Attention | Music | Sound;

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

/** What a model of pairs writes for a date, and where in it it looks meanwhile. */
export interface Attention extends Seen {
  readonly name: 'attention';
  /** The date, what is written for it, and what is wanted where that is known. */
  readonly text: string;
  readonly written: string;
  readonly wanted?: string;
  /** Symbols as they are to be read, with the marks of their ends. */
  readonly source: readonly string[];
  readonly target: readonly string[];
  /** [target, source]: each row sums to 1. */
  readonly weights: Float32Array;
  /** How likely each symbol of the target was held. */
  readonly sure: readonly number[];
  /** Dates of forms that training does not have. */
  readonly offered: readonly string[];
}

/** Music that a model has drawn, and what it expected. */
export interface Music extends Seen {
  readonly name: 'music';
  /** Steps, the first `given` of which were given. */
  readonly length: number;
  readonly given: number;
  readonly notes: readonly Note[];
  /** How likely every key was at every step but the first, [length − 1, 88]. */
  readonly probabilities: Float32Array;
  /** The lowest key of the picture, and the highest. */
  readonly range: readonly [number, number];
  /** Steps a minute. */
  readonly tempo: number;
  /** The same as a file. */
  readonly midi: Uint8Array;
}

/** A sound, and its spectrogram. */
interface Shown {
  /** Samples in [-1, 1]. */
  readonly samples: Float32Array;
  /** How strong every frequency is, from 0 to 1, the lowest first: a list for every moment. */
  readonly frames: readonly Float32Array[];
}

/** A word that a model says, beside a recording of it. */
export interface Sound extends Seen {
  readonly name: 'sound';
  /** Samples a second. */
  readonly rate: number;
  /** The words that it may be told to say, and the one that it was. */
  readonly words: readonly string[];
  readonly word: string;
  readonly said: Shown;
  /** A recording that it was not trained on. */
  readonly recorded: Shown;
  /** What it says as a file. */
  readonly wav: Uint8Array;
}
