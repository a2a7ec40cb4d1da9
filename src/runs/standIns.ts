// Data in place of a task's files: nothing in it is worth learning, but its shapes are those of the published data, and
// so are the shapes of every step. A sweep over the models of the tables needs no file then.

import { bytesAsSource } from '../data/byteSource';
import { PIXELS, VALIDATION_IMAGES, type Mnist } from '../data/mnist';
import { KEYS, type Music } from '../data/music';
import { SPEAKERS, type Recording, type SpokenDigits } from '../data/spokenDigits';
import { makeCorpus, type Corpus, type Unit } from '../data/text';
import { readCorpus, type PairCorpus } from '../data/translation/corpus';

/** Images that are all black: a few more than those that validate. */
function images(): Mnist {
  const some = (count: number) => ({ pixels: new Uint8Array(count * PIXELS), labels: new Uint8Array(count) });
  return { train: some(VALIDATION_IMAGES + 256), test: some(1) };
}

/** Pieces of so many steps, of one key. */
function music(steps: number): Music {
  const pieces = Array.from({ length: 32 }, () => Array.from({ length: steps }, () => [steps % KEYS]));
  return { name: 'stand-in', keys: KEYS, train: pieces, valid: pieces.slice(0, 1), test: pieces.slice(0, 1) };
}

/** Tokens of a text. */
const TOKENS = 40_000;

/** A text of so many different tokens, one after the other and again from the first. */
function corpus(unit: Unit, vocabulary: number): Corpus {
  // The end of a line is a token too.
  const kinds = Array.from({ length: vocabulary - 1 }, (_, i) =>
    unit === 'word' ? `w${i}` : String.fromCodePoint(0x4e00 + i),
  );
  const line = kinds.join(unit === 'word' ? ' ' : '');
  const text = `${line}\n`.repeat(Math.ceil(TOKENS / vocabulary));
  return makeCorpus('stand-in', unit, { train: text, valid: text, test: text });
}

/** Recordings of so many samples, all silent. */
function digits(samples: number): SpokenDigits {
  const recordings = SPEAKERS.map((speaker): Recording => {
    return { speaker, digit: 0, codes: new Uint8Array(samples).fill(128) };
  });
  return { train: recordings, valid: recordings, test: recordings };
}

/** Pairs of sentences of so many different words, from two to twelve in a sentence. */
function pairs(vocabulary: number): PairCorpus {
  const [count, longest] = [4 * vocabulary, 12];
  const lines = Array.from({ length: Math.ceil((2 * count) / longest) }, (_, line) => {
    const words = Array.from(
      { length: 2 + (line % (longest - 1)) },
      (_w, i) => `w${(line * 7 + i) % vocabulary}`,
    );
    return `${words.join(' ')}\t${words.reverse().join(' ')}`;
  });
  const tabs = bytesAsSource('stand-in', new TextEncoder().encode(lines.join('\n')));
  return readCorpus('stand-in', { train: { tabs } }, { unit: 'word', atLeast: 1, vocabulary });
}

/** What stands in for the data of a task, by its name; a task whose data is drawn needs nothing. */
const STAND_INS: Readonly<Record<string, () => unknown>> = {
  mnist: images,
  jsb: () => music(64),
  nottingham: () => music(256),
  wikitext2: () => corpus('word', 33_278),
  'wikitext2-chars': () => corpus('character', 1013),
  shakespeare: () => corpus('character', 65),
  digits: () => digits(8192),
  'eng-fra': () => pairs(4000),
};

/** The stand-in for a task's data; undefined where there is none. Made anew at every call. */
export const standInFor = (task: string): unknown => STAND_INS[task]?.();
