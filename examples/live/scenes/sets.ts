// What the scenes of music and speech have in common: the sample of the page, or a set of the data folder.

import { tables } from '../shell/trainer';

/** What is to be trained on, and how. */
export interface Wished {
  readonly data: string;
  readonly model: string;
  readonly steps: number;
  readonly seed: number;
}

/** The controls, with the sets alone that are beside the page. */
export function withSetsHere<C extends { readonly data: { readonly of: readonly string[] } }>(controls: C) {
  const known = tables.value?.tasks;
  const there = (set: string) => known?.find(({ name }) => name === set)?.data === 'there';
  const of = controls.data.of.filter((name) => name === 'sample' || !known || there(name));
  return { ...controls, data: { ...controls.data, of } };
}
