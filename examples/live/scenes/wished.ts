// What the bench is asked for: task, model and settings of the address, and files that a person gave.

import { signal } from '@preact/signals';
import { place, put } from '../shell/place';
import type { Files, Given, OwnFile, Plan, TaskCard, Wish } from '../work/messages';
import { askedIn, type Asked } from './asked';

const SAMPLES: Readonly<Record<string, string>> = { text: 'romeo-act-1.txt' };

/** Files that were dropped stay while the page is open; no address can hold them. */
export const dropped = signal<readonly OwnFile[]>([]);
/** A file of weights that runs begin with, likewise. */
export const weights = signal<File | undefined>(undefined);

/** The text that the page brings for a task. */
export const sampleOf = (task: TaskCard): string | undefined => SAMPLES[task.name];

/** What the address asks for. */
export const chosen = (cards: readonly TaskCard[], fields?: Plan['fields']): Asked =>
  askedIn(place.value.values, cards, fields);

/** The data of a task that reads files of one's own. */
export function filesOf(task: TaskCard): Files | undefined {
  if (task.data !== 'own') return undefined;
  if (dropped.value.length) return { own: dropped.value };
  const sample = sampleOf(task);
  return sample === undefined ? undefined : { sample };
}

/** Sets the bench to these settings, and to no others. */
export function setAll(task: string, model: string | undefined, given: Given = {}): void {
  const cleared = Object.keys(place.value.values).map((name) => [name, undefined]);
  const texts = Object.entries(given).map(([name, value]) => [name, String(value)]);
  put({ ...Object.fromEntries(cleared), task, model, ...Object.fromEntries(texts) });
}

/** Sets the bench to what a wish has, with its files. */
export function setWish({ task, model, given, files, weights: file }: Wish): void {
  dropped.value = files && 'own' in files ? files.own : [];
  weights.value = file;
  setAll(task, model, given);
}
