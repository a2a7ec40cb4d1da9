// A kernel is a whole program, so a helper stands in every file that calls it: `fn tanhOf(…) … {  // as in FILE`. Such
// copies are one text, but for the width of the type: a scalar may stand where another file has vectors.

import type { Tree, Wall } from './tree';

/** Functions, which begin at the left edge and end with a line or with a brace there. */
const FUNCTION = /^fn (\w+)\((?:[^\n]*\}(?: *\/\/[^\n]*)?\n|[^]*?\n\}\n)/gm;
const TWIN = / *\/\/ as in (\S+)$/m;

interface Helper {
  readonly path: string;
  readonly name: string;
  /** As the scalar one is written. */
  readonly text: string;
  /** The file that it says it is copied from. */
  readonly from?: string;
}

const helpersOf = (tree: Tree): Helper[] =>
  tree.flatMap(({ path, text }) =>
    [...text.matchAll(FUNCTION)]
      .filter(([, name]) => name !== 'main')
      .map(([all, name]) => ({ path, name, text: scalar(all), from: TWIN.exec(all)?.[1] })),
  );

const scalar = (text: string): string =>
  text
    .replace(TWIN, '')
    .replace(/vec\d<bool>/g, 'bool')
    .replace(/vec\d([fiu])\(([^()]*)\)/g, '$2')
    .replace(/vec\d([fiu])/g, '$132');

/** Copies that say nothing of their twin, name a file that has none, or are no longer like it; paths from shaders/. */
export const strayTwins: Wall = (tree) => {
  const helpers = helpersOf(tree);
  return helpers.flatMap(({ path, name, text, from }) => {
    if (from) {
      const twin = helpers.find((other) => other.path === from && other.name === name);
      if (!twin || twin.from) return [`${path}: ${name} is not in ${from}, or that is a copy`];
      return twin.text === text ? [] : [`${path}: ${name} is not as in ${from}`];
    }
    const twins = helpers.filter((other) => other.path !== path && other.text === text && !other.from);
    return twins.map((other) => `${path}: ${name} does not say that it is as in ${other.path}`);
  });
};

/** Helpers that stand in several files, and in how many places. */
export function countTwins(tree: Tree): { helpers: number; places: number } {
  const copies = helpersOf(tree).filter(({ from }) => from);
  const helpers = new Set(copies.map(({ name, from }) => `${from} ${name}`)).size;
  return { helpers, places: helpers + copies.length };
}
