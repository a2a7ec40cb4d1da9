// Sound from a model of samples, of any kind, as a WAV file: of a class of one's own recordings, or a spoken digit,
// which may be drawn beside a recording of it.

import { join } from 'node:path';
import { muLawDecode } from '../../data/muLaw';
import type { OwnSound } from '../../data/own/sound';
import { RATE, SPEAKERS, fileName, type Speaker } from '../../data/spokenDigits';
import { encodeWav } from '../../data/wav';
import { Outputs, type Output } from '../../files/outputs.node';
import { fail } from '../../graph/check';
import { SoundModel } from '../../models/soundModel';
import { soundsSvg } from '../../report/sounds.node';
import { drawSounds } from '../../tasks/digits/soundGeneration';
import type { Flags } from '../flags/flags';
import type { GenerateJob, Kind } from './generateKind';
import { codesOfRecording } from './recording.node';

const DIGITS = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'] as const;
const SECONDS = 0.5;
/** Samples of 16 bits that a WAV file holds, whose sizes are of 32. */
const MOST = 2 ** 30;

/** Flags of sound. */
export const SOUND_FLAGS = {
  digit: { kind: DIGITS, help: 'of spoken digits: what is said; default 0, of whole words all ten' },
  speaker: { kind: SPEAKERS, help: 'of spoken digits: whose voice; default the first it was trained on' },
  class: {
    kind: 'text',
    help: 'of sound of your own: the folder whose sound it is to be; default the first',
  },
  seconds: { kind: 'positive', help: 'of sound: its length, in place of --length in samples; default 0.5' },
  spectrogram: {
    kind: 'text',
    help: 'of spoken digits: an SVG file for a picture beside that of a recording, which is read of the data folder',
  },
} as const satisfies Flags;

/** Sound of one's own: a WAV file of a class that the model was trained on. */
export const recording: Kind = {
  flags: ['class', 'seconds'],
  prepare(job: GenerateJob) {
    const { settings, content, folder, given } = job;
    const { rate, classes } = content as OwnSound;
    const label = labelOf(classes, given.class === undefined ? undefined : String(given.class));
    if (label > 0 && settings.condition === 'none') {
      fail(`generate: the model in ${folder} was not told the class, so it cannot be asked for one.`, {
        fix: 'leave --class out, or train one without --condition none.',
      });
    }
    const name = given.class === undefined ? 'generated' : `generated-${fileWord(classes[label])}`;
    return soundOf(job, { told: [label, 0], rate, name, about: { class: classes[label] } });
  },
};

/** A spoken digit: a WAV file, and where it is asked for a picture beside that of a recording. */
export const sound: Kind = {
  flags: ['digit', 'speaker', 'seconds', 'spectrogram'],
  prepare(job: GenerateJob) {
    const said = saidBy(job);
    const { digit, speaker } = said;
    const outputs = outputsOf(job);
    const wanted = job.given.spectrogram;
    const picture =
      wanted === undefined ? undefined : outputs.file(String(wanted), { from: '--spectrogram', kind: 'SVG' });
    const real = picture && codesOfRecording(digit, speaker, job.given.data);
    const wav = { told: [SPEAKERS.indexOf(speaker), digit], rate: RATE, about: { digit, speaker } } as const;
    return soundOf(job, { ...wav, name: `${digit}-${speaker}` }, outputs, (codes) => {
      if (!picture || !real) return {};
      picture.write(pictureOf(job.settings.model, said, [[...codes], real]));
      console.log(`${picture.path}: its spectrogram, beside that of ${fileName(digit, speaker, 0)}`);
      return { spectrogram: picture.path };
    });
  },
};

/** What is to be heard in a file. */
interface Wanted {
  readonly told: readonly [who: number, what: number];
  readonly rate: number;
  /** The name of the file, where --out names none. */
  readonly name: string;
  /** What --json says of it. */
  readonly about: Readonly<Record<string, string | number>>;
}

const outputsOf = ({ given }: GenerateJob): Outputs => new Outputs('generate', Boolean(given.overwrite));

