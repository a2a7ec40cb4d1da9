// Help: one screen of what there is, and a page for every command, task and model, made of what these declare.

import { version } from '../../../package.json';
import { fail } from '../../graph/check';
import { unknownWord } from '../../spec/words';
import type { Tables } from '../../runs/tables';
import { BENCH_FLAGS } from '../bench/bench.node';
import { CLAIMS_FLAGS } from '../study/claims.node';
import { CLASSIFY_FLAGS } from '../classify/classify.node';
import { DEMO_FLAGS } from '../demo.node';
import { DOCTOR_FLAGS } from '../doctor.node';
import { EVAL_FLAGS } from '../eval.node';
import { flagsText, readFlags, type Flags } from '../flags/flags';
import { GENERATE_FLAGS } from '../generate/generate.node';
import { helpOfRun, modelsText, tasksText } from './helpOfRun';
import { LENGTH_FLAGS, TRAINING_FLAGS, modelFlags } from '../flags/optionFlags';
import { DATA_FLAGS, partFlags } from '../flags/place';
import { LIVE_FLAGS } from '../live/live.node';
import { SEARCH_FLAGS } from '../search/search.node';
import { OWN_FLAGS } from '../study/study.node';
import { RUN_FLAGS } from '../train/train.node';
import { TUNE_FLAGS } from '../tune/tune.node';
import { WORKER_FLAGS } from '../worker/worker.node';
import { TRANSLATE_FLAGS } from '../translate/translate.node';

/** A page of a command. */
interface Page {
  readonly usage: string;
  /** What it does, in a line. */
  readonly about: string;
  readonly flags: (tables: Tables) => Flags;
  /** What else there is to say, below the flags. */
  readonly more?: (tables: Tables) => string;
  /** Command lines, each with what it does. */
  readonly examples: readonly (readonly [line: string, does: string])[];
}

const runMore = ({ tasks, models }: Tables): string => `Tasks: ${tasks.map(({ name }) => name).join(', ')}
Models: ${models.map(({ name }) => name).join(', ')}
Each has options of its own: npx seqgpu help train TASK --model NAME`;

const PAGES: Readonly<Record<string, Page>> = {
  demo: {
    usage: 'demo',
    about: 'an LSTM and a TCN side by side, in a few minutes on any machine',
    flags: () => DEMO_FLAGS,
    examples: [['demo', 'the table, and a report with the curves in runs/demo']],
  },
  live: {
    usage: 'live',
    about: 'serves the live page to this machine: models trained in your browser, as they learn',
    flags: () => LIVE_FLAGS,
    examples: [['live', 'the page, with the data sets that are in the data folder']],
  },
  train: {
    usage: 'train TASK --model NAME',
    about: 'trains one model on one task',
    flags: (tables) => ({
      ...modelFlags(tables),
      ...LENGTH_FLAGS,
      ...RUN_FLAGS,
      ...partFlags(tables),
      ...TRAINING_FLAGS,
    }),
    more: runMore,
    examples: [
      ['train copy --model tcn', 'with the settings that were chosen for it'],
      ['train jsb --model lstm --hidden 64 --out runs/a', 'with others, into a folder'],
      ['train jsb --model lstm --out runs/a --resume', 'goes on with the run in that folder'],
    ],
  },
  generate: {
    usage: 'generate FOLDER',
    about: 'text, music, sound or a forecast from the best checkpoint that train has left in a folder',
    flags: () => GENERATE_FLAGS,
    examples: [
      ['generate runs/jsb-lstm-s1 --prompt 3', 'how a chorale of the test split goes on, as MIDI'],
      ['generate runs/wikitext2-lstm-s1 --temperature 0.8', 'text'],
      ['generate runs/digits-lstm-s1 --digit 7 --out seven.wav', 'a spoken digit'],
      ['generate runs/sound-tcn-s1 --class rain --seconds 2', 'sound of a class of your own, as WAV'],
      ['generate runs/series-gru-s1 --length 24 --out next.csv', 'the rows behind the last of a series'],
      ['generate runs/series-gru-s1 --from newer.csv', 'the rows behind the last of another file'],
    ],
  },
  translate: {
    usage: 'translate FOLDER [SENTENCE …]',
    about: 'what a trained run of translation makes of sentences, or of the lines of standard input',
    flags: () => TRANSLATE_FLAGS,
    examples: [
      ['translate runs/mine "A sentence."', 'the best of five beams'],
      ['translate runs/mine --beam 1 < sentences.txt', 'a line each, taking the likeliest word each time'],
      ['translate runs/mine "A sentence." --attention looks.svg', 'and a picture of what was looked at'],
    ],
  },
  classify: {
    usage: 'classify FOLDER [TEXT …]',
    about:
      'of which class sequences are, by a trained run of classification: texts, lines of standard input, or files',
    flags: () => CLASSIFY_FLAGS,
    examples: [
      ['classify runs/mine "What a day!" --top 3', 'the three likeliest classes of a text'],
      ['classify runs/mine < lines.txt', 'a line each'],
      ['classify runs/mine --from new.csv --out classes.csv', 'of series, texts or recordings in files'],
    ],
  },
  eval: {
    usage: 'eval FOLDER',
    about: 'what a trained run is worth on its own validation and test data, or on other data',
    flags: (tables) => ({ ...EVAL_FLAGS, ...partFlags(tables) }),
    more: () => 'A run of your own files finds them where they were; --from names them where they are now.',
    examples: [
      ['eval runs/jsb-lstm-s1 --split test', 'its loss on the test split'],
      ['eval runs/mine --split test --beam 5', 'of one that translates also BLEU of five beams'],
      ['eval runs/mine --from other.txt', 'of a run of your own files, on others of their kind'],
    ],
  },
  study: {
    usage: 'study [NAME]',
    about: 'a study, its numbers beside the published ones; without a name lists them',
    flags: (tables) => ({ ...OWN_FLAGS, ...partFlags(tables) }),
    examples: [
      ['study stability --budget medium', 'a table and a report; run again, it goes on'],
      ['study context --run runs/a --from book.txt', 'how many of its last inputs a run of yours needs'],
    ],
  },
  claims: {
    usage: 'claims [FOLDER]',
    about: "the article's claims beside the results in a folder; trains nothing",
    flags: () => CLAIMS_FLAGS,
    examples: [['claims examples/results', 'draws its studies again, and a page of verdicts']],
  },
  search: {
    usage: 'search TASK --model NAME',
    about: 'settings for a task and model, by random search with successive halving',
    flags: (tables) => ({ model: modelFlags(tables).model, ...SEARCH_FLAGS, ...partFlags(tables) }),
    more: () => 'It takes the settings of train too: what is given is not searched.',
    examples: [
      ['search jsb --model lstm --hidden 64', 'the rest, at 64 hidden units'],
      ['search status FOLDER', 'what is finished of one; or --queue URL: what is under way'],
      ['search export FOLDER', 'all its trials as a CSV file'],
      ['search pause --queue redis://host', 'workers take no more trials, until search resume'],
    ],
  },
  worker: {
    usage: 'worker --queue URL',
    about: 'runs trials of searches and cells of studies that others have put on a queue',
    flags: () => WORKER_FLAGS,
    examples: [
      [
        'search jsb --model lstm --queue redis://host',
        'decides which trials there are, and keeps their results',
      ],
      ['worker --queue redis://host', 'runs them, on any number of machines'],
      ['worker --queue redis://host --gpus 4090,A100', 'two at once, each on an adapter of that name'],
    ],
  },
  data: {
    usage: 'data [NAME]',
    about: 'known data sets and whether they are here; with a name, fetches one',
    flags: () => DATA_FLAGS,
    examples: [['data jsb', 'fetches the chorales and checks them']],
  },
  doctor: {
    usage: 'doctor',
    about: 'the adapter, what it can do, and what to install when there is none',
    flags: () => DOCTOR_FLAGS,
    examples: [['doctor --install', 'a software adapter, where there is no GPU']],
  },
  bench: {
    usage: 'bench',
    about: 'how fast the engine is here, beside what the adapter can do at most',
    flags: () => BENCH_FLAGS,
    examples: [['bench --quick', 'whether it runs']],
  },
  tune: {
    usage: 'tune',
    about: 'measures which kernels are the fastest here, for all that runs from then on; 8 minutes',
    flags: () => TUNE_FLAGS,
    examples: [
      ['tune', 'the shapes of all models, into the cache, where open finds it'],
      ['tune --only lstm --minutes 1', 'those of LSTMs'],
      ['tune --out here.json', 'into a file: train --tuning here.json, or open({ tuning: new Tuning(…) })'],
    ],
  },
};

