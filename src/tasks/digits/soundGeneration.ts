// Sound out of a trained model, sample by sample, on the device: codes are tokens, and what stands before the first is
// silence. Sounds are made side by side, and each is told what is its own.

import { SILENCE } from '../../data/muLaw';
import { DIGITS, SPEAKERS, type Speaker } from '../../data/spokenDigits';
import { streamTokens } from '../../decode/tokens';
import type { Engine } from '../../gpu/engine';
import { fail } from '../../graph/check';
import type { HostArray } from '../../graph/host';
import { State } from '../../graph/state';
import type { SoundModel } from '../../models/soundModel';
import type { Stepwise } from '../../nn/stepwise';

/** How sounds are drawn. */
interface Drawing {
  /** Samples. */
  readonly length: number;
  /** Divides the logits; 0: always the likeliest code. Default: 1. */
  readonly temperature?: number;
  readonly seed: number;
  /** Samples so far. */
  readonly onProgress?: (done: number) => void;
}

/** What is to be said, by whom, and how it is drawn. */
export interface Utterance extends Drawing {
  readonly digit: number;
  readonly speaker: Speaker;
}

/** What is to be heard of sounds that are made side by side, and how they are drawn. */
export interface SoundsToDraw extends Drawing {
  /** Who speaks, or the class, and what is said, for each; a model that is told less listens to less. */
  readonly told: readonly (readonly [who: number, what: number])[];
  /** f32 [sounds, length, features], of a model that is told features beside every sample. */
  readonly features?: HostArray;
}

/** A spoken digit as μ-law codes; fails where the digit or the speaker is unknown. */
export async function speak(engine: Engine, model: SoundModel, utterance: Utterance): Promise<Uint8Array> {
  const { digit, speaker, ...drawing } = utterance;
  checkSaid(utterance);
  const told = [[SPEAKERS.indexOf(speaker), digit]] as const;
  const [codes] = await drawSounds(engine, model, { ...drawing, told });
  return codes;
}

/** The μ-law codes of the sounds, of a model of any kind. */
export async function drawSounds(
  engine: Engine,
  model: SoundModel,
  { told, features, length, temperature, seed, onProgress }: SoundsToDraw,
): Promise<Uint8Array[]> {
  const [speakers, digits] = [0, 1].map(
    (i) => new State([told.length], () => Uint32Array.from(told, (one) => one[i]), 'told', 'u32'),
  );
  const beside = features && new State(features.shape, () => Float32Array.from(features.data), 'features');
  const about = { speakers, digits, features: beside };
  const sounds = told.map(() => new Uint8Array(length));
  const stepwise: Stepwise = { stepper: (memory) => model.stepper(memory, about) };
  const prompt = [SILENCE];
  const pieces = streamTokens(engine, stepwise, { prompt, batch: told.length, length, temperature, seed });
  let done = 0;
  try {
    for await (const { sequences } of pieces) {
      sequences.forEach((codes, b) => sounds[b].set(codes, done));
      done += sequences[0].length;
      onProgress?.(done);
    }
  } finally {
    for (const state of [speakers, digits, beside]) state?.destroy();
  }
  return sounds;
}

function checkSaid({ digit, speaker }: Utterance): void {
  if (!SPEAKERS.includes(speaker)) {
    fail(`speak: the speaker "${speaker}" is none of the ${SPEAKERS.length}.`, {
      fix: `name ${SPEAKERS.join(', ')}.`,
    });
  }
  if (!(Number.isInteger(digit) && digit >= 0 && digit < DIGITS)) {
    fail(`speak: the digit ${digit} is none of the ${DIGITS}.`, {
      fix: `give a whole number from 0 to ${DIGITS - 1}.`,
    });
  }
}
