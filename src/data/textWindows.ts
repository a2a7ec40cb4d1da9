// Places of a text with the k tokens before each, and nothing else: what a model that sees k tokens is asked about. The
// places are the same for every k up to `longest`, so that what is measured there can be compared.

import { fail } from '../graph/check';
import type { HostArray } from '../graph/host';
import type { Tokens } from './tokens';

/** At how many places a text is asked, and how much is shown before each. */
export interface WindowOptions {
  /** Tokens that are shown. */
  readonly k: number;
  /** The most that are shown for any k. */
  readonly longest: number;
  /** How many places, evenly spread over the text. */
  readonly places: number;
}

/** Places of a text, each with the tokens before it. */
export interface Windows {
  /** u32 [places, k] */
  readonly ids: HostArray;
  /** u32 [places, 1], the token after each. */
  readonly targets: HostArray;
}

/** At most `rows` places at a time. */
export function* textWindows(
  tokens: Tokens,
  { k, longest, places }: WindowOptions,
  rows: number,
): Generator<Windows> {
  for (const [what, value] of Object.entries({ k, longest, places })) {
    if (Number.isInteger(value) && value >= 1) continue;
    fail(`text: ${what} is ${value}.`, { fix: 'give an integer of at least 1.' });
  }
  if (k > longest || tokens.length < longest + places) {
    fail(
      `text: ${tokens.length} tokens have no ${places} places with ${Math.max(k, longest)} tokens before.`,
      {
        given: `k ${k}, at most ${longest}`,
        fix: 'show fewer tokens, at fewer places.',
      },
    );
  }
  const at = (i: number) => longest + Math.floor((i * (tokens.length - longest)) / places);
  for (let first = 0; first < places; first += rows) {
    const B = Math.min(rows, places - first);
    const ids = new Uint32Array(B * k);
    const targets = new Uint32Array(B);
    for (let b = 0; b < B; b++) {
      const place = at(first + b);
      ids.set(tokens.subarray(place - k, place), b * k);
      targets[b] = tokens[place];
    }
    yield { ids: { shape: [B, k], data: ids }, targets: { shape: [B, 1], data: targets } };
  }
}
