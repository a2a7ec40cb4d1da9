// Segments of a text that begin anywhere: every row of a batch is drawn by itself, as nanoGPT does. Nothing goes on
// from one segment to the next, so that a model without a state loses nothing by it, and sees more different
// beginnings.

import { fail } from '../graph/check';
import type { Random } from '../random';
import type { Segment } from './textStream';
import type { Tokens } from './tokens';

/** What segments are drawn from, and how large they are. */
export interface SampleOptions {
  readonly tokens: Tokens;
  /** Rows. */
  readonly batch: number;
  /** Steps per segment. */
  readonly bptt: number;
  readonly random: Random;
  /** What the tokens are, for messages; default: "the text". */
  readonly name?: string;
}

/** Random segments without end; the place in the random numbers can be saved. */
export class TextSamples {
  /** Batches that have as many tokens as the text. */
  readonly count: number;

  constructor(private readonly options: SampleOptions) {
    const { tokens, batch, bptt, name = 'the text' } = options;
    for (const [what, value] of Object.entries({ batch, bptt })) {
      if (Number.isInteger(value) && value >= 1) continue;
      fail(`text: ${what} is ${value}.`, { fix: 'give an integer of at least 1.' });
    }
    this.count = Math.max(1, Math.floor(tokens.length / (batch * bptt)));
    if (tokens.length > bptt) return;
    fail(`text: ${name} has ${tokens.length} tokens, too few for one segment.`, {
      given: `bptt ${bptt} + 1 = ${bptt + 1} are needed`,
      fix: `take a longer text, or a bptt of at most ${Math.max(0, tokens.length - 1)}.`,
    });
  }

  next(): Segment {
    const { tokens, batch, bptt, random } = this.options;
    const ids = new Uint32Array(batch * bptt);
    const targets = new Uint32Array(batch * bptt);
    for (let b = 0; b < batch; b++) {
      const start = random.integer(tokens.length - bptt);
      ids.set(tokens.subarray(start, start + bptt), b * bptt);
      targets.set(tokens.subarray(start + 1, start + 1 + bptt), b * bptt);
    }
    const shape = [batch, bptt];
    return { ids: { shape, data: ids }, targets: { shape, data: targets }, first: true };
  }

  /** The state of the random numbers. */
  save(): readonly number[] {
    return this.options.random.save();
  }

  restore(saved: readonly number[]): void {
    this.options.random.restore(saved);
  }
}
