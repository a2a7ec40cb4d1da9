// WikiText-2 from the three files of its splits.

import { textIn, type ByteSource } from '../../data/byteSource';
import { SPLITS, makeCorpus, type Corpus, type Unit } from '../../data/text';

/** Names in the data folder. */
export const WIKITEXT_FILES = SPLITS.map((split) => `wikitext-2/${split}.txt`);

/** The corpus of three files, those of the splits in their order. */
export function readWikiText(files: readonly ByteSource[], unit: Unit): Corpus {
  const [train, valid, test] = files.map(textIn);
  const texts = { train, valid, test };
  return makeCorpus(unit === 'word' ? 'WikiText-2' : 'WikiText-2, characters', unit, texts);
}