/** Draws the sound and writes it; `more`: what else is made of its codes, and what --json says of that. */
function soundOf(
  job: GenerateJob,
  { told, rate, name, about }: Wanted,
  outputs = outputsOf(job),
  more: (codes: Uint8Array) => Readonly<Record<string, string | undefined>> = () => ({}),
): ReturnType<Kind['prepare']> {
  const { given, folder } = job;
  const seed = Number(given.seed ?? 1);
  const path = String(given.out ?? join(folder, `${name}-s${seed}.wav`));
  const wav: Output = outputs.file(path, { from: '--out', kind: 'WAV' });
  const length = samplesAsked(given, rate);
  return async (engine, model) => {
    if (!(model instanceof SoundModel)) return fail('generate: this is no model of sound.');
    const start = performance.now();
    const temperature = given.temperature === undefined ? 1 : Number(given.temperature);
    const [codes] = await drawSounds(engine, model, { told: [told], length, temperature, seed });
    const seconds = (performance.now() - start) / 1000;
    const file = wav.write(encodeWav({ rate, samples: muLawDecode(codes) }));
    console.log(file);
    const json = { file, ...about, ...more(codes) };
    return { stepsPerSecond: length / seconds, seconds, length, json };
  };
}

function samplesAsked({ length, seconds }: GenerateJob['given'], rate: number): number {
  if (length !== undefined && seconds !== undefined) {
    fail('generate: --length and --seconds both say how long it is to be.', { fix: 'give one of them.' });
  }
  const samples = Number(length ?? Math.max(1, Math.round(Number(seconds ?? SECONDS) * rate)));
  if (samples <= MOST) return samples;
  return fail(`generate: a WAV file does not hold ${samples} samples.`, {
    fix: `give a --length of at most ${MOST}, or --seconds of at most ${Math.floor(MOST / rate)}.`,
  });
}

function labelOf(classes: readonly string[], name: string | undefined): number {
  if (name === undefined) return 0;
  const label = classes.indexOf(name);
  if (label >= 0) return label;
  return fail(`generate: there is no class ${JSON.stringify(name)}.`, {
    given: `the model was trained on ${classes.map((one) => JSON.stringify(one)).join(', ')}`,
    fix: 'give --class one of them.',
  });
}

/** A name as part of that of a file. */
const fileWord = (name: string): string => name.replaceAll(/[^\p{L}\p{N}_-]+/gu, '-');

interface Said {
  readonly digit: number;
  readonly speaker: Speaker;
}

/** What to say, where the model was told of it. */
function saidBy({ settings, given, folder }: GenerateJob): Said {
  const { speaker: trained = 'both', condition = 'both' } = settings;
  if (settings.features) {
    fail(`generate: the model in ${folder} is told spectrum and pitch, which nobody has of a new word.`, {
      fix:
        'train a model that says them by `npx seqgpu train speech --model lstm`, and give ' +
        `\`npx seqgpu generate ITS_FOLDER --vocoder ${folder}\`.`,
    });
  }
  const told = (what: 'digit' | 'speaker') => condition === 'both' || condition === what;
  for (const what of ['digit', 'speaker'] as const) {
    if (given[what] === undefined || told(what)) continue;
    fail(`generate: the model in ${folder} was not told the ${what}, so it cannot be asked for one.`, {
      given: `trained with --condition ${condition}`,
      fix: `leave --${what} out, or train one with --condition both.`,
    });
  }
  const asked = SPEAKERS.find((name) => name === given.speaker);
  if (trained !== 'both' && asked && asked !== trained) {
    fail(`generate: the model in ${folder} has heard ${trained} only, not ${asked}.`, {
      fix: `leave --speaker out, or train one with --speaker both.`,
    });
  }
  return { digit: Number(given.digit ?? 0), speaker: asked ?? (trained === 'both' ? SPEAKERS[0] : trained) };
}

function pictureOf(model: string, { digit, speaker }: Said, [made, real]: readonly number[][]): string {
  const sounds = [
    { name: `${model}: “${digit}” by ${speaker}`, codes: made },
    { name: `recording: ${fileName(digit, speaker, 0)}`, codes: real },
  ];
  return soundsSvg({ kind: 'sounds', title: '', rate: RATE, sounds });
}
