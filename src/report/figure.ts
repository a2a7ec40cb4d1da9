// Pictures as data: curves, points, bars over two axes, lines across parallel axes, or sounds. src/report/plot.node.ts
// draws them.

/** An axis of a figure. */
export interface Axis {
  readonly name: string;
  readonly scale?: 'linear' | 'log';
  /** Names instead of numbers: a value is then an index into them. */
  readonly categories?: readonly string[];
  readonly min?: number;
  readonly max?: number;
}

/** Points of one name. */
export interface Series {
  readonly name: string;
  readonly points: readonly (readonly [number, number])[];
  /** Levels are dashed strokes at a category, for published values. */
  readonly kind?: 'line' | 'dots' | 'bars' | 'levels';
  /** The number of a colour in the palette; default: one after the other. */
  readonly color?: number;
  /** Instead of a colour: place on a scale from 0 (dark) to 1 (light), for series that have an order. */
  readonly shade?: number;
  readonly dashed?: boolean;
  /** Thin and pale: what stands behind the rest. */
  readonly faint?: boolean;
}

/** A dashed line at a height, with its name. */
export interface Mark {
  readonly name: string;
  readonly value: number;
}

/** Series over two axes. */
export interface Plot {
  readonly kind: 'plot';
  readonly title: string;
  /** What is to be seen in it. */
  readonly caption?: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly series: readonly Series[];
  readonly marks?: readonly Mark[];
}

/** Parallel coordinates: one axis for each setting, one line for each trial. */
export interface Parallel {
  readonly kind: 'parallel';
  readonly title: string;
  readonly caption?: string;
  readonly axes: readonly Axis[];
  readonly lines: readonly {
    readonly values: readonly number[];
    readonly shade: number;
    /** Drawn on top. */
    readonly best?: boolean;
  }[];
}

/** Spectrograms side by side, of sounds that can be heard where the page can. */
export interface Sounds {
  readonly kind: 'sounds';
  readonly title: string;
  readonly caption?: string;
  /** Samples per second. */
  readonly rate: number;
  readonly sounds: readonly {
    readonly name: string;
    /** μ-law codes. */
    readonly codes: readonly number[];
  }[];
}

/** Faint curves with marks on them and their names beside them, in panels side by side over the same heights. */
export interface Panels {
  readonly kind: 'panels';
  readonly title: string;
  readonly caption?: string;
  /** Heights of all panels. */
  readonly y: Axis;
  readonly panels: readonly {
    readonly title: string;
    /** By powers of two. */
    readonly x: Axis;
    readonly tracks: readonly Track[];
  }[];
  /** What the colours are. */
  readonly kinds: readonly string[];
}

/** A curve, named at its end, and a point of it that is marked. */
export interface Track {
  readonly name: string;
  readonly points: readonly (readonly [number, number])[];
  readonly mark?: readonly [number, number];
  readonly dashed?: boolean;
  /** Index into `kinds`. */
  readonly kind: number;
  /** Its mark is a ring. */
  readonly hollow?: boolean;
}

/** What a model that translates looks at: a square for every pair of symbols. */
export interface AttentionFigure {
  readonly kind: 'attention';
  readonly title: string;
  readonly caption?: string;
  /** Symbols as they are to be read. */
  readonly source: readonly string[];
  readonly target: readonly string[];
  /** [target, source]: each row sums to 1. */
  readonly weights: readonly number[];
}

/** A picture as data. */
export type Figure = Plot | Parallel | Panels | Sounds | AttentionFigure;
