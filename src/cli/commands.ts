// The commands by name: reading a command's words gives what to do, or an error about the words.

import { version } from '../../package.json';
import { BENCH_FLAGS, readBenchCommand } from './bench.node';
import { readDataCommand } from './data.node';
import { DATA_FLAGS } from './place';
import { DEMO_FLAGS, readDemoCommand } from './demo.node';
import { DOCTOR_FLAGS, readDoctorCommand } from './doctor.node';
import { flagsText } from './flags';
import { oneOf } from '../spec/words';
import { GENERATE_FLAGS, readGenerateCommand } from './generate.node';
import { TABLES, type Tables } from '../runs/tables';
import { searchFlags, readSearchCommand } from './search.node';
import { STUDY_FLAGS, readStudyCommand } from './study.node';
import { trainFlags, readTrainCommand } from './train.node';

/** Does the work; gives the program's exit code. */
export type Action = () => Promise<number>;

const COMMANDS: Readonly<Record<string, (words: readonly string[], tables: Tables) => Action>> = {
  demo: readDemoCommand,
  train: readTrainCommand,
  generate: readGenerateCommand,
  study: readStudyCommand,
  search: readSearchCommand,
  data: readDataCommand,
  doctor: readDoctorCommand,
  bench: readBenchCommand,
  help: () => say(HELP),
};

/** What to do; throws when the words are wrong. */
export function readCommand([word, ...rest]: readonly string[], tables: Tables = TABLES): Action {
  if (word === '--version' || word === '-v') return say(version);
  if (word === undefined || word === '-h' || [word, ...rest].includes('--help')) return say(HELP);
  return COMMANDS[oneOf('seqgpu: the command', word, Object.keys(COMMANDS))](rest, tables);
}

const say = (words: string): Action => {
  return async () => {
    console.log(words);
    return 0;
  };
};

const HELP = `seqgpu ${version}: trains sequence models on the GPU with handwritten WGSL kernels.

seqgpu demo                      an LSTM and a TCN side by side, in a few minutes on any machine
${flagsText(DEMO_FLAGS)}

seqgpu train TASK --model NAME   one model on one task; TASK is ${TABLES.tasks.map(({ name }) => name).join(', ')}
${flagsText(trainFlags(TABLES))}

seqgpu generate FOLDER           text, music or speech from the best checkpoint that train has left in a folder
seqgpu generate wavenet          the same from runs/digits-wavenet-s1, or from --run FOLDER
${flagsText(GENERATE_FLAGS)}

seqgpu study [NAME]              a study, its numbers beside the published ones; without a name lists them
${flagsText(STUDY_FLAGS)}

seqgpu search TASK --model NAME  settings for a task and model, by random search with successive halving
${flagsText(searchFlags(TABLES))}
  and the settings of train: what is given is not searched

seqgpu data [NAME]               known data sets and whether they are here; with a name, fetches one
${flagsText(DATA_FLAGS)}

seqgpu doctor                    the adapter, what it can do, and what to install when there is none
${flagsText(DOCTOR_FLAGS)}

seqgpu bench                     how fast the engine is here, beside what the adapter can do at most
${flagsText(BENCH_FLAGS)}

seqgpu help, --help, --version`;
