// What a corpus is scored on: a translation and its references, segment by segment.

import { fail } from '../graph/check';

/** One reference, or several, of a segment. */
export type References = string | readonly string[];

/** The references of each segment as lists. Fails where a translation has none, and where there are more of them. */
export function referencesOf(
  what: string,
  translations: readonly string[],
  references: readonly References[],
): (readonly string[])[] {
  if (translations.length !== references.length) {
    fail(`${what}: ${translations.length} translations have ${references.length} references.`, {
      fix: 'give each translation its reference, or a list of them.',
    });
  }
  return references.map((of, i) => {
    const list = typeof of === 'string' ? [of] : of;
    return list.length ? list : fail(`${what}: translation ${i + 1} has no reference.`);
  });
}

/** How many references the segments have, as a signature says it. */
export function referenceCount(lists: readonly (readonly string[])[]): string {
  const counts = new Set(lists.map(({ length }) => length));
  return counts.size > 1 ? 'var' : String([...counts][0] ?? 1);
}
