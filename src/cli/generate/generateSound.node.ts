// Speech, for `seqgpu generate`: a spoken digit out of a trained WaveNet, as a WAV file, and as a picture beside that
// of a recording.

import { readFileSync } from 'node:fs';
import { dataFile } from '../../data/folder.node';
import { muLawDecode, muLawEncode } from '../../data/muLaw';
import { RATE, SPEAKERS, fileName, type Speaker } from '../../data/spokenDigits';
import { decodeWav, encodeWav } from '../../data/wav';
import type { Engine } from '../../gpu/engine';
import { fail } from '../../graph/check';
import type { Sounds } from '../../report/figure';
import { speak } from '../../tasks/digits/soundGeneration';
import { SoundModel } from '../../models/soundModel';
import { loadCheckpoint } from '../../train/checkpoint';
import { adapterLine, openEngine } from '../engine/adapter.node';
import type { Flags } from '../flags/flags';
import { Outputs, type Output } from '../../files/outputs.node';
import { RunFolder } from '../../runs/runFolder.node';
import type { Settings } from '../../runs/settings';
import { soundsSvg } from '../../report/sounds.node';
import { significant } from '../../report/text.node';

const DIGITS = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'] as const;
const FOLDER = 'runs/digits-wavenet-s1';

/** Flags of speech. */
export const SOUND_FLAGS = {
  digit: { kind: DIGITS, help: 'of speech: what is said; default 0' },
  speaker: { kind: SPEAKERS, help: 'of speech: whose voice; default the first it was trained on' },
  run: { kind: 'text', help: `of generate wavenet: folder of the run; otherwise ${FOLDER}` },
  seconds: { kind: 'positive', help: 'of speech: its length; default 0.5' },
  spectrogram: { kind: 'text', help: 'of speech: an SVG file for its picture beside that of a recording' },
} as const satisfies Flags;

/** The flags that speech takes, in camelCase. */
export interface Given {
  readonly digit?: (typeof DIGITS)[number];
  readonly speaker?: Speaker;
  readonly out?: string;
  readonly run?: string;
  readonly seconds?: number;
  readonly temperature?: number;
  readonly seed?: number;
  readonly spectrogram?: string;
  readonly overwrite?: boolean;
  readonly data?: string;
  readonly family?: 'direct' | 'workgroup';
}

/** Speaks a digit by the WaveNet in a folder and writes it; `given`: flags in camelCase. Gives the exit code. */
export async function generateSound(given: Given): Promise<number> {
  const folder = given.run ?? FOLDER;
  const { settings, best } =
    new RunFolder(folder).best() ??
    fail(`generate: there is no trained wavenet in ${folder}.`, {
      fix: 'train one by `npx seqgpu train digits --model wavenet`, or name the folder of a run with --run.',
    });
  const said = saidBy(settings, given, folder);
  const files = filesOf(said, given);
  const engine = await openEngine({ family: given.family });
  try {
    console.log(await adapterLine(engine));
    const model = new SoundModel(settings);
    loadCheckpoint(engine, best, folder, { model });
    const spoken = await speech(engine, model, said, given);
    writeSpeech(files, said, spoken, model.wavenet!.receptiveField);
  } finally {
    engine.destroy();
  }
  return 0;
}

/** What is written: the sound and, where it was asked for, its picture beside that of a recording. */
interface Files {
  readonly wav: Output;
  readonly picture?: Output;
  /** The codes of the recording. */
  readonly real?: number[];
}

function filesOf(said: Said, given: Given): Files {
  const outputs = new Outputs('generate', given.overwrite);
  const out = given.out ?? `${said.digit}-${said.speaker}.wav`;
  const wav = outputs.file(out, { from: '--out', kind: 'WAV' });
  if (!given.spectrogram) return { wav };
  const picture = outputs.file(given.spectrogram, { from: '--spectrogram', kind: 'SVG' });
  return { wav, picture, real: recordingOf(said, given.data) };
}

/** Codes, and how many a second were made. */
interface Speech {
  readonly codes: Uint8Array;
  readonly rate: number;
}

async function speech(engine: Engine, model: SoundModel, said: Said, given: Given): Promise<Speech> {
  const { seconds = 0.5, temperature = 1, seed = 1 } = given;
  const length = Math.max(1, Math.round(seconds * RATE));
  const start = performance.now();
  const codes = await speak(engine, model, { ...said, length, temperature, seed });
  return { codes, rate: (1000 * length) / (performance.now() - start) };
}

/** Writes the files, and a line for each; `sees`: samples in the sight of the net. */
function writeSpeech({ wav, picture, real }: Files, said: Said, { codes, rate }: Speech, sees: number): void {
  const { digit, speaker } = said;
  const seconds = codes.length / RATE;
  wav.write(encodeWav({ rate: RATE, samples: muLawDecode(codes) }));
  const speed = `${significant(rate, 3)} samples/s, ${sees} in sight`;
  console.log(`${wav.path}: "${digit}" by ${speaker}, ${seconds} s, ${speed}`);
  if (!picture || !real) return;
  picture.write(soundsSvg(pictureOf(said, [...codes], real)));
  console.log(`${picture.path}: its spectrogram, beside that of ${fileName(digit, speaker, 0)}`);
}

interface Said {
  readonly digit: number;
  readonly speaker: Speaker;
}

/** What to say, where the model was told of it. */
function saidBy(settings: Settings, given: Given, folder: string): Said {
  const { task, model, speaker: trained = 'both', condition = 'both' } = settings;
  if (task !== 'digits' || model !== 'wavenet') {
    fail(`generate: ${folder} holds the run of a ${model} on ${task}, not of a wavenet on digits.`, {
      fix: 'name another folder with --run, or train one by `npx seqgpu train digits --model wavenet`.',
    });
  }
  if (settings.features) {
    fail(`generate: the wavenet in ${folder} is told spectrum and pitch, which nobody has of a new word.`, {
      fix: `train an LSTM that says them, and give \`npx seqgpu generate ITS_FOLDER --wavenet ${folder}\`.`,
    });
  }
  const told = (what: 'digit' | 'speaker') => condition === 'both' || condition === what;
  for (const what of ['digit', 'speaker'] as const) {
    if (given[what] === undefined || told(what)) continue;
    fail(`generate: the wavenet in ${folder} was not told the ${what}, so it cannot be asked for one.`, {
      given: `trained with --condition ${condition}`,
      fix: `leave --${what} out, or train one with --condition both.`,
    });
  }
  if (trained !== 'both' && given.speaker && given.speaker !== trained) {
    fail(`generate: the wavenet in ${folder} has heard ${trained} only, not ${given.speaker}.`, {
      fix: `leave --speaker out, or train one with --speaker both.`,
    });
  }
  const speaker = given.speaker ?? (trained === 'both' ? SPEAKERS[0] : trained);
  return { digit: Number(given.digit ?? 0), speaker };
}

/** The codes of the first recording of the test that says the same. */
function recordingOf({ digit, speaker }: Said, data: string | undefined): number[] {
  const path = dataFile(`fsdd/${fileName(digit, speaker, 0)}`, { option: data });
  return [...muLawEncode(decodeWav(readFileSync(path), path).samples)];
}

const pictureOf = ({ digit, speaker }: Said, made: number[], real: number[]): Sounds => ({
  kind: 'sounds',
  title: '',
  rate: RATE,
  sounds: [
    { name: `WaveNet: “${digit}” by ${speaker}`, codes: made },
    { name: `recording: ${fileName(digit, speaker, 0)}`, codes: real },
  ],
});
