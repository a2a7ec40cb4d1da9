// `seqgpu classify FOLDER "A text"`: of which class sequences are, by a trained run of classification: texts of the
// command line or of standard input, a line each, or files.

import { readFileSync } from 'node:fs';
import { ENCODINGS, type Encoding } from '../../data/own/codePoints';
import { bytesAsSource } from '../../data/byteSource';
import { filesFrom } from '../../data/files.node';
import type { LabelledCorpus } from '../../data/labelled/corpus';
import type { FoundSequence, FoundSequences } from '../../data/labelled/sequence';
import { linesOf, sentenceOf } from '../../data/translation/lines';
import { csvField } from '../../files/csvField';
import { Outputs, type Output } from '../../files/outputs.node';
import { shellWord } from '../../files/shellWord';
import { fail } from '../../graph/check';
import { duration, significant } from '../../report/text.node';
import { makeTask } from '../../runs/outcome';
import { dataOfRun } from '../../runs/readData.node';
import { RunFolder } from '../../runs/runFolder.node';
import type { Settings } from '../../runs/settings';
import { TABLES, taskCalled, type Tables } from '../../runs/tables';
import { ofClasses } from '../../tasks/classification/answers';
import { classify, newSequences, type ClassChance } from '../../tasks/classification/classify';
import { sequencesIn, type ClassificationReading } from '../../tasks/classification/read';
import type { TaskSpec } from '../../tasks/taskSpec';
import { ENGINE_FLAGS, engineOf, openEngine } from '../engine/adapter.node';
import { loadTrained } from '../engine/trained.node';
import { readFlags, type Flags } from '../flags/flags';

/** Flags of `classify`. */
export const CLASSIFY_FLAGS = {
  from: {
    kind: 'paths',
    help: 'file or folder of sequences, as those that were trained on; classes need not be there. May be given again',
  },
  top: { kind: 'count', help: 'so many classes of each, the likeliest first; default 1' },
  out: { kind: 'text', help: 'CSV file to write as well' },
  overwrite: { kind: 'switch', help: 'write over a file that is there' },
  encoding: { kind: ENCODINGS, help: 'of standard input; otherwise by its byte order mark, or utf-8' },
  ...ENGINE_FLAGS,
  json: { kind: 'switch', help: 'make the last line of the output one JSON object' },
} as const satisfies Flags;

type Given = ReturnType<typeof readFlags>['given'];

/** Reads the words of `classify`; the action classifies, and gives the exit code. */
export function readClassifyCommand(
  words: readonly string[],
  tables: Tables = TABLES,
): () => Promise<number> {
  const { positionals, given } = readFlags('classify', words, CLASSIFY_FLAGS);
  const [folder, ...texts] = positionals;
  if (folder === undefined) {
    fail('classify: the folder is missing.', {
      fix: 'give the folder that `seqgpu train classification … --out FOLDER` has written, and a text in quotes.',
    });
  }
  if (texts.length && given.from !== undefined) {
    fail('classify: texts and --from are given.', { fix: 'leave one of the two out.' });
  }
  if (given.encoding !== undefined && (texts.length || given.from !== undefined)) {
    fail('classify: --encoding is of standard input, and other sequences are given.', {
      fix: 'leave it out: files are read as those of the run.',
    });
  }
  return () => classifyWith(new RunFolder(folder, tables), texts, given, tables);
}

/** A trained run of classification; fails where it is none. */
async function trainedRun(folder: RunFolder, tables: Tables) {
  const { settings, best } =
    folder.best() ??
    fail(`classify: there is no checkpoint in ${folder.path}.`, {
      fix: `train one: \`npx seqgpu train classification --model NAME --from PATH --out ${shellWord(folder.path)}\`.`,
    });
  const spec = taskCalled(settings.task, tables);
  const able = (one: TaskSpec) => one.kind === 'classification';
  if (!able(spec)) {
    fail(`classify: ${folder.path} holds a run of ${settings.task}, which says no classes.`, {
      fix: `name the folder of a run of ${tables.tasks
        .filter(able)
        .map(({ name }) => name)
        .join(', ')}.`,
    });
  }
  const known = (await dataOfRun(spec, settings, folder, {})) as LabelledCorpus;
  return { settings, best, known };
}

