// The tokens that BLEU counts: the tokenizer 13a of mteval-v13a.pl, as sacreBLEU has it (Post 2018, arXiv 1804.08771).

import { withoutEnd, wordsOf } from './spaces';

const ENTITIES = [
  ['&quot;', '"'],
  ['&amp;', '&'],
  ['&lt;', '<'],
  ['&gt;', '>'],
] as const;

/** Signs stand alone; a full stop and a comma but between digits; a dash behind a digit. In this order. */
const RULES = [
  [/([{-~[-` -&(-+:-@/])/gu, ' $1 '],
  [/([^0-9])([.,])/gu, '$1 $2 '],
  [/([.,])([^0-9])/gu, ' $1 $2'],
  [/([0-9])(-)/gu, '$1 $2 '],
] as const;

/** The tokens of a sentence. */
export function tokens13a(sentence: string): string[] {
  let line = withoutEnd(sentence).replaceAll('<skipped>', '').replaceAll('-\n', '').replaceAll('\n', ' ');
  for (const [entity, sign] of ENTITIES) line = line.replaceAll(entity, sign);
  line = ` ${line} `;
  for (const [pattern, spaced] of RULES) line = line.replace(pattern, spaced);
  return wordsOf(line);
}
