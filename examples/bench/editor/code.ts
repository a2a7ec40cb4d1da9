// A text field for WGSL with the numbers of its lines, which shows on a line what is wrong with it. It is a textarea, so
// that the browser's own undo, search, keyboard and screen readers work as everywhere.

import { byId, element, pressed } from '../elements';

/** Something that a compiler says. Lines and columns from 1; a column of 0 is the whole line. */
export interface Complaint {
  readonly line: number;
  readonly column: number;
  readonly length: number;
  readonly kind: 'error' | 'warning' | 'info';
  readonly text: string;
}

const area = () => byId<HTMLTextAreaElement>('wgsl-text');
const linesOf = (text: string): string[] => text.split('\n');

export const codeText = (): string => area().value;

export function setCode(text: string): void {
  area().value = text;
  area().scrollTop = 0;
  number();
}

/** `changed` is called when the reader has stopped typing for a moment. */
export function startCode(changed: () => void): void {
  let timer = 0;
  area().addEventListener('input', () => {
    number();
    showComplaints([]);
    clearTimeout(timer);
    timer = window.setTimeout(changed, 400);
  });
  area().addEventListener('scroll', follow);
}

function number(): void {
  const count = linesOf(area().value).length;
  byId('gutter').textContent = Array.from({ length: count }, (_, i) => i + 1).join('\n');
  follow();
}

/** What lies beside and over the text goes with it. */
function follow(): void {
  const { scrollLeft, scrollTop } = area();
  byId('gutter').style.transform = `translateY(${-scrollTop}px)`;
  byId('marks').style.transform = `translate(${-scrollLeft}px, ${-scrollTop}px)`;
}

/** On their lines, and below the text in a list whose items lead to them. */
export function showComplaints(complaints: readonly Complaint[]): void {
  const lines = linesOf(area().value);
  const first = new Map(complaints.map((one) => [one.line, one]).reverse() as [number, Complaint][]);
  byId('marks').replaceChildren(...[...first.values()].map((one) => markOf(one, lines[one.line - 1] ?? '')));
  byId('complaints').replaceChildren(
    ...complaints.map((one) => {
      const text = lines[one.line - 1] ?? '';
      const caret = ' '.repeat(Math.max(0, one.column - 1)) + '^'.repeat(Math.max(1, one.length));
      const shown = element('pre', {}, one.column ? `${text}\n${caret}` : text);
      return element(
        'li',
        { class: one.kind },
        pressed(placeOf(one), () => goTo(one)),
        ` ${one.text}`,
        shown,
      );
    }),
  );
}

const placeOf = ({ line, column }: Complaint): string => (column ? `${line}:${column}` : `line ${line}`);

function markOf({ line, column, length, kind, text }: Complaint, written: string): HTMLElement {
  const range = element('i', {}, written.slice(column - 1, column - 1 + Math.max(1, length)) || ' ');
  const before = element('span', {}, written.slice(0, Math.max(0, column - 1)));
  const after = element(
    'span',
    {},
    written.slice(Math.max(0, column - 1) + (range.textContent?.length ?? 0)),
  );
  const mark = element('div', { class: `mark ${kind}` }, before, column ? range : '', after);
  mark.append(element('b', {}, `  ${text}`));
  mark.style.top = `calc(${line - 1} * var(--line-height))`;
  return mark;
}

function goTo({ line, column, length }: Complaint): void {
  const lines = linesOf(area().value);
  const start = lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, Math.max(0, column - 1));
  area().focus();
  area().setSelectionRange(start, start + length);
  area().scrollTop = (line - 5) * (area().scrollHeight / lines.length);
}
