// Batches of dates, drawn without end: those of similar length together, in a handful of shapes.

import type { HostArray } from '../../graph/host';
import type { Random } from '../../random';
import { Pairs, pairBatch } from './batches';
import type { SentenceCoder } from './coder';
import { drawDate, LONGEST_DATE, type DateForms, type WrittenDate } from './dates';
import { SentenceWriter } from './sentences';
import type { PairShape } from './shapes';

/** Batches that are drawn at once, so that each can have dates of about one length. */
const AT_ONCE = 8;
/** Lengths of sources are multiples of this. */
const STEP = 16;

/** The shape of the longest dates. */
export const LONGEST_DATES: PairShape = {
  source: Math.ceil((LONGEST_DATE + 1) / STEP) * STEP,
  target: 'YYYY-MM-DD'.length + 1,
};

/** Dates of a batch, with its arrays. */
export interface DateBatch {
  readonly dates: readonly WrittenDate[];
  readonly arrays: readonly HostArray[];
}

/** So many batches of dates, the shortest first. */
export function dateBatches(
  random: Random,
  coder: SentenceCoder,
  {
    forms,
    batch,
    count = AT_ONCE,
  }: { readonly forms: DateForms; readonly batch: number; readonly count?: number },
): DateBatch[] {
  const dates = Array.from({ length: batch * count }, () => drawDate(random, forms));
  dates.sort((a, b) => a.source.length - b.source.length);
  return Array.from({ length: count }, (_, i) => {
    const own = dates.slice(i * batch, (i + 1) * batch);
    return { dates: own, arrays: arraysOf(own, coder) };
  });
}

function arraysOf(dates: readonly WrittenDate[], coder: SentenceCoder): HostArray[] {
  const [sources, targets] = [new SentenceWriter(coder.size), new SentenceWriter(coder.size)];
  for (const { source, target } of dates) {
    sources.put(coder.encode(source));
    targets.put(coder.encode(target));
  }
  const pairs = new Pairs(sources.sentences(), targets.sentences());
  const longest = pairs.source(dates.length - 1);
  const shape = { source: Math.ceil(longest / STEP) * STEP, target: LONGEST_DATES.target };
  return pairBatch(
    pairs,
    dates.map((_, i) => i),
    shape,
    dates.length,
  );
}

/** Where drawing is: how the batches at hand were drawn, and how many of them were given. It survives JSON. */
export interface DatePosition {
  readonly random: readonly number[];
  readonly taken: number;
}

/** Training batches, always new ones. */
export class DrawnDates {
  private start: readonly number[] = [];
  private batches: readonly DateBatch[] = [];
  private taken = 0;

  constructor(
    private readonly random: Random,
    private readonly coder: SentenceCoder,
    private readonly batch: number,
  ) {
    this.draw();
  }

  next(): readonly HostArray[] {
    if (this.taken === this.batches.length) this.draw();
    return this.batches[this.taken++].arrays;
  }

  save(): DatePosition {
    return { random: this.start, taken: this.taken };
  }

  restore({ random, taken }: DatePosition): void {
    this.random.restore(random);
    this.draw();
    this.taken = taken;
  }

  private draw(): void {
    const { random, coder, batch } = this;
    this.start = random.save();
    this.taken = 0;
    this.batches = random.shuffle(dateBatches(random, coder, { forms: 'seen', batch }));
  }
}
