// What the words of `--only` can mean, which is known before the steps of any model are recorded: that takes a while.

import { fail } from '../../graph/check';
import type { ShapeClass } from '../../runs/shapeClasses';
import { nameOf } from './sweepClasses';

/** The ops that know several ways. */
export const OPS: readonly string[] = (
  'product, matmul, causalConv, causalConvDx, causalConvDw, lstmSequence, lstmSequenceDx, gruSequence, ' +
  'gruSequenceDx, rnnSequence, rnnSequenceDx, selfAttention, selfAttentionDx, attention, attentionDx'
).split(', ');

/** Options, and values that are words, in the names of classes. */
export const OPTIONS: readonly string[] =
  'transposeA, transposeB, dilation, K, same, activation, relu, tanh, causal, padded, heads, scale'.split(
    ', ',
  );

const holds = (name: string, word: string): boolean => name.toLowerCase().includes(word.toLowerCase());

/** Whether a class can be called so: by an op, options, and numbers of shapes. */
const isOfClasses = (word: string): boolean =>
  word
    .trim()
    .split(/\s+/)
    .every((part) => /^[\d[\].-]+$/.test(part) || [...OPS, ...OPTIONS].some((name) => holds(name, part)));

/**
 * The models that have the classes with one of the words in what they are called: only those of that name, if that is
 * all that the words can mean. Fails where a word means nothing.
 */
export function modelsFor<M extends { readonly name: string }>(
  models: readonly M[],
  words: readonly string[] | undefined,
): readonly M[] {
  if (!words) return models;
  const named = words.map((word) => models.filter(({ name }) => holds(name, word)));
  const unknown = words.find((word, i) => !named[i].length && !isOfClasses(word));
  if (unknown !== undefined) refuse(unknown, models);
  if (words.some(isOfClasses)) return models;
  const wanted = new Set(named.flat());
  return models.filter((model) => wanted.has(model));
}

function refuse(word: string, models: readonly { readonly name: string }[]): never {
  return fail(`tune: no class has "${word}" in its name.`, {
    given: `ops: ${OPS.join(', ')}; models: ${models.map(({ name }) => name).join(', ')}`,
    fix: '--only takes a part of an op, of shapes or of a model, e.g. "jsb lstm"; or several with commas.',
  });
}

/** The classes with one of the words in what they are called. */
export function chosen(
  classes: readonly ShapeClass[],
  models: readonly { readonly name: string }[],
  words?: readonly string[],
): readonly ShapeClass[] {
  if (!words) return classes;
  const isCalled = (one: ShapeClass, word: string) =>
    [nameOf(one), ...one.models].some((name) => holds(name, word));
  const unknown = words.find((word) => !classes.some((one) => isCalled(one, word)));
  if (unknown !== undefined) refuse(unknown, models);
  return classes.filter((one) => words.some((word) => isCalled(one, word)));
}
