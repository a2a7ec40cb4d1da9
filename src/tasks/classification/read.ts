// Files of a user's own as sequences to classify.

import { sourcesName, type ByteSource } from '../../data/byteSource';
import { makeCorpus, type CorpusOptions, type LabelledCorpus } from '../../data/labelled/corpus';
import { sequencesInFiles, type FileOptions } from '../../data/labelled/inFiles';
import { sequencesInRows } from '../../data/labelled/inRows';
import { sequencesInSteps } from '../../data/labelled/inSteps';
import type { FoundSequences } from '../../data/labelled/sequence';
import type { Delimiter } from '../../data/own/csv';
import { folderOf } from '../../data/own/sound';
import { fail } from '../../graph/check';
import type { OptionsOf } from '../../spec/option';
import { DELIMITER_NAMES } from '../options';
import type { CLASSIFICATION } from './options';

/** How files are read: the options of the task, as far as they are given. */
export type ClassificationReading = Partial<OptionsOf<typeof CLASSIFICATION>> & { readonly whole?: boolean };

/** The sequences of files: one table of them all, or files of one sequence each. */
export function sequencesIn(
  files: readonly ByteSource[],
  settings: ClassificationReading,
  { known, unlabelled }: { readonly known?: LabelledCorpus; readonly unlabelled?: boolean } = {},
): FoundSequences {
  const { delimiter, ...rest } = settings;
  const named: Delimiter | undefined = delimiter && DELIMITER_NAMES[delimiter];
  const options: FileOptions = { ...rest, delimiter: named, unlabelled, known: known?.form.names };
  if (!(known ? !known.inFiles : isTable(files))) return sequencesInFiles(files, options);
  if (files.length > 1) {
    fail(`classification: ${files.length} files are given, and the run was trained on one table.`, {
      given: files
        .slice(0, 5)
        .map(({ name }) => name)
        .join(', '),
      fix: 'give --from one table of sequences.',
    });
  }
  const { sequenceColumn } = settings;
  if (sequenceColumn === undefined) return sequencesInRows(files[0], options);
  return sequencesInSteps(files[0], options, sequenceColumn);
}

/** Whether files are one table of sequences, and not one that is alone in the folder of its class, or a recording. */
const isTable = ([{ name }, ...more]: readonly ByteSource[]): boolean =>
  !more.length && !folderOf(name) && !/\.(wav|wave)$/i.test(name);

/** A corpus of files; `test`: a file with the sequences that test. */
export function readLabelled(
  files: readonly ByteSource[],
  settings: ClassificationReading,
  test?: ByteSource,
  known?: LabelledCorpus,
): LabelledCorpus {
  if (test && settings.testPart !== undefined) {
    fail('classification: --test-part and --test-file are given.', { fix: 'leave one of the two out.' });
  }
  const found = sequencesIn(files, settings, { known });
  const others = test && sequencesIn([test], settings, { known });
  const { unit = 'word', ...rest } = settings;
  const options: CorpusOptions = { ...rest, unit, known };
  return makeCorpus(sourcesName(files), found, options, others);
}
