// Music as steps of keys, or anything else where every value of a step is yes or no: each is drawn by itself, given all
// steps before.

import type { Engine } from '../gpu/engine';
import { callerLine, fail, hereStack } from '../graph/check';
import { asTyped, type Numbers } from '../graph/numbers';
import { checked, count, numbers, type Rules } from '../graph/options';
import type { TypedArray } from '../graph/shape';
import { State } from '../graph/state';
import type { Stepwise } from '../nn/stepwise';
import { bernoulli } from '../ops/random/bernoulli';
import { reshape } from '../ops/layout/view';
import { GENERATE_RULES, checkHistory, checkModel, drawAll, type GenerateOptions, type Speed } from './loop';

/** What `generateFrames` can be asked for. */
export interface FrameOptions extends GenerateOptions {
  /** Values of a step. */
  readonly channels: number;
  /** Steps that stand before, of zeros and ones, one behind the other: at least one. */
  readonly prompt: Numbers;
}

/** What `generateFrames` has drawn, and how fast. */
export interface Frames extends Speed {
  /** The steps that were drawn of every sequence, [length, channels], without the prompt. */
  readonly sequences: readonly Float32Array[];
}

const RULES: Rules<FrameOptions> = { ...GENERATE_RULES, prompt: numbers, channels: count };

/**
 * Draws steps of zeros and ones from a model that takes x [B, 1, channels] to logits [B, 1, channels], such as
 * nn.SequenceModel. All of it happens on the device: many steps are one submit.
 */
export async function generateFrames(
  engine: Engine,
  model: Stepwise,
  options: FrameOptions,
): Promise<Frames> {
  checked('generateFrames', options, RULES, 'prompt', 'length', 'channels');
  const { prompt, channels, length, seed = 1, batch = 1, temperature } = options;
  const before = knownSteps(prompt, channels);
  const known = prompt.length / channels;
  const at = callerLine(hereStack());
  checkModel('generateFrames', model, at);
  checkHistory(engine, 'generateFrames', { batch, known, length, each: channels }, at);
  const long = prompt.length + length * channels;
  const values = Float32Array.from({ length: batch * long }, (_, i) => before[i % long] ?? 0);
  const drawn = await drawAll(
    {
      engine,
      model,
      batch,
      history: () => new State([batch, long / channels, channels], () => values, 'history'),
      seed,
      draw: (logits, random) => bernoulli(reshape(logits, [batch, channels]), { ...random, temperature }),
    },
    known,
    length,
  );
  const all = drawn.values as Float32Array;
  const sequences = Array.from({ length: batch }, (_, b) =>
    all.slice(b * long + prompt.length, (b + 1) * long),
  );
  return { seconds: drawn.seconds, stepsPerSecond: drawn.stepsPerSecond, sequences };
}

/** The prompt as f32: whole steps of finite numbers. */
function knownSteps(prompt: Numbers, channels: number): TypedArray {
  const refuse = (message: string, fix: string) =>
    fail(`generateFrames: ${message}`, { at: callerLine(hereStack()), fix });
  const known = prompt.length / channels;
  if (!Number.isInteger(known) || known < 1)
    refuse(
      `${prompt.length} values are no steps of ${channels}.`,
      'give at least one whole step as the prompt.',
    );
  const steps = asTyped(prompt, 'f32', 'the prompt');
  const wrong = steps.findIndex((value) => !Number.isFinite(value));
  if (wrong >= 0) refuse(`prompt[${wrong}] is ${steps[wrong]}.`, 'give zeros and ones.');
  return steps;
}
