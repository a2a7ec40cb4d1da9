// The systems of study `translation` with what came of them, and what is measured in words.

import { spreadOf } from '../spread';
import type { System } from './translationCells';
import type { TranslationResult } from './translationRun';

/** A system with what came of it, by seed. */
export interface Subject {
  readonly system: System;
  readonly found: readonly TranslationResult[];
}

/** What is asked of a result. */
export type Measured = (one: TranslationResult) => number | null | undefined;

/** What is measured, by seed. */
export const valuesOf = ({ found }: Subject, of: Measured): (number | null)[] =>
  found.map((one) => of(one) ?? null);

/** The score of greedy decoding. */
export const greedyOf: Measured = ({ greedy }) => greedy;

/** Under teacher forcing. */
export const perplexityOf = ({ measures }: TranslationResult): number | null => {
  const { 'nats per token': token, 'nats per character': character } = measures;
  const nats = token ?? character;
  return nats === undefined ? null : Math.exp(nats);
};

const three = (value: number): string => String(Number(value.toPrecision(3)));

/** A score in words, with its standard deviation where there are several seeds. */
export function shown(value: number | null, score: string | null, sd?: number): string {
  if (value === null) return 'nothing';
  const exact = score === 'exact match';
  const digits = (one: number) => (exact ? (100 * one).toFixed(1) : three(one));
  const spread = sd === undefined ? '' : ` ± ${exact ? digits(sd) : sd.toPrecision(2)}`;
  return `${digits(value)}${spread}${exact ? ' %' : ''}`;
}

/** The mean of what is measured, in words. */
export function shownOf(subject: Subject, of: Measured, score: string | null): string {
  const { ours, sd } = spreadOf(valuesOf(subject, of));
  return shown(ours, score, sd);
}
