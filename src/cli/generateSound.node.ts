// Speech, for `seqgpu generate`: a spoken digit out of a trained WaveNet, as a WAV file, and as a picture beside that
// of a recording.

import { readFileSync } from 'node:fs';
import { dataFile } from '../data/folder.node';
import { muLawDecode, muLawEncode } from '../data/muLaw';
import { RATE, SPEAKERS, fileName, type Speaker } from '../data/spokenDigits';
import { decodeWav, encodeWav } from '../data/wav';
import { fail } from '../graph/check';
import type { Sounds } from '../report/figure';
import { speak } from '../tasks/digits/soundGeneration';
import { SoundModel } from '../models/soundModel';
import { loadCheckpoint } from '../train/checkpoint';
import { adapterLine, openEngine } from './adapter.node';
import type { Flags } from './flags';
import { Outputs } from '../files/outputs.node';
import { RunFolder } from '../runs/runFolder.node';
import type { Settings } from '../runs/settings';
import { soundsSvg } from '../report/sounds.node';
import { significant } from '../report/text.node';

const DIGITS = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'] as const;
const FOLDER = 'runs/digits-wavenet-s1';

export const SOUND_FLAGS = {
  digit: { kind: DIGITS, help: 'of speech: what is said; default 0' },
  speaker: { kind: SPEAKERS, help: 'of speech: whose voice; default the first it was trained on' },
  run: { kind: 'text', help: `of generate wavenet: folder of the run; otherwise ${FOLDER}` },
  seconds: { kind: 'positive', help: 'of speech: its length; default 0.5' },
  spectrogram: { kind: 'text', help: 'of speech: an SVG file for its picture beside that of a recording' },
} as const satisfies Flags;

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

/** `given`: flags in camelCase, those of SOUND_FLAGS. */
export async function generateSound(given: Given): Promise<number> {
  const folder = given.run ?? FOLDER;
  const { settings, best } =
    new RunFolder(folder).best() ??
    fail(`generate: there is no trained wavenet in ${folder}.`, {
      fix: 'train one by `npx seqgpu train digits --model wavenet`, or name the folder of a run with --run.',
    });
  const said = saidBy(settings, given, folder);
  const { digit, speaker } = said;
  const out = given.out ?? `${digit}-${speaker}.wav`;
  const outputs = new Outputs('generate', given.overwrite);
  const wav = outputs.file(out, { from: '--out', kind: 'WAV' });
  const picture =
    given.spectrogram && outputs.file(given.spectrogram, { from: '--spectrogram', kind: 'SVG' });
  const real = given.spectrogram && recordingOf(said, given.data);

  const engine = await openEngine({ family: given.family });
  try {
    console.log(await adapterLine(engine));
    const model = new SoundModel(settings);
    loadCheckpoint(engine, best, folder, { model });
    const length = Math.max(1, Math.round((given.seconds ?? 0.5) * RATE));
    const start = performance.now();
    const codes = await speak(engine, model, {
      digit,
      speaker,
      length,
      temperature: given.temperature ?? 1,
      seed: given.seed ?? 1,
    });
    const rate = (1000 * length) / (performance.now() - start);
    wav.write(encodeWav({ rate: RATE, samples: muLawDecode(codes) }));
    const sees = model.wavenet!.receptiveField;
    console.log(
      `${out}: "${digit}" by ${speaker}, ${length / RATE} s, ${significant(rate, 3)} samples/s, ${sees} in sight`,
    );
    if (picture && real) {
      const figure = pictureOf(said, [...codes], real);
      picture.write(soundsSvg(figure));
      console.log(`${given.spectrogram}: its spectrogram, beside that of ${fileName(digit, speaker, 0)}`);
    }
  } finally {
    engine.destroy();
  }
  return 0;
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
