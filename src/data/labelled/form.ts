// What a model is given of a sequence: the symbols of a text, or numbers with mean 0 and deviation 1 over what is
// trained on.

import { fail } from '../../graph/check';
import { MOST } from '../own/table';
import { normal, type Normalisation } from '../own/series';
import { learnCoder, readCoder, type CoderOptions, type SentenceCoder } from '../translation/coder';
import { sentenceOf } from '../translation/lines';
import { stepsIn, type FoundSequence, type FoundSequences, type Material, type Steps } from './sequence';

/** A sequence as it goes in. */
export interface GivenSequence {
  /** Symbols [T], or numbers [T, width]. */
  readonly values: Uint32Array | Float32Array;
  /** T, at least 1. */
  readonly length: number;
  /** Whether it was longer. */
  readonly cut: boolean;
}

/** How sequences become what a model is given. */
export type Form =
  | {
      readonly material: 'text';
      readonly coder: SentenceCoder;
      /** The column that they stood in; none of those in files. */
      readonly names: readonly string[];
    }
  | {
      readonly material: 'numbers' | 'sound';
      /** What the numbers of a step are called. */
      readonly names: readonly string[];
      readonly normalisation: readonly Normalisation[];
    };

/** Numbers of a step; of a text one, its symbol. */
export const widthOf = (form: Form): number => (form.material === 'text' ? 1 : form.names.length);

/** The form of these sequences, which are those to be trained on. */
export function learnForm(
  { material, names }: Pick<FoundSequences, 'material' | 'names'>,
  sequences: readonly FoundSequence[],
  options: CoderOptions,
): Form {
  if (material === 'text') {
    const texts = sequences.map(({ content }) => sentenceOf(content as string));
    return { material, names, coder: learnCoder(texts, options) };
  }
  return { material, names, normalisation: names.map((_, c) => normal(columnOf(sequences, c))) };
}

/** All numbers in a place of the steps. */
function columnOf(sequences: readonly FoundSequence[], c: number): Float64Array {
  const all = sequences.map(({ content }) => content as Steps);
  const column = new Float64Array(all.reduce((sum, steps) => sum + stepsIn(steps), 0));
  let at = 0;
  for (const { values, width } of all)
    for (let i = c; i < values.length; i += width) column[at++] = values[i];
  return column;
}

/** A sequence as it goes in, its first `longest` steps; refuses one that is empty, or too far off. */
export function given({ where, content }: FoundSequence, form: Form, longest = Infinity): GivenSequence {
  const values =
    form.material === 'text'
      ? symbols(content as string, form.coder)
      : numbers(where, content as Steps, form);
  const length = values.length / widthOf(form);
  if (!length) fail(`classification: ${where} is empty.`, { fix: 'fill it in, or take it away.' });
  const cut = length > longest;
  return {
    values: cut ? values.slice(0, longest * widthOf(form)) : values,
    length: Math.min(length, longest),
    cut,
  };
}

function symbols(text: string, coder: SentenceCoder): Uint32Array {
  const sentence = sentenceOf(text);
  return Uint32Array.from(sentence ? coder.encode(sentence) : []);
}

function numbers(
  where: string,
  { values, width }: Steps,
  form: Exclude<Form, { material: 'text' }>,
): Float32Array {
  const { names, normalisation } = form;
  if (width !== names.length) {
    fail(`classification: the steps of ${where} have ${width} numbers where ${names.length} belong.`, {
      given: `the model was trained on ${names.slice(0, 12).join(', ')}`,
      fix: 'give sequences of the same kind.',
    });
  }
  const result = Float32Array.from(values, (value, i) => {
    const { mean, deviation } = normalisation[i % width];
    return (value - mean) / deviation;
  });
  const far = result.findIndex((value) => !(Math.abs(value) <= MOST));
  if (far < 0) return result;
  const [step, c] = [Math.floor(far / width), far % width];
  const { mean, deviation } = normalisation[c];
  return fail(`classification: ${where} has ${values[far]}, too far off.`, {
    given: `step ${step + 1}, ${names[c]}: in training mean ${mean}, deviation ${deviation}`,
    fix: 'mend the value, or take the sequence away.',
  });
}

/** A form as plain JSON. */
export const keepForm = (form: Form): unknown =>
  form.material === 'text'
    ? { material: form.material, names: form.names, tokeniser: form.coder.toJSON() }
    : form;

/** A form from that; `where`: the file, for errors. */
export function keptForm(json: unknown, where: string): Form {
  const { material, tokeniser, names, normalisation } = Object(json) as Readonly<Record<string, unknown>>;
  const called = Array.isArray(names) && names.every((name) => typeof name === 'string');
  if (material === 'text' && called) return { material, names, coder: readCoder(tokeniser, where) };
  const number = (x: unknown): x is number => typeof x === 'number' && Number.isFinite(x);
  const right =
    (material === 'numbers' || material === 'sound') &&
    called &&
    names.length > 0 &&
    Array.isArray(normalisation) &&
    normalisation.length === names.length &&
    normalisation.every((one: Partial<Normalisation>) => number(one?.mean) && Number(one?.deviation) > 0);
  if (right) return { material: material as Exclude<Material, 'text'>, names, normalisation };
  return fail(`${where} holds no sequences.`, { fix: 'the file was changed or is damaged; train again.' });
}