async function classifyWith(
  folder: RunFolder,
  texts: readonly string[],
  given: Given,
  tables: Tables,
): Promise<number> {
  const { settings, best, known } = await trainedRun(folder, tables);
  const out = outputOf(given);
  const found = foundIn(folder, texts, given, settings, known);
  const { sequences } = found;
  if (!sequences.length) {
    fail('classify: there is nothing to classify.', {
      fix: `give a text in quotes, lines of standard input, or --from.`,
    });
  }
  const read = newSequences(found, known);
  const engine = await openEngine(engineOf(given));
  try {
    const { model } = makeTask(settings, known, tables).program(settings, tables.models);
    loadTrained('classify', engine, best, model, { folder: folder.path, settings });
    const start = performance.now();
    const chances = await classify(engine, ofClasses(model), read, known);
    const seconds = (performance.now() - start) / 1000;
    if (read.cut) console.error(cutNote(read.cut, known));
    tell(sequences, chances, { given, out, seconds, adapter: engine.name });
  } finally {
    engine.destroy();
  }
  return 0;
}

function cutNote(cut: number, { lengths }: LabelledCorpus): string {
  const [are, their] = cut > 1 ? ['are', 'their'] : ['is', 'its'];
  return `note: ${cut} ${are} longer than the ${lengths.at(-1)} steps of the longest seen: ${their} first are read.`;
}

const outputOf = ({ out, overwrite }: Given): Output | undefined =>
  out === undefined
    ? undefined
    : new Outputs('classify', Boolean(overwrite)).file(String(out), { from: '--out', kind: 'CSV' });

/** What is to be classified: texts, lines of standard input, or what is in files. */
function foundIn(
  folder: RunFolder,
  texts: readonly string[],
  { from, encoding }: Given,
  settings: Settings,
  known: LabelledCorpus,
): FoundSequences {
  const { material } = known.form;
  if (Array.isArray(from)) {
    const endings = taskEndings(material);
    const files = filesFrom(from.map(String), { what: 'sequences', endings });
    return sequencesIn(files, settings as ClassificationReading, { known, unlabelled: true });
  }
  if (material !== 'text') {
    fail(`classify: the run in ${folder.path} was trained on ${material}, and not on texts.`, {
      fix: `give --from, a file or folder of such: \`npx seqgpu classify ${shellWord(folder.path)} --from PATH\`.`,
    });
  }
  const lines = texts.length
    ? texts
    : [...linesOf(bytesAsSource('standard input', readFileSync(0)), encoding as Encoding | undefined)];
  const sequences = lines
    .map(sentenceOf)
    .filter((text) => text)
    .map((text) => ({ where: text, content: text }));
  return { material, names: [], sequences, inFiles: false, notes: [] };
}

const taskEndings = (material: string): readonly string[] =>
  material === 'sound' ? ['wav', 'wave'] : ['csv', 'tsv', 'txt'];

interface Told {
  readonly given: Given;
  readonly out?: Output;
  readonly seconds: number;
  readonly adapter: string;
}

/** A line for each sequence: its likeliest classes with their probabilities, and what it is. */
function tell(
  found: readonly FoundSequence[],
  chances: readonly (readonly ClassChance[])[],
  { given, out, seconds, adapter }: Told,
): void {
  const top = Number(given.top ?? 1);
  const best = chances.map((all) => all.slice(0, top));
  found.forEach(({ where }, i) => {
    const said = best[i].map((one) => `${one.class}\t${one.probability.toFixed(4)}`);
    console.log([...said, where].join('\t'));
  });
  const file = out?.write(csvOf(found, best));
  const speed = `${significant(found.length / seconds, 3)} sequences/s, ${found.length} in ${duration(seconds)}`;
  console.error(`adapter: ${adapter}\n${speed}`);
  if (!given.json) return;
  const sequences = found.map(({ where }, i) => ({ sequence: where, classes: best[i] }));
  console.log(JSON.stringify({ sequences, seconds, adapter, ...(file && { file }) }));
}

/** A row for each sequence and class. */
function csvOf(found: readonly FoundSequence[], best: readonly (readonly ClassChance[])[]): string {
  const rows = found.flatMap(({ where }, i) =>
    best[i].map((one) => [csvField(where), csvField(one.class), one.probability.toPrecision(7)].join(',')),
  );
  return ['sequence,class,probability', ...rows].map((row) => `${row}\n`).join('');
}
