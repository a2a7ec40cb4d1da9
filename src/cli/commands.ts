// The commands by name: reading a command's words gives what to do, or an error about the words.

import { version } from '../../package.json';
import { readBenchCommand } from './bench/bench.node';
import { readClaimsCommand } from './study/claims.node';
import { readClassifyCommand } from './classify/classify.node';
import { readDataCommand } from './data.node';
import { readDemoCommand } from './demo.node';
import { readDoctorCommand } from './doctor.node';
import { readEvalCommand } from './eval.node';
import { printAdapters } from './engine/adapterList.node';
import { helpFor, takes } from './help/help';
import { oneOf } from '../spec/words';
import { readGenerateCommand } from './generate/generate.node';
import { TABLES, type Tables } from '../runs/tables';
import { readLiveCommand } from './live/live.node';
import { readSearchCommand } from './search/search.node';
import { readStudyCommand } from './study/study.node';
import { readTrainCommand } from './train/train.node';
import { readTuneCommand } from './tune/tune.node';
import { readWorkerCommand } from './worker/worker.node';
import { readTranslateCommand } from './translate/translate.node';

/** Does the work; gives the program's exit code. */
export type Action = () => Promise<number>;

const COMMANDS: Readonly<Record<string, (words: readonly string[], tables: Tables) => Action>> = {
  demo: readDemoCommand,
  live: readLiveCommand,
  train: readTrainCommand,
  generate: readGenerateCommand,
  translate: readTranslateCommand,
  classify: readClassifyCommand,
  eval: readEvalCommand,
  study: readStudyCommand,
  claims: readClaimsCommand,
  search: readSearchCommand,
  worker: readWorkerCommand,
  data: readDataCommand,
  doctor: readDoctorCommand,
  bench: readBenchCommand,
  tune: readTuneCommand,
  help: (words, tables) => say(helpFor(words, tables)),
};

/** What to do; throws when the words are wrong. */
export function readCommand([word, ...rest]: readonly string[], tables: Tables = TABLES): Action {
  if (word === '--version' || word === '-v') return say(version);
  if (word === undefined || word === '-h' || word === '--help') return say(helpFor([], tables));
  if (rest.includes('--help') || rest.includes('-h')) return say(helpFor(aboutWords(word, rest), tables));
  const command = oneOf('seqgpu: the command', word, Object.keys(COMMANDS));
  if (asksForList(rest) && takes(command, 'adapter', tables)) return printAdapters;
  return COMMANDS[command](rest, tables);
}

/** Whether `--adapter list` is among the words, whatever else they say. */
const asksForList = (words: readonly string[]): boolean =>
  words.some((word, i) => word === '--adapter=list' || (word === '--adapter' && words[i + 1] === 'list'));

/** What of a command's words help can be about: the task and the model. */
function aboutWords(command: string, words: readonly string[]): string[] {
  if (command === 'help') return [];
  if (command !== 'train' && command !== 'search') return [command];
  const at = words.indexOf('--model');
  const model =
    at >= 0 && at + 1 < words.length && !words[at + 1].startsWith('-') ? words.slice(at, at + 2) : [];
  const [task] = words;
  return [command, ...(task.startsWith('-') ? [] : [task]), ...model];
}

const say = (words: string): Action => {
  return async () => {
    console.log(words);
    return 0;
  };
};
