// Batches of pairs of similar length: u32 arrays, padded to one of a few shapes.
//
//   source   [B, S]   ended by END, then PAD
//   lengths  [B]      of the sources, END counted
//   inputs   [B, T]   END, then the target
//   targets  [B, T]   the target, then END, then PAD: what is PAD does not count
//
// Rows of a batch that is not full have a source of END alone, and targets that do not count.

import { fail } from '../../graph/check';
import type { HostArray } from '../../graph/host';
import type { Random } from '../../random';
import type { Sentences } from './sentences';
import { shapeOf, type PairLengths, type PairShape } from './shapes';
import { END, PAD } from './symbols';

/** Sources and their targets, by number. */
export class Pairs implements PairLengths {
  constructor(
    readonly sources: Sentences,
    readonly targets: Sentences,
  ) {}

  get count(): number {
    return this.sources.count;
  }

  source = (i: number): number => this.sources.lengthOf(i);

  target = (i: number): number => this.targets.lengthOf(i);
}

/** How many pairs a batch has. */
export interface BatchSize {
  /** Pairs at most, where there are no `batchTokens`: those of a shape are dealt evenly to the batches it takes. */
  readonly batch: number;
  /** Symbols of source and target together, with what is padded: short pairs are more to a batch. 0: see `batch`. */
  readonly batchTokens?: number;
}

/** Rows that a batch of a shape has at most; one at the least. */
export const rowsOf = ({ source, target }: PairShape, { batch, batchTokens }: BatchSize): number =>
  batchTokens ? Math.max(1, Math.floor(batchTokens / (source + target))) : batch;

/** How many training pairs have which shape, by `S×T`: all that the number of batches depends on. */
export function shapeCounts(pairs: PairLengths, shapes: readonly PairShape[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (let i = 0; i < pairs.count; i++) {
    const { source, target } = shapes[shapeOf(shapes, pairs.source(i), pairs.target(i))];
    const name = `${source}×${target}`;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

/** Batches that pass once over pairs of such shapes. */
export function batchesIn(counts: Readonly<Record<string, number>>, size: BatchSize): number {
  return Object.entries(counts).reduce((sum, [name, count]) => {
    const [source, target] = name.split('×').map(Number);
    return sum + Math.ceil(count / rowsOf({ source, target }, size));
  }, 0);
}

/** The four arrays of a batch of pairs; `rows` are their numbers, fewer than B where it is not full. */
export function pairBatch(pairs: Pairs, rows: readonly number[], shape: PairShape, B: number): HostArray[] {
  const { source: S, target: T } = shape;
  const source = new Uint32Array(B * S).fill(PAD);
  const lengths = new Uint32Array(B).fill(1);
  const inputs = new Uint32Array(B * T).fill(PAD);
  const targets = new Uint32Array(B * T).fill(PAD);
  for (let row = 0; row < B; row++) {
    inputs[row * T] = END;
    if (row >= rows.length) {
      source[row * S] = END;
      continue;
    }
    const [from, to] = [pairs.sources.at(rows[row]), pairs.targets.at(rows[row])];
    source.set(from, row * S);
    source[row * S + from.length] = END;
    lengths[row] = from.length + 1;
    inputs.set(to, row * T + 1);
    targets.set(to, row * T);
    targets[row * T + to.length] = END;
  }
  return [
    { shape: [B, S], data: source },
    { shape: [B], data: lengths },
    { shape: [B, T], data: inputs },
    { shape: [B, T], data: targets },
  ];
}

/** How many targets of a batch count. */
export const countedTargets = ([, , , { data }]: readonly HostArray[]): number => countedIn(data);

/** How many of these targets count. */
export function countedIn(targets: HostArray['data']): number {
  let count = 0;
  for (const symbol of targets) if (symbol !== PAD) count++;
  return count;
}

/** Pairs that are one batch, and their shape. */
export interface PairGroup {
  readonly rows: readonly number[];
  readonly shape: PairShape;
  /** Rows of the batch, empty ones at its end included. */
  readonly batch: number;
}

/** All pairs in groups of one shape; without `random` in their order, the shortest shapes first. */
export function groupsOf(
  pairs: PairLengths,
  shapes: readonly PairShape[],
  size: BatchSize,
  random?: Random,
): PairGroup[] {
  const order = Array.from({ length: pairs.count }, (_, i) => i);
  random?.shuffle(order);
  const members = shapes.map((): number[] => []);
  for (const i of order) members[shapeOf(shapes, pairs.source(i), pairs.target(i))].push(i);
  const groups = members.flatMap((own, at) => {
    // As many batches as it takes, all alike: hardly a row is empty, however few pairs there are.
    const count = Math.ceil(own.length / rowsOf(shapes[at], size));
    const batch = Math.ceil(own.length / count);
    return Array.from({ length: count }, (_, n) => ({
      rows: own.slice(n * batch, (n + 1) * batch),
      shape: shapes[at],
      batch,
    }));
  });
  return random ? random.shuffle(groups) : groups;
}

/** Where an epoch is: how it was drawn, and how many of its batches were given. It survives JSON. */
export interface PairPosition {
  readonly random: readonly number[];
  readonly taken: number;
}

/** What epochs are of, and how large their batches are. */
export interface EpochOptions extends BatchSize {
  readonly lengths: PairLengths;
  readonly shapes: readonly PairShape[];
  readonly random: Random;
  /** What they are, for messages: "pairs". */
  readonly what: string;
}

/** Training batches of groups, one epoch after the other, each in an order of its own. */
export class GroupEpochs {
  private start: readonly number[];
  private groups: readonly PairGroup[];
  private taken = 0;

  constructor(
    private readonly options: EpochOptions,
    private readonly batchOf: (group: PairGroup) => readonly HostArray[],
  ) {
    if (!options.lengths.count) fail(`There are no ${options.what} to train on.`);
    this.start = options.random.save();
    this.groups = this.draw();
  }

  next(): readonly HostArray[] {
    if (this.taken === this.groups.length) {
      this.start = this.options.random.save();
      this.groups = this.draw();
      this.taken = 0;
    }
    return this.batchOf(this.groups[this.taken++]);
  }

  save(): PairPosition {
    return { random: this.start, taken: this.taken };
  }

  restore({ random, taken }: PairPosition): void {
    this.options.random.restore(random);
    this.start = random;
    this.groups = this.draw();
    if (!(Number.isInteger(taken) && taken >= 0 && taken <= this.groups.length)) {
      fail(`${taken} is no place among ${this.groups.length} batches of ${this.options.what}.`, {
        fix: 'resume with the same data and the same batch.',
      });
    }
    this.taken = taken;
  }

  private draw(): PairGroup[] {
    const { lengths, shapes, random, ...size } = this.options;
    return groupsOf(lengths, shapes, size, random);
  }
}

/** Training batches of pairs. */
export class PairEpochs extends GroupEpochs {
  constructor(pairs: Pairs, shapes: readonly PairShape[], size: BatchSize, random: Random) {
    super({ lengths: pairs, shapes, ...size, random, what: 'pairs' }, ({ rows, shape, batch }) =>
      pairBatch(pairs, rows, shape, batch),
    );
  }
}
