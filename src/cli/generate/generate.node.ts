// `seqgpu generate FOLDER`: what a trained model makes when it goes on by itself, from the checkpoint of any run. What
// is made, and how, is one module a kind of output.

import { shellWord } from '../../files/shellWord';
import { fail } from '../../graph/check';
import { ENGINE_FLAGS, engineOf, openEngine } from '../engine/adapter.node';
import { loadTrained } from '../engine/trained.node';
import { PLACE_FLAGS, placeIn } from '../flags/place';
import { dataOfRun } from '../../runs/readData.node';
import { readFlags, type Flags } from '../flags/flags';
import { checkKindFlags, type GenerateJob, type Generated, type Kind } from './generateKind';
import { music } from './generateMusic.node';
import { SOUND_FLAGS, recording, sound } from './generateSound.node';
import { series } from './generateSeries.node';
import { speech } from './generateSpeech.node';
import { text } from './generateText.node';
import { makeTask } from '../../runs/outcome';
import { TABLES, taskCalled, type Tables } from '../../runs/tables';
import type { Sample, TaskSpec } from '../../tasks/taskSpec';
import { RunFolder } from '../../runs/runFolder.node';
import { duration, significant } from '../../report/text.node';

/** Flags of `generate`, whatever it makes. */
export const GENERATE_FLAGS = {
  length: {
    kind: 'count',
    help: 'words, characters, steps of music, rows of a series, or samples of sound to make',
  },
  prompt: { kind: 'text', help: 'text that stands before; of music, the number of a test piece, from 0' },
  'prompt-steps': { kind: 'count', help: 'of music: so many steps of that piece stand before; default 8' },
  temperature: {
    kind: 'temperature',
    help: 'below 1 safer, above 1 bolder, 0 always the likeliest; default 1',
  },
  'top-k': { kind: 'count', help: 'of text: only from the so many likeliest' },
  'top-p': { kind: 'lambda', help: 'of text: only from the likeliest that have this probability together' },
  tempo: { kind: 'positive', help: 'of music: steps a minute' },
  seed: { kind: 'seed', help: 'of the draws; default 1' },
  out: {
    kind: 'text',
    help: 'file to write: text; of music MIDI, with a picture beside it; of speech WAV, of whole words a folder',
  },
  overwrite: { kind: 'switch', help: 'write over files that are there' },
  vocoder: {
    kind: 'text',
    help: 'of whole words: folder of a run of digits --features, whose model makes the sound',
  },
  ...SOUND_FLAGS,
  ...PLACE_FLAGS,
  ...ENGINE_FLAGS,
  json: { kind: 'switch', help: 'make the last line of the output one JSON object' },
} as const satisfies Flags;

/** How each kind of sample is made. */
const KINDS: Readonly<Record<Sample['kind'], Kind>> = {
  text,
  music,
  sound,
  recording,
  series,
  speech,
};

/** Reads the words of `generate`; the action makes and writes the sample, and gives the exit code. */
export function readGenerateCommand(
  words: readonly string[],
  tables: Tables = TABLES,
): () => Promise<number> {
  const { positionals, given } = readFlags('generate', words, GENERATE_FLAGS);
  const [folder, ...more] = positionals;
  if (folder === undefined || more.length) {
    fail(
      folder === undefined
        ? 'generate: the folder is missing.'
        : `generate: "${more.join(' ')}" is too much.`,
      {
        fix: 'give the one folder that `seqgpu train … --out FOLDER` has written; values follow their --flag.',
      },
    );
  }
  return () => generate(new RunFolder(folder, tables), given, tables);
}

/** What a run makes. */
function sampleOf({ sample, name, reads, kind }: TaskSpec, folder: RunFolder, { tasks }: Tables): Sample {
  if (sample) return sample;
  if (reads === 'pairs') {
    return fail(`generate: ${folder.path} holds a run of ${name}, which translates what it is given.`, {
      fix: `give it a sentence: \`npx seqgpu translate ${shellWord(folder.path)} "A sentence."\`.`,
    });
  }
  if (kind === 'classification') {
    return fail(`generate: ${folder.path} holds a run of ${name}, which says of which class sequences are.`, {
      fix: `give it some: \`npx seqgpu classify ${shellWord(folder.path)} --from PATH\`.`,
    });
  }
  const others = tasks.filter((one) => one.sample).map((one) => one.name);
  return fail(`generate: ${folder.path} holds a run of ${name}, which makes nothing to read or to hear.`, {
    fix: `name the folder of a run of ${others.join(', ')}.`,
  });
}

async function generate(folder: RunFolder, given: GenerateJob['given'], tables: Tables): Promise<number> {
  const { settings, best } =
    folder.best() ??
    fail(`generate: there is no checkpoint in ${folder.path}.`, {
      fix: `train one: \`npx seqgpu train TASK --model NAME --out ${shellWord(folder.path)}\`.`,
    });
  const spec = taskCalled(settings.task, tables);
  const sample = sampleOf(spec, folder, tables);
  const kind = KINDS[sample.kind];
  const content = await dataOfRun(spec, settings, folder, placeIn(given, tables));
  const job = { settings, sample, content, folder: folder.beside, given };
  checkKindFlags(kind, job);
  const make = kind.prepare(job);

  const engine = await openEngine(engineOf(given));
  try {
    const { model } = makeTask(settings, content, tables).program(settings, tables.models);
    loadTrained('generate', engine, best, model, job);
    tell(await make(engine, model), engine.name, job);
  } finally {
    engine.destroy();
  }
  return 0;
}

/** The line at the end, and the object of --json. */
function tell(made: Generated, adapter: string, { settings, given }: GenerateJob): void {
  const { stepsPerSecond, seconds, length, json } = made;
  const speed = `${significant(stepsPerSecond, 3)} steps/s, ${length} steps in ${duration(seconds)}`;
  console.error(`adapter: ${adapter}\n${speed}`);
  if (!given.json) return;
  const { task, model } = settings;
  const { seed = 1, temperature = 1 } = given;
  const facts = { task, model, seed, temperature, length, stepsPerSecond, seconds, adapter };
  console.log(JSON.stringify({ ...facts, ...json }));
}
