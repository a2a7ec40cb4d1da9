// Text, or anything else that comes as numbers of symbols: each is drawn from the model's distribution given all
// before.

import type { Engine } from '../gpu/engine';
import { callerLine, fail, hereStack } from '../graph/check';
import { asTyped, type Numbers } from '../graph/numbers';
import { NONE } from '../graph/none';
import { checked, numbers, type Rules } from '../graph/options';
import { State } from '../graph/state';
import type { TypedArray } from '../graph/shape';
import type { Stepwise } from '../nn/stepwise';
import { SAMPLE, sample } from '../ops/random/sample';
import { reshape } from '../ops/layout/view';
import { GENERATE_RULES, checkHistory, runLoop, type GenerateOptions, type Speed } from './loop';

/** What `generateTokens` can be asked for. */
export interface TokenOptions extends GenerateOptions {
  /** Symbols that stand before, at least one: what the model goes on from. */
  readonly prompt: Numbers;
  /** Draw from the k likeliest symbols only; see sample. */
  readonly topK?: number;
  /** Draw from the nucleus only: the likeliest symbols that have p of the probability together; see sample. */
  readonly topP?: number;
}

/** What `generateTokens` has drawn, and how fast. */
export interface Tokens extends Speed {
  /** The symbols that were drawn for every sequence, without the prompt. */
  readonly sequences: readonly Uint32Array[];
}

const RULES: Rules<TokenOptions> = {
  ...GENERATE_RULES,
  prompt: numbers,
  topK: SAMPLE.topK,
  topP: SAMPLE.topP,
};

/**
 * Draws symbols from a model that takes u32 ids [B, 1] to logits [B, 1, V], such as nn.LanguageModel, nn.GatedConvLM or
 * nn.TransformerLM. All of it happens on the device: many symbols are one submit.
 */
export async function generateTokens(
  engine: Engine,
  model: Stepwise,
  options: TokenOptions,
): Promise<Tokens> {
  checked('generateTokens', options, RULES, 'prompt', 'length');
  const { prompt, length, seed = 1, batch = 1, temperature, topK, topP } = options;
  const at = callerLine(hereStack());
  if (!prompt.length) {
    const fix = 'give at least one symbol, e.g. that of the end of a line.';
    fail('generateTokens: the prompt is empty.', { at, fix });
  }
  const long = prompt.length + length;
  const before = asTyped(prompt, 'u32', 'the prompt');
  checkHistory(engine, 'generateTokens', { batch, known: prompt.length, length, each: 1 }, at);
  const known = Uint32Array.from({ length: batch * long }, (_, i) => before[i % long] ?? 0);
  const history = new State([batch, long], () => known, 'history', 'u32');
  const { values, ...speed } = await runLoop(
    {
      engine,
      model,
      history,
      seed,
      check: (symbols) => checkPrompt(before, symbols, at),
      draw: (logits, random) => sample(reshape(logits, [batch, -1]), { ...random, temperature, topK, topP }),
    },
    prompt.length,
    length,
  );
  const all = values as Uint32Array;
  if (all.includes(NONE)) {
    fail("generateTokens: the model's logits are not finite.", {
      at,
      fix: 'use a model that did not diverge.',
    });
  }
  const sequences = Array.from({ length: batch }, (_, b) =>
    all.slice(b * long + prompt.length, (b + 1) * long),
  );
  return { ...speed, sequences };
}

function checkPrompt(prompt: TypedArray, symbols: number, at: string): void {
  const wrong = prompt.findIndex((id) => id >= symbols);
  if (wrong < 0) return;
  fail(`generateTokens: prompt[${wrong}] is ${prompt[wrong]}, but the vocabulary has ${symbols} symbols.`, {
    at,
    fix: `give whole numbers from 0 to ${symbols - 1}.`,
  });
}
