// What the bench is asked for: task, model and settings of the address, and files that a person gave.

import { signal } from '@preact/signals';
import { place, put } from '../shell/place';
import type { Files, Given, Plan, TaskCard, Wish } from '../work/messages';
import { valueOf } from './form';

const BEGIN = { task: 'adding', model: 'tcn' };
const SAMPLES: Readonly<Record<string, string>> = { text: 'romeo-act-1.txt' };

/** Files that were dropped stay while the page is open; no address can hold them. */
export const dropped = signal<readonly File[]>([]);
/** A file of weights that runs begin with, likewise. */
export const weights = signal<File | undefined>(undefined);

/** The text that the page brings for a task. */
export const sampleOf = (task: TaskCard): string | undefined => SAMPLES[task.name];

/** What the address asks for: names that the tables lack are told, and the first is taken. */
export function chosen(cards: readonly TaskCard[], fields: Plan['fields'] = []) {
  const { task: wanted = BEGIN.task, model: other, preset, ...rest } = place.value.values;
  const nonsense: string[] = [];
  const task = cards.find(({ name }) => name === wanted) ?? cards.find(({ name }) => name === BEGIN.task)!;
  if (task.name !== wanted) nonsense.push(`There is no task called “${wanted}”.`);
  const model = other ?? (task.models.includes(BEGIN.model) ? BEGIN.model : task.models[0]);
  const has = task.models.includes(model);
  if (!has) nonsense.push(`There is no model called “${model}” on ${task.title}.`);
  const given: Record<string, Given[string]> = preset ? { preset } : {};
  for (const [name, text] of Object.entries(rest)) {
    const field = fields.find((one) => one.name === name);
    const value = field && valueOf(field, text);
    if (value !== undefined) given[name] = value;
    else if (field) nonsense.push(`“${name}=${text}” in the address: ${field.label} is ${field.wanted}.`);
    else if (fields.length) nonsense.push(`“${name}=${text}” in the address is no setting here.`);
  }
  return { task, model: has ? model : task.models[0], given, nonsense };
}

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
