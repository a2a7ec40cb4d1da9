// Some of a list that stand for all of it.

/** So many of a list at most, spread evenly over all of it: its first may be the shortest, or of one class. */
export function evenly<T>(list: readonly T[], most: number): readonly T[] {
  if (list.length <= most) return list;
  return Array.from({ length: most }, (_, i) => list[Math.floor((i * list.length) / most)]);
}
