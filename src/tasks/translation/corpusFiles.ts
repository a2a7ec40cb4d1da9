// Which of the files that were given is what: one with tabs, or a source and a target for each split.

import type { ByteSource } from '../../data/byteSource';
import type { CorpusFiles, PairFiles } from '../../data/translation/corpus';
import { fail } from '../../graph/check';
import { kebabCase } from '../../spec/option';
import type { Parts } from '../taskSpec';

/** The flags of files, and what each of them is. */
export const PAIR_PARTS = {
  source: 'file of sentences to translate, one a line',
  target: 'their translations, line by line',
  validSource: 'the same to validate; otherwise a part of the training pairs does',
  validTarget: 'their translations',
  testSource: 'the same to test; otherwise a part of the training pairs does',
  testTarget: 'their translations',
} as const;

type PartName = keyof typeof PAIR_PARTS;

/** The files of a corpus: `files` are those of --from, `parts` those with flags of their own. */
export function corpusFiles(files: readonly ByteSource[], parts: Parts): CorpusFiles {
  const valid = both(parts, 'validSource', 'validTarget');
  const test = both(parts, 'testSource', 'testTarget');
  const own = both(parts, 'source', 'target');
  if (own && files.length) {
    fail('translation: --from and --source are given.', { fix: 'give one file with tabs, or two without.' });
  }
  if (files.length > 1) {
    fail(`translation: ${files.length} files are given by --from.`, {
      given: files.map(({ name }) => name).join(', '),
      fix: 'give one file with tabs by --from, or two by --source and --target.',
    });
  }
  const train = own ?? (files.length ? { tabs: files[0] } : undefined);
  if (train) return { train, valid, test };
  return fail('translation: there are no files to train on.', {
    fix: 'give one file with tabs by --from, or two by --source and --target.',
  });
}

/** What the corpus is called. */
export const nameOfFiles = ({ train }: CorpusFiles): string =>
  'tabs' in train ? train.tabs.name : `${train.source.name} → ${train.target.name}`;

function both(parts: Parts, source: PartName, target: PartName): PairFiles | undefined {
  const [from, to] = [parts[source], parts[target]];
  if (from && to) return { source: from, target: to };
  if (!from && !to) return undefined;
  const flag = (name: PartName) => `--${kebabCase(name)}`;
  const [given, missing] = from ? [source, target] : [target, source];
  return fail(`translation: ${flag(given)} is given without ${flag(missing)}.`, { fix: 'give both.' });
}
