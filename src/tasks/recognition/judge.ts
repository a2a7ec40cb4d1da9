// A trained recogniser as a judge of speech: what it understands of sounds, whoever made them.

import { MelSpectra } from '../../data/speech/mel';
import type { Normalisation } from '../../data/speech/normalisation';
import { DIGITS } from '../../data/spokenDigits';
import type { Engine } from '../../gpu/engine';
import type { Tensor } from '../../graph/tensor';
import { CLASSES, inputOf } from './heard';

/** What is understood of a sound: a digit, and the speaker's place in SPEAKERS. */
export interface Understood {
  readonly digit: number;
  readonly speaker: number;
}

/** What answers after the last step: a recogniser's model. */
export interface Recogniser {
  /** [B, T, BANDS] to [B, CLASSES]. */
  last(x: Tensor): Tensor;
}

/** Sounds that are heard at once. */
const BATCH = 20;

/** What a recogniser understands of sounds of 8,000 samples per second; of one above 1.1 s it hears the end. */
export async function understand(
  engine: Engine,
  recogniser: Recogniser,
  normalisation: Normalisation,
  sounds: readonly ArrayLike<number>[],
): Promise<Understood[]> {
  const mel = new MelSpectra();
  const answer = engine.record((x: Tensor) => recogniser.last(x));
  const understood: Understood[] = [];
  for (let first = 0; first < sounds.length; first += BATCH) {
    const some = sounds.slice(first, first + BATCH).map((sound) => mel.forward(sound));
    const rows = await answer(inputOf(some, normalisation)).read();
    some.forEach((_, b) => {
      const row = Array.from(rows.subarray(b * CLASSES, (b + 1) * CLASSES));
      understood.push({ digit: largest(row.slice(0, DIGITS)), speaker: largest(row.slice(DIGITS)) });
    });
  }
  return understood;
}

const largest = (values: readonly number[]): number => values.indexOf(Math.max(...values));