/** The page that words after `help` ask for: of a command, of a task, of a model, or what there is. */
export function helpFor(words: readonly string[], tables: Tables): string {
  const [command, ...rest] = words;
  if (command === undefined) return overview(tables);
  const page = Object.hasOwn(PAGES, command) ? PAGES[command] : undefined;
  if (!page) {
    const { tasks, models } = tables;
    // Whoever asks for help about a task or a model means its training.
    if (tasks.some(({ name }) => name === command)) return helpFor(['train', ...words], tables);
    if (models.some(({ name }) => name === command)) return helpFor(['train', '--model', ...words], tables);
    const known = [...Object.keys(PAGES), ...[...tasks, ...models].map(({ name }) => name)];
    return unknownWord(`help: there is nothing called ${command}.`, command, known);
  }
  if (!rest.length) return pageText(page, tables);
  if (command !== 'train' && command !== 'search') {
    return fail(`help: ${command} has one page; "${rest.join(' ')}" is too much.`, {
      fix: `npx seqgpu help ${command}.`,
    });
  }
  const { positionals, given } = readFlags('help', rest, { model: modelFlags(tables).model });
  return helpOfRun(positionals, given.model === undefined ? undefined : String(given.model), tables);
}

/** Whether a command takes a flag of that name. */
export const takes = (command: string, flag: string, tables: Tables): boolean =>
  Object.hasOwn(PAGES, command) && flag in PAGES[command].flags(tables);

function pageText({ usage, about, flags, more, examples }: Page, tables: Tables): string {
  const lines = examples.map(([line, does]) => [`npx seqgpu ${line}`, does] as const);
  const width = Math.max(...lines.map(([line]) => line.length));
  return [
    `npx seqgpu ${usage}\n  ${about}`,
    flagsText(flags(tables)),
    ...(more ? [more(tables)] : []),
    `Examples\n${lines.map(([line, does]) => `  ${line.padEnd(width)}  ${does}`).join('\n')}`,
  ].join('\n\n');
}

function overview(tables: Tables): string {
  const width = Math.max(...Object.values(PAGES).map(({ usage }) => usage.length));
  const commands = Object.values(PAGES).map(({ usage, about }) => `  ${usage.padEnd(width)}  ${about}`);
  return `seqgpu ${version}: trains sequence models on the GPU with handwritten WGSL kernels.

${commands.join('\n')}

Tasks
${tasksText(tables)}

Models
${modelsText(tables)}

npx seqgpu help COMMAND                   what it takes, with examples
npx seqgpu help train TASK --model NAME   the settings of a task and a model, and what they are now
npx seqgpu --version`;
}
