// Where the page is: the scene and its settings, in the address. What is as it begins is left out, so that a link says
// what somebody chose. `hide=controls` is of every scene: a link for a lesson, in which nothing is to be set.

import { signal } from '@preact/signals';
import { placeIn, type Place } from './address';

/** What can be hidden. */
const CONTROLS = 'controls';

/** What the address says now. */
const read = (): Place => placeIn(location.hash.slice(1));

/** Where the page is. */
export const place = signal<Place>(read());
addEventListener('hashchange', () => (place.value = read()));

/** Whether the page has no controls but those of a run. */
export const hides = (): boolean => place.value.hide === CONTROLS;

/** What of the address is of no scene and is nonsense, in words. */
export function nonsenseOfPlace(): string[] {
  const { hide } = place.value;
  if (hide === undefined || hide === CONTROLS) return [];
  return [`“hide=${hide}” in the address: what can be hidden is ${CONTROLS}.`];
}

/** The address of a scene with settings: whole, since it is no place within a page, as a bare `#scene` would say. */
export function addressOf(scene: string, values: Place['values'] = {}, hidden = hides()): string {
  const query = new URLSearchParams({ ...values, ...(hidden && { hide: CONTROLS }) }).toString();
  return `${location.href.split('#')[0]}#${scene}${query && `?${query}`}`;
}

/** Changes settings of the scene; undefined takes one out. The reader's history gets no entry of it. */
export function put(changes: Readonly<Record<string, string | undefined>>): void {
  const { scene, values, hide } = place.peek();
  const kept = Object.entries({ ...values, ...changes }).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  place.value = { scene, values: Object.fromEntries(kept), hide };
  history.replaceState(null, '', addressOf(scene, place.value.values));
}
