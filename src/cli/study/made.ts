// Where, when and by what the cells of a study were computed: of a log that is read once, line by line.

import { NO_ADAPTER, type Line } from '../../runs/trials';

/** What the finished cells have in common. */
export interface Made {
  readonly count: number;
  readonly seconds: number;
  /** Each once. */
  readonly adapters: readonly string[];
  readonly versions: readonly string[];
  /** The first day and the last, or the only one; none where nobody wrote it down. */
  readonly days: readonly string[];
  /** The cells; of more than LISTED the first ones. */
  readonly lines: readonly Line[];
}

/** So many cells are repeated in results.json and on the page; all of them are in results.jsonl. */
export const LISTED = 1000;

/** Reads a log. */
export function madeOf(all: Iterable<Line>): Made {
  const [adapters, versions, days] = [new Set<string>(), new Set<string>(), new Set<string>()];
  const lines: Line[] = [];
  let [count, seconds] = [0, 0];
  for (const line of all) {
    count++;
    seconds += line.seconds;
    if (line.adapter !== NO_ADAPTER) adapters.add(line.adapter);
    if (line.version !== undefined) versions.add(line.version);
    if (line.date !== undefined) days.add(line.date);
    if (lines.length < LISTED) lines.push(line);
  }
  const sorted = [...days].sort();
  return {
    count,
    seconds,
    lines,
    adapters: [...adapters],
    versions: [...versions],
    days: sorted.length > 1 ? [sorted[0], sorted.at(-1)!] : sorted,
  };
}
