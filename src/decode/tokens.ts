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
import {
  GENERATE_RULES,
  checkHistory,
  checkModel,
  mostSteps,
  runLoop,
  type Drawn,
  type GenerateOptions,
  type Speed,
} from './loop';

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

/** Symbols that a history has room for, where not all are drawn at once. */
const ROOM = 2 ** 16;
/** The most symbols that are handed out at once while they are drawn. */
const PIECE = 2 ** 12;

/**
 * Draws symbols from a model that takes u32 ids [B, 1] to logits [B, 1, V], such as nn.LanguageModel, nn.GatedConvLM or
 * nn.TransformerLM. All of it happens on the device: many symbols are one submit.
 */
export async function generateTokens(
  engine: Engine,
  model: Stepwise,
  options: TokenOptions,
): Promise<Tokens> {
  const pieces: Tokens[] = [];
  for await (const piece of tokensIn('generateTokens', engine, model, options)) pieces.push(piece);
  const sequences = Array.from({ length: options.batch ?? 1 }, (_, b) => {
    const all = new Uint32Array(options.length);
    let at = 0;
    for (const piece of pieces) {
      all.set(piece.sequences[b], at);
      at += piece.sequences[b].length;
    }
    return all;
  });
  return { ...pieces.at(-1)!, sequences };
}

/**
 * The same symbols piece by piece, while they are drawn: few at first, later as many as a moment brings. What went
 * before is not kept, so there may be any number of them; whoever has enough leaves the loop. A piece says how fast all
 * of it was up to then.
 *
 *   for await (const { sequences: [ids] } of streamTokens(engine, model, { prompt, length: 1e9 })) show(ids);
 */
export const streamTokens = (
  engine: Engine,
  model: Stepwise,
  options: TokenOptions,
): AsyncGenerator<Tokens, void> => tokensIn('streamTokens', engine, model, options, PIECE);

/** Pieces of at most so many symbols; default: as few as there may be. */
function tokensIn(
  subject: string,
  engine: Engine,
  model: Stepwise,
  options: TokenOptions,
  piece?: number,
): AsyncGenerator<Tokens, void> {
  checked(subject, options, RULES, 'prompt', 'length');
  const { prompt, length, seed = 1, batch = 1, temperature, topK, topP } = options;
  const at = callerLine(hereStack());
  checkModel(subject, model, at);
  const known = prompt.length;
  if (!known) {
    const fix = 'give at least one symbol, e.g. that of the end of a line.';
    fail(`${subject}: the prompt is empty.`, { at, fix });
  }
  const before = asTyped(prompt, 'u32', 'the prompt');
  const most = Math.min(length, piece ?? ROOM, Math.max(1, mostSteps(engine, { batch, known, each: 1 })));
  checkHistory(engine, subject, { batch, known, length: most, each: 1 }, at);
  const history = (again: number) => {
    const N = Math.min(known + length, Math.max(known, again + 1) + most);
    const values = () => Uint32Array.from({ length: batch * N }, (_, i) => before[i % N] ?? 0);
    return new State([batch, N], values, 'history', 'u32');
  };
  const loop = runLoop(
    {
      engine,
      model,
      batch,
      history,
      seed,
      most: piece || most < length ? most : undefined,
      check: (symbols) => checkPrompt(subject, before, symbols, at),
      draw: (logits, random) => sample(reshape(logits, [batch, -1]), { ...random, temperature, topK, topP }),
    },
    known,
    length,
  );
  return handedOut(loop, batch, subject, at);
}

async function* handedOut(
  loop: AsyncGenerator<Drawn>,
  batch: number,
  subject: string,
  at: string,
): AsyncGenerator<Tokens, void> {
  for await (const { from, to, values, seconds, stepsPerSecond } of loop) {
    const N = values.length / batch;
    const sequences = Array.from({ length: batch }, (_, b) =>
      Uint32Array.from({ length: to - from }, (_none, i) => Number(values[b * N + ((from + i) % N)])),
    );
    if (sequences.some((symbols) => symbols.includes(NONE))) {
      fail(`${subject}: the model's logits are not finite.`, {
        at,
        fix: 'use a model that did not diverge.',
      });
    }
    yield { seconds, stepsPerSecond, sequences };
  }
}

function checkPrompt(subject: string, prompt: TypedArray, symbols: number, at: string): void {
  const wrong = prompt.findIndex((id) => id >= symbols);
  if (wrong < 0) return;
  fail(`${subject}: prompt[${wrong}] is ${prompt[wrong]}, but the vocabulary has ${symbols} symbols.`, {
    at,
    fix: `give whole numbers from 0 to ${symbols - 1}.`,
  });
}
