// Saved results beside those of the page: a file that is dropped or chosen is compared row by row with what was measured
// last, or with the file that came after it.

import { compare, compareTable, readReport, remarksOn, type Report } from '../../src/bench/index';
import { byId, input, wordsTable } from './elements';

interface Named {
  readonly name: string;
  readonly report: Report;
}

let files: Named[] = [];
let current: () => Report | null = () => null;

/** Compares anew: something was measured, or a file has come. */
export function showComparison(): void {
  const [last] = files.slice(-1);
  if (!last) return;
  const here = current();
  const before = here ? last : files.length > 1 ? files[files.length - 2] : null;
  const after = here ? { name: 'what was measured here', report: here } : last;
  if (!before) {
    byId('saved-words').textContent =
      `${last.name}, of ${last.report.date.slice(0, 10)}: run cases, or give another file.`;
    byId('saved-table').replaceChildren();
    return;
  }
  byId('saved-words').textContent = [
    `Old: ${before.name}, of ${before.report.date.slice(0, 10)}; new: ${after.name}. Times are medians.`,
    ...remarksOn(before.report, after.report),
  ].join(' ');
  // What was not measured here is not gone.
  const names = new Set(after.report.rows.map(({ name }) => name));
  const rows = before.report.rows.filter(({ name }) => !here || names.has(name));
  const { head, rows: words } = compareTable(compare({ ...before.report, rows }, after.report));
  byId('saved-table').replaceChildren(wordsTable(head, words, (column) => column > 0 && column !== 4));
}

async function take(list: Iterable<File>): Promise<void> {
  for (const file of list) {
    try {
      files = [...files.slice(-1), { name: file.name, report: readReport(await file.text(), file.name) }];
      showComparison();
    } catch (error) {
      byId('saved-words').textContent = (error as Error).message;
    }
  }
}

/** `measured` gives the page's own results. */
export function startSaved(measured: () => Report | null): void {
  current = measured;
  const box = input('saved-file');
  box.addEventListener('change', () => void take(box.files ?? []));
  const place = byId('saved');
  const over = (is: boolean) => (event: DragEvent) => {
    event.preventDefault();
    place.classList.toggle('over', is);
  };
  place.addEventListener('dragover', over(true));
  place.addEventListener('dragleave', over(false));
  place.addEventListener('drop', (event) => {
    over(false)(event);
    void take(event.dataTransfer?.files ?? []);
  });
}
