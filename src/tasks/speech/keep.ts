// What a run on parametric speech keeps of its recordings: how numbers are to be read, and how long words are.

import { PARAMETERS } from '../../data/speech/parameters';
import { DIGITS, SPEAKERS } from '../../data/spokenDigits';
import { fail } from '../../graph/check';
import { longestRow, type SpokenWords } from './spoken';

/** As plain JSON. */
export const keepWords = (words: SpokenWords) => ({
  mean: [...words.normalisation.mean],
  deviation: [...words.normalisation.deviation],
  durations: words.durations,
  longest: longestRow(words),
});

/** The words of it, without any that was spoken; `where`: the file, for errors. */
export function keptWords(json: unknown, where: string): SpokenWords {
  const { mean, deviation, durations, longest } = Object(json) as Record<string, unknown>;
  const rows: readonly unknown[] = Array.isArray(durations) ? durations : [];
  const whole =
    [mean, deviation].every((one) => areNumbers(one, PARAMETERS)) &&
    rows.length === SPEAKERS.length &&
    rows.every((row) => areNumbers(row, DIGITS)) &&
    Number.isSafeInteger(longest);
  if (!whole) fail(`${where} holds no speech.`, { fix: 'the file was changed or is damaged; train again.' });
  const numbers = (one: unknown) => Float64Array.from(one as number[]);
  return {
    train: [],
    valid: [],
    test: [],
    normalisation: { mean: numbers(mean), deviation: numbers(deviation) },
    durations: rows as number[][],
    longest: Number(longest),
  };
}

const areNumbers = (value: unknown, count: number): boolean =>
  Array.isArray(value) && value.length === count && value.every(Number.isFinite);
