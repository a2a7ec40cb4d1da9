// A graph to be tried, as plain data: it can be made from a seed, shrunk, printed, computed in doubles and built on
// any engine.

import type { Tensor } from '../../src/index';
import type { Bounded } from './bounded';
import { uniform } from '../harness/engine';

// Options of an op, or of a leaf, that survive JSON.
export type Options = Readonly<Record<string, string | number | boolean | readonly number[] | undefined>>;

/** A value of the graph: what makes it, from values before it, by their places in the list. */
export interface Node {
  readonly op: string;
  readonly inputs: readonly number[];
  readonly options: Options;
  /** Which of an op's results, where there are several. */
  readonly result?: string;
}

export const OPTIMIZERS = ['SGD', 'Adam', 'AdamW', 'RMSprop'] as const;

export interface OptimizerSpec {
  readonly kind: (typeof OPTIMIZERS)[number];
  readonly options: Options;
  /** Clamps the first parameter to ±bound after every update. */
  readonly bound?: number;
}

export interface Program {
  readonly seed: number;
  readonly nodes: readonly Node[];
  /** What the step returns. */
  readonly returned: readonly number[];
  /** One number, whose gradients are asked for. */
  readonly loss?: number;
  /** Leaves whose gradients the step returns, after the values. */
  readonly wrt: readonly number[];
  readonly optimizer?: OptimizerSpec;
  /** Calls of the step. */
  readonly steps: number;
}

export const LEAVES = ['argument', 'constant', 'state', 'parameter'] as const;
export type LeafKind = (typeof LEAVES)[number];

export const isLeaf = ({ op }: Node): boolean => (LEAVES as readonly string[]).includes(op);

export interface Leaf {
  readonly shape: readonly number[];
  readonly seed: number;
  readonly low: number;
  readonly high: number;
  /** Whole numbers from low up to, but not, high: u32. */
  readonly whole?: boolean;
}

export const leafOf = ({ options }: Node): Leaf => ({ ...options }) as Options & Leaf;

/** What a leaf holds at the first step. */
export function leafValues({ shape, seed, low, high, whole }: Leaf): Float32Array | Uint32Array {
  const size = shape.reduce((product, n) => product * n, 1);
  const values = uniform(seed, size).map((v) => low + ((v + 1) / 2) * (high - low));
  return whole ? Uint32Array.from(values, (v) => Math.min(Math.floor(v), high - 1)) : values;
}

/** What is drawn at random on the device in one step. */
export interface Moment {
  readonly training: boolean;
  /** Seed and step of the dropout's generator. */
  readonly key: readonly [number, number];
  /** The number of the next draw in a recording. */
  draw(): number;
}

/** What the recording of a program shares. */
export interface Recording {
  dropout(x: Tensor, rate: number, spatial: boolean): Tensor;
}

export type Results<V> = V | Readonly<Record<string, V>>;

/** Everything that the fuzzer knows of an op: how to draw a use of it, its value, its call and its text. */
export interface Room {
  /** How often it is drawn, beside the others. */
  readonly often: number;
  /** Inputs and options that fit what is there; null where nothing does. */
  draw(d: Drawer): Pick<Node, 'inputs' | 'options' | 'result'> | null;
  exact(inputs: readonly Bounded[], options: Options, moment: Moment): Results<Bounded>;
  build(inputs: readonly Tensor[], options: Options, recording: Recording): Results<Tensor>;
  /** The call in the library's own API, from the names of its inputs. */
  text(names: readonly string[], options: Options): string;
  /** Whether the op is well conditioned there. */
  fits?(inputs: readonly Bounded[], options: Options): boolean;
  /** It defines no gradient and does not stop one: nothing behind it can be part of a loss. */
  readonly blind?: boolean;
  /** Its first input is a state that it writes. */
  readonly writes?: boolean;
  /** Its result is u32. */
  readonly whole?: boolean;
}

export interface Drawer {
  readonly random: Random;
  readonly training: boolean;
  shapeOf(value: number): readonly number[];
  exactOf(value: number): Bounded;
  /** An extent from the few that this graph uses; at most `most`. */
  extent(most?: number): number;
  /** An f32 value of the graph that `fits`. */
  value(fits?: (shape: readonly number[]) => boolean): number | null;
  /** A u32 value, or a new one, of numbers below `below`. */
  whole(shape: readonly number[], below: number): number;
  /** A new leaf. */
  leaf(shape: readonly number[], low?: number, high?: number): number;
  /** A leaf whose gradient nobody asks for. */
  given(shape: readonly number[], low?: number, high?: number): number;
  /** The same choice for all graphs with neighbouring seeds: what makes another kernel, and is the slower to compile. */
  usual<V>(list: readonly V[]): V;
  /** A value of this shape: one that is there, or a new leaf. */
  like(shape: readonly number[]): number;
  /** A state of this shape that nobody has written yet. */
  state(shape: readonly number[], whole?: boolean): number;
}

/** Numbers for the choices of one graph. */
export class Random {
  private state: number;

  constructor(seed: number) {
    this.state = (seed + 0x9e3779b9) >>> 0;
    this.next();
  }

  /** mulberry32: uniform in [0, 1). */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let t = this.state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }

  /** 0 … n − 1. */
  below(n: number): number {
    return Math.floor(this.next() * n);
  }

  chance(p: number): boolean {
    return this.next() < p;
  }

  pick<V>(list: readonly V[]): V {
    return list[this.below(list.length)];
  }
}
