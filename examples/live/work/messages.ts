// What the page and its workers say to each other. Types only: the page loads nothing of the engine.

import type { Value } from '../../../src/spec/option';
import type { Picture } from './pictures';

/** Settings that were given, by the options' names. */
export type Given = Readonly<Record<string, Value>>;

/** What is to be trained: the words of `npx seqgpu train`. */
export interface Wish {
  readonly task: string;
  readonly model: string;
  readonly given: Given;
  /** A preset, and T, by which presets of some tasks differ, are among `given`. */
  readonly files?: Files;
  /** A safetensors file whose weights it begins with. */
  readonly weights?: File;
}

/** Where a run is kept in this browser, so that it goes on when the page was closed. */
export interface Keep {
  /** The scene that goes on with it. */
  readonly scene: string;
  readonly id: string;
  /** Whether it is there and goes on. */
  readonly resume?: boolean;
}

/** A run that this browser keeps. */
export interface KeptRun extends Pick<Keep, 'scene' | 'id'> {
  readonly wish: Wish;
  readonly heading: string;
  readonly step: number;
  readonly steps: number;
  /** When it was kept last, in milliseconds since 1970. */
  readonly at: number;
  /** Whether it is under way in this tab or another. */
  readonly open: boolean;
}

/** A file of one's own. */
export interface OwnFile {
  /** Its name; of one in a folder, its path from that folder on: `birds/robin/1.wav`. */
  readonly path: string;
  readonly file: File;
}

/** Where the data of a task is from that is not drawn: a sample that the page brings, or files of one's own. */
export type Files = { readonly sample: string } | { readonly own: readonly OwnFile[] };

/** What is looked at while it is trained, and what the look is told. */
export interface LookWish {
  readonly name: string;
  readonly controls: Readonly<Record<string, number | string>>;
}

/** What the page tells a worker. */
export type Order =
  | { readonly do: 'introduce' }
  /** Makes all ready for a run that may come: the next one, if it is another. */
  | { readonly do: 'ahead'; readonly wish: Wish; readonly look?: LookWish }
  | { readonly do: 'plan'; readonly id: number; readonly wish: Wish }
  | {
      readonly do: 'train';
      readonly wish: Wish;
      readonly look?: LookWish;
      readonly paused?: boolean;
      readonly keep?: Keep;
    }
  | { readonly do: 'runs' }
  | { readonly do: 'forget'; readonly id: string }
  | { readonly do: 'export' }
  | { readonly do: 'field'; readonly controls: LookWish['controls'] }
  | { readonly do: 'look'; readonly controls: LookWish['controls'] }
  | { readonly do: 'pause' | 'go' | 'step' };

/** An option as a form shows it. */
export interface Field {
  readonly name: string;
  /** Its name as a flag. */
  readonly label: string;
  readonly kind: string | readonly string[];
  readonly help: string;
  /** What it is where nothing is given, as text. */
  readonly fallback: string;
  /** What a value must be, in words. */
  readonly wanted: string;
  readonly of: 'model' | 'training' | 'task';
}

/** A task or a model of the tables. */
export interface Card {
  readonly name: string;
  readonly title: string;
  readonly about: string;
}

/** A task, with the models that can be trained on it, and what it needs. */
export interface TaskCard extends Card {
  readonly models: readonly string[];
  /** there: it is drawn, or its files are beside the page; own: it reads files of one's own; missing: neither. */
  readonly data: 'there' | 'own' | 'missing';
  /** What files of one's own are. */
  readonly what?: string;
}

/** What a wish becomes: the form of its options, and, where they go together, the run. */
export interface Plan {
  readonly fields: readonly Field[];
  readonly presets: readonly string[];
  /** Why it cannot be trained so. */
  readonly wrong?: string;
  /** The command line that does the same. */
  readonly command?: string;
  readonly heading?: string;
  readonly steps?: number;
  readonly notes: readonly string[];
  /** The wish that its weights are from, where their file says it and they are not what is wished here. */
  readonly origin?: Pick<Wish, 'task' | 'model' | 'given'>;
}

/** How far a run is. */
export interface Progress {
  readonly step: number;
  readonly steps: number;
  readonly loss: number;
  readonly stepsPerSecond: number;
}

/** A point of a curve. */
export interface CurvePoint {
  readonly step: number;
  readonly loss?: number;
  readonly validation?: number;
}

/** A run before its first step. */
export interface Begun {
  readonly command: string;
  readonly heading: string;
  readonly metric: string;
  readonly steps: number;
  readonly parameters: number;
  /** All settings, by their names as flags, as text. */
  readonly settings: Readonly<Record<string, string>>;
  /** The curves so far, of a run that goes on. */
  readonly points: readonly CurvePoint[];
  /** What takes no network, by what it is. */
  readonly anchors: readonly { readonly name: string; readonly value: number }[];
}

/** What came of a run: the numbers that the command line gives. */
export interface Ended {
  readonly step: number;
  readonly metric: string;
  readonly valid: number;
  readonly test: number;
  readonly measures: Readonly<Record<string, number>>;
}

/** An adapter, and how fast it is where it computes on the CPU. */
export interface Adapter {
  readonly name: string;
  readonly software: boolean;
  /** GFLOP/s of a product of matrices; measured where it is software. */
  readonly gflops?: number;
}

/** What a worker tells the page. */
export type Answer =
  | { readonly at: 'tables'; readonly tasks: readonly TaskCard[]; readonly models: readonly Card[] }
  | { readonly at: 'adapter'; readonly adapter: Adapter }
  | { readonly at: 'planned'; readonly id: number; readonly plan: Plan }
  | { readonly at: 'begun'; readonly begun: Begun }
  | { readonly at: 'progress'; readonly progress: Progress; readonly points: readonly CurvePoint[] }
  | { readonly at: 'picture'; readonly picture: Picture }
  | { readonly at: 'ended'; readonly ended: Ended }
  | { readonly at: 'runs'; readonly runs: readonly KeptRun[] }
  /** The run is kept at that step; or is not, and why. */
  | { readonly at: 'kept'; readonly what: number | string }
  /** The GPU was lost, or is open again: in words. */
  | { readonly at: 'lost'; readonly message: string }
  | { readonly at: 'exported'; readonly name: string; readonly bytes: ArrayBuffer }
  | { readonly at: 'failed'; readonly message: string };
