// `seqgpu generate FOLDER`: what a trained model makes when it goes on by itself, from the checkpoint of any run. What
// is made, and how, is one module a kind of output.

import { shellWord } from '../files/shellWord';
import { fail, SeqgpuError } from '../graph/check';
import type { Engine } from '../gpu/engine';
import { loadCheckpoint } from '../train/checkpoint';
import { FAMILY_FLAG, familyOf, openEngine } from './adapter.node';
import { PLACE_FLAGS, placeIn } from './place';
import { dataOfRun } from '../runs/readData.node';
import { kebabCase } from '../spec/option';
import { readFlags, type Flags } from './flags';
import { checkKindFlags, type GenerateJob, type Kind } from './generateKind';
import { music } from './generateMusic.node';
import { SOUND_FLAGS, generateSound, type Given as GivenOfSound } from './generateSound.node';
import { recording } from './generateRecording.node';
import { series } from './generateSeries.node';
import { text } from './generateText.node';
import { makeTask } from '../runs/outcome';
import { TABLES, taskCalled } from '../runs/tables';
import type { Sample } from '../tasks/taskSpec';
import { RunFolder } from '../runs/runFolder.node';
import { duration, significant } from '../report/text.node';

export const GENERATE_FLAGS = {
  length: { kind: 'count', help: 'words, characters, or steps of music to make' },
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
  out: { kind: 'text', help: 'file to write: text; of music MIDI, with a picture beside it; of speech WAV' },
  overwrite: { kind: 'switch', help: 'write over files that are there' },
  class: {
    kind: 'text',
    help: 'of sound of your own: the folder whose sound it is to be; default the first',
  },
  ...SOUND_FLAGS,
  ...PLACE_FLAGS,
  ...FAMILY_FLAG,
  json: { kind: 'switch', help: 'make the last line of the output one JSON object' },
} as const satisfies Flags;

/** How each kind of sample is made; sound is made by generateSound. */
const KINDS: Readonly<Record<Exclude<Sample['kind'], 'sound'>, Kind>> = { text, music, recording, series };

export function readGenerateCommand(words: readonly string[]): () => Promise<number> {
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
  if (folder === WAVENET) {
    refuseOthers(given);
    return () => generateSound(given as GivenOfSound);
  }
  if (given.run !== undefined)
    fail('generate: --run goes with `generate wavenet`.', { fix: 'leave it out.' });
  return () => generate(new RunFolder(folder), given);
}

/** In place of a folder: speech, from the folder that --run names. */
const WAVENET = 'wavenet';
const OF_SOUND = [...Object.keys(SOUND_FLAGS), 'out', 'temperature', 'seed', 'overwrite', 'data', 'family'];

function refuseOthers(given: GenerateJob['given']): void {
  const other = Object.keys(given)
    .map(kebabCase)
    .find((name) => !OF_SOUND.includes(name));
  if (other) fail(`generate: --${other} does not go with speech.`, { fix: 'leave it out.' });
}

async function generate(folder: RunFolder, given: GenerateJob['given']): Promise<number> {
  const { settings, best } =
    folder.best() ??
    fail(`generate: there is no checkpoint in ${folder.path}.`, {
      fix: `train one: \`npx seqgpu train TASK --model NAME --out ${shellWord(folder.path)}\`.`,
    });
  const { task } = settings;
  const spec = taskCalled(task, TABLES);
  const { sample } = spec;
  if (!sample) {
    const others = TABLES.tasks.filter((one) => one.sample).map(({ name }) => name);
    fail(`generate: ${folder.path} holds a run of ${task}, which makes nothing to read or to hear.`, {
      fix: `name the folder of a run of ${others.join(', ')}.`,
    });
  }
  if (sample.kind === 'sound') {
    refuseOthers(given);
    return generateSound({ ...(given as GivenOfSound), run: folder.path });
  }
  const kind = KINDS[sample.kind];
  const content = dataOfRun(spec, settings, folder, placeIn(given));
  const job = { settings, sample, content, folder: folder.path, given };
  checkKindFlags(kind, job);
  const make = kind.prepare(job);

  const engine = await openEngine({ family: familyOf(given) });
  try {
    const { model } = makeTask(settings, content).program(settings);
    load(engine, best, model);
    const made = await make(engine, model);
    const { stepsPerSecond, seconds, length } = made;
    const speed = `${significant(stepsPerSecond, 3)} steps/s, ${length} steps in ${duration(seconds)}`;
    console.error(`adapter: ${engine.name}\n${speed}`);
    if (given.json) {
      const facts = {
        task,
        model: settings.model,
        seed: given.seed ?? 1,
        temperature: given.temperature ?? 1,
      };
      console.log(
        JSON.stringify({ ...facts, length, stepsPerSecond, seconds, adapter: engine.name, ...made.json }),
      );
    }
  } finally {
    engine.destroy();
  }
  return 0;

  function load(engine: Engine, stored: typeof best, model: Parameters<typeof loadCheckpoint>[3]['model']) {
    try {
      loadCheckpoint(engine, stored, folder.path, { model });
    } catch (error) {
      if (!(error instanceof SeqgpuError)) throw error;
      fail(
        `generate: the checkpoint in ${folder.path} is not the ${settings.model} of ${task} that its settings ask for.`,
        {
          given: error.message.split('\n')[0],
          fix: 'put the files of one run together again, or train another.',
        },
      );
    }
  }
}
