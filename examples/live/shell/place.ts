// Where the page is: the scene and its settings, in the address. What is as it begins is left out, so that a link says
// what somebody chose.

import { signal } from '@preact/signals';

/** A scene's name, and its settings as they stand in the address. */
export interface Place {
  readonly scene: string;
  readonly values: Readonly<Record<string, string>>;
}

/** What the address says now. */
function read(): Place {
  const [scene, query = ''] = location.hash.slice(1).split('?');
  return { scene, values: Object.fromEntries(new URLSearchParams(query)) };
}

/** Where the page is. */
export const place = signal<Place>(read());
addEventListener('hashchange', () => (place.value = read()));

/** The address of a scene with settings: whole, since it is no place within a page, as a bare `#scene` would say. */
export function addressOf(scene: string, values: Place['values'] = {}): string {
  const query = new URLSearchParams(values).toString();
  return `${location.href.split('#')[0]}#${scene}${query && `?${query}`}`;
}

/** Changes settings of the scene; undefined takes one out. The reader's history gets no entry of it. */
export function put(changes: Readonly<Record<string, string | undefined>>): void {
  const { scene, values } = place.peek();
  const kept = Object.entries({ ...values, ...changes }).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  place.value = { scene, values: Object.fromEntries(kept) };
  history.replaceState(null, '', addressOf(scene, place.value.values));
}
