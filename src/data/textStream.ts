// A text as a stream of segments: `batch` columns of consecutive tokens, side by side, cut into pieces of `bptt`.
// What a model carries in row b at the end of a segment fits row b of the next one.
//
//   column b   tokens b · n … (b + 1) · n − 1, n = ⌊length / batch⌋; what is left over at the end is not used
//   segment i  inputs i · bptt …, targets one token later; the last segment may be shorter
//   lead       inputs begin so many tokens earlier, as far as the column goes; targets do not

import { fail } from '../graph/check';
import type { HostArray } from '../graph/host';
import type { Tokens } from './tokens';

/** What is cut into segments, and how. */
export interface StreamOptions {
  readonly tokens: Tokens;
  /** Columns. */
  readonly batch: number;
  /** Steps per segment. */
  readonly bptt: number;
  /** Tokens before a segment's own that its ids begin with; default: 0. */
  readonly lead?: number;
  /** Whether a text that is shorter than a segment is one segment; default: it is refused. */
  readonly short?: boolean;
  /** What the tokens are, for messages. */
  readonly name?: string;
}

/** A batch of neighbouring tokens: what goes in, and what is asked for. */
export interface Segment {
  /** u32 [B, up to lead + T] */
  readonly ids: HostArray;
  /** u32 [B, T], the token after each of the last T. */
  readonly targets: HostArray;
  /** The first of the text: nothing is carried into it. */
  readonly first: boolean;
}

/** Segments in a text of so many tokens; 0 when it is too short for a whole one. */
export function segmentsIn(tokens: number, batch: number, bptt: number): number {
  const predicted = Math.floor(tokens / batch) - 1;
  return predicted < bptt ? 0 : Math.ceil(predicted / bptt);
}

/** Goes through the text again and again; its place can be saved. */
export class TextStream {
  /** Segments that pass once over the text. */
  readonly count: number;
  /** Tokens in a column. */
  private readonly length: number;
  private taken = 0;

  constructor(private readonly options: StreamOptions) {
    const { tokens, batch, bptt, short = false, name = 'the text' } = options;
    for (const [what, value] of Object.entries({ batch, bptt })) {
      if (Number.isInteger(value) && value >= 1) continue;
      fail(`text: ${what} is ${value}.`, { fix: 'give an integer of at least 1.' });
    }
    this.length = Math.floor(tokens.length / batch);
    const whole = segmentsIn(tokens.length, batch, bptt);
    this.count = whole || Number(short && this.length > 1);
    if (this.count > 0) return;
    const columns = Math.floor(tokens.length / (bptt + 1));
    const fewer = columns ? `a batch of at most ${columns}, or ` : '';
    fail(`text: ${name} has ${tokens.length} tokens, too few for one segment.`, {
      given: `batch ${batch} · (bptt ${bptt} + 1) = ${batch * (bptt + 1)} are needed`,
      fix: `take a longer text, or ${fewer}a smaller bptt.`,
    });
  }

  next(): Segment {
    if (this.taken === this.count) this.taken = 0;
    return this.segment(this.taken++);
  }

  /** Every segment once, in order, wherever `next` is. */
  *all(): Generator<Segment> {
    for (let i = 0; i < this.count; i++) yield this.segment(i);
  }

  /** Segments taken since the text began. */
  save(): { taken: number } {
    return { taken: this.taken };
  }

  restore({ taken }: { readonly taken: number }): void {
    if (!Number.isInteger(taken) || taken < 0 || taken > this.count) {
      fail(`text: ${taken} is no place among these ${this.count} segments.`, {
        fix: 'resume with the same text, batch and bptt.',
      });
    }
    this.taken = taken;
  }

  private segment(i: number): Segment {
    const { tokens, batch, bptt, lead = 0 } = this.options;
    const T = Math.min(bptt, this.length - 1 - i * bptt);
    const before = Math.min(lead, i * bptt);
    const long = before + T;
    const ids = new Uint32Array(batch * long);
    const targets = new Uint32Array(batch * T);
    for (let b = 0; b < batch; b++) {
      const start = b * this.length + i * bptt;
      ids.set(tokens.subarray(start - before, start + T), b * long);
      targets.set(tokens.subarray(start + 1, start + 1 + T), b * T);
    }
    return {
      ids: { shape: [batch, long], data: ids },
      targets: { shape: [batch, T], data: targets },
      first: i === 0,
    };
  }
}
