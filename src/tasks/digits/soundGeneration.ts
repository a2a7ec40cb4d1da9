// Sound out of a trained WaveNet. A sample is a step that the device repeats by itself: what the net answers to the
// last code, a draw from it, and its place in the sound. Every layer looks into a ring of its past inputs, so that a
// sample costs the same however far the net sees (Le Paine et al. 2016); `naiveStep` is the way without rings.

import { SILENCE } from '../../data/muLaw';
import { DIGITS, SPEAKERS, type Speaker } from '../../data/spokenDigits';
import type { Engine, Step } from '../../gpu/engine';
import { fail } from '../../graph/check';
import { assign } from '../../graph/assign';
import { array } from '../../graph/host';
import { State } from '../../graph/state';
import type { Tensor } from '../../graph/tensor';
import type { Conditions, WaveNet } from '../../nn/waveNet/waveNet';
import { advance } from '../../ops/layout/advance';
import { concat } from '../../ops/layout/concat';
import { sample } from '../../ops/random/sample';
import { reshape, slice } from '../../ops/layout/view';
import { writeAt } from '../../ops/layout/writeAt';
import type { SoundModel } from '../../models/soundModel';

/** What is to be said, by whom, and how it is drawn. */
export interface Utterance {
  readonly digit: number;
  readonly speaker: Speaker;
  /** Samples. */
  readonly length: number;
  /** Divides the logits; 0: always the likeliest code. Default: 1. */
  readonly temperature?: number;
  readonly seed: number;
  /** Samples so far. */
  readonly onProgress?: (done: number) => void;
}

/** Samples between two calls of onProgress. */
export const PART = 500;

/** A spoken digit as μ-law codes: the first comes behind silence. */
export async function speak(engine: Engine, model: SoundModel, utterance: Utterance): Promise<Uint8Array> {
  const { digit, speaker, ...rest } = utterance;
  wavenetOf(model);
  checkSaid(utterance);
  return speakCodes(engine, model, { ...rest, told: [SPEAKERS.indexOf(speaker), digit] });
}

/** What is to be heard of: the numbers that the model is told, of who speaks and of what is said. */
export interface Told extends Omit<Utterance, 'digit' | 'speaker'> {
  readonly told: readonly [who: number, what: number];
}

/** The same of any model of sound, by numbers. */
export async function speakCodes(engine: Engine, model: SoundModel, options: Told): Promise<Uint8Array> {
  const { told, length, temperature = 1, seed, onProgress } = options;
  const net = wavenetOf(model);
  const memory = net.memory(1);
  if (memory.beside.length) {
    const begin = engine.record((who: Tensor, what: Tensor) =>
      net.condition(memory, model.condition(who, what)!),
    );
    const [who, what] = told.map((value) => array([1], Uint32Array.of(value)));
    begin(who, what);
  }
  const sound = new State([1, length], 'zeros', 'sound', 'u32');
  const step = sampleStep(engine, sound, temperature, (codes, position) => net.step(codes, memory, position));
  for (let done = 0; done < length;) {
    const now = Math.min(PART, length - done);
    await step.repeat(now, array([1], Uint32Array.of(seed)));
    await engine.idle();
    done += now;
    onProgress?.(done);
  }
  return Uint8Array.from(await engine.read(sound));
}

const wavenetOf = (model: SoundModel): WaveNet =>
  model.wavenet ?? fail('speak: this model is not a wavenet.', { fix: 'train one with --model wavenet.' });

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

/** A step that makes the next sample of `sound` [B, N] with rings: what a layer has seen is kept. */
export const cachedStep = (engine: Engine, net: WaveNet, sound: State): Step<void> => {
  const memory = net.memory(sound.shape[0]);
  return sampleStep(engine, sound, 1, (codes, position) => net.step(codes, memory, position));
};

/** One sample without rings: everything that the net sees is computed anew, which takes far longer; for comparison. */
export function naiveStep(engine: Engine, net: WaveNet, sound: State, conditions?: Conditions): Step<void> {
  const [B] = sound.shape;
  const T = net.receptiveField;
  const seen = new State([B, T], (size) => new Uint32Array(size).fill(SILENCE), 'seen', 'u32');
  return sampleStep(engine, sound, 1, (codes) => {
    const window = concat([slice(seen, 1, 1, T), reshape(codes, [B, 1])], 1);
    assign(seen, window);
    return slice(reshape(net.forward(window, conditions), [B, T, -1]), 1, T - 1, T);
  });
}

/** `answer` gives logits [B, classes], or [B, 1, classes], to the codes [B] of a position. */
export function sampleStep(
  engine: Engine,
  sound: State,
  temperature: number,
  answer: (codes: Tensor, position: Tensor) => Tensor,
): Step<void> {
  const [B] = sound.shape;
  const codes = new State([B], (size) => new Uint32Array(size).fill(SILENCE), 'codes', 'u32');
  const position = new State([1], 'zeros', 'position', 'u32');
  return engine.record((seed: Tensor) => {
    const logits = reshape(answer(codes, position), [B, -1]);
    const next = sample(logits, { seed, counter: position, temperature });
    writeAt(sound, position, next);
    assign(codes, next);
    advance(position);
  });
}
