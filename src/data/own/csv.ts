// Tables as text (RFC 4180, and what others write): fields between delimiters, in quotes where they hold one, a quote
// in quotes doubled; records end with LF, CR LF or CR. Read piece by piece; every record knows the line on which it
// begins.

import { fail } from '../../graph/check';
import { isNumber } from './numbers';

/** Characters that may stand between fields; the blank means any number of blanks and tabs. */
export const DELIMITERS = [',', ';', '\t', '|', ' '] as const;
/** A character between fields. */
export type Delimiter = (typeof DELIMITERS)[number];

const [QUOTE, LF, CR, TAB] = [34, 10, 13, 9];

/** Hears a record: its fields as texts, and the line on which it begins, from 1. */
export type OnRecord = (fields: readonly string[], line: number) => void;

/** Code points in, records out. Empty lines are no records. */
export class CsvReader {
  private readonly delimiter: number;
  /** Whether fields stand between blanks: then none is empty. */
  private readonly isSpaced: boolean;
  private fields: string[] = [];
  private field: number[] = [];
  /** Outside quotes, inside them, or behind a quote that may end them. */
  private state: 'plain' | 'quoted' | 'after' = 'plain';
  /** The field had quotes: an empty one is then a field of its own. */
  private hadQuotes = false;
  private afterCr = false;
  private line = 1;
  private begin = 1;

  constructor(
    delimiter: Delimiter,
    private readonly onRecord: OnRecord,
    private readonly where = 'the table',
  ) {
    this.isSpaced = delimiter === ' ';
    this.delimiter = delimiter.codePointAt(0)!;
  }

  push(points: Uint32Array): void {
    for (let i = 0; i < points.length; i++) this.take(points[i]);
  }

  /** The last record, if no line feed ends it. */
  end(): void {
    if (this.state === 'quoted') {
      fail(`csv: a quote on line ${this.begin} of ${this.where} is never closed.`, {
        fix: 'double quotes inside of quotes, or take them away.',
      });
    }
    this.endRecord();
  }

  private take(point: number): void {
    if (this.afterCr) {
      this.afterCr = false;
      if (point === LF && this.state !== 'quoted') return;
    }
    if (this.state === 'quoted') {
      if (point === QUOTE) this.state = 'after';
      else this.field.push(point);
      if (point === LF) this.line++;
      return;
    }
    if (point === LF || point === CR) {
      this.afterCr = point === CR;
      this.endRecord();
      this.line++;
      this.begin = this.line;
    } else if (point === this.delimiter || (this.isSpaced && point === TAB)) this.endField();
    else if (point !== QUOTE) this.plain(point);
    else if (this.state === 'after') {
      this.field.push(QUOTE);
      this.state = 'quoted';
    } else if (this.field.length) this.field.push(QUOTE);
    else {
      this.state = 'quoted';
      this.hadQuotes = true;
    }
  }

  private plain(point: number): void {
    if (this.state === 'after' && point !== 32) {
      fail(`csv: line ${this.line} of ${this.where} has text behind a closing quote.`, {
        given: `field ${this.fields.length + 1}`,
        fix: 'double quotes inside of quotes.',
      });
    }
    if (this.state === 'plain') this.field.push(point);
  }

  private get isEmpty(): boolean {
    return !this.field.length && !this.hadQuotes;
  }

  private endField(): void {
    if (this.isSpaced && this.isEmpty) return;
    let text = '';
    for (const point of this.field) text += String.fromCodePoint(point);
    this.fields.push(text);
    this.field = [];
    this.state = 'plain';
    this.hadQuotes = false;
  }

  private endRecord(): void {
    if (!this.fields.length && this.isEmpty) return;
    this.endField();
    this.onRecord(this.fields, this.begin);
    this.fields = [];
  }
}

/** Records that the delimiter is guessed from. */
const LOOKED_AT = 20;

/** A first line in which Excel is told what stands between fields: `sep=;`. */
const SAID = /^sep=(.)?$/i;

/** Whether a record is no row but says what stands between fields. */
export const saysDelimiter = (fields: readonly string[], line: number): boolean =>
  line === 1 && SAID.test(fields.join('').trim());

/**
 * The delimiter that a first line names, or that cuts the first records into equally many fields, the most of them;
 * blanks where none does, and "," where these do not either. Commas that all stand between two digits are those of
 * decimals, where another delimiter serves; with `decimals` all are. Lines with # above the table say nothing.
 */
export function guessDelimiter(beginning: string, decimals = false): Delimiter {
  const [comma, semicolon, tab, bar, blank] = DELIMITERS;
  const said = SAID.exec(beginning.split(/[\r\n]/, 1)[0])?.[1];
  const named = DELIMITERS.find((delimiter) => delimiter === said);
  if (named) return named;
  const text = beginning.replace(REMARKS, '') || beginning;
  const other = bestOf([semicolon, tab, bar], text);
  const blanks = () => (text.split(/[\r\n]+/).some(isGrouped) ? undefined : bestOf([blank], text));
  if (decimals) return other ?? blanks() ?? semicolon;
  const whole = text.slice(0, text.search(/[\r\n][^\r\n]*$/) + 1) || text;
  if (other && !/(^|\D),|,(\D|$)/.test(whole)) return other;
  return bestOf([comma, semicolon, tab, bar], text) ?? blanks() ?? comma;
}

/** Lines above a table. */
const REMARKS = /^(?:[ \t]*#[^\r\n]*[\r\n]+)+/;

/** Whether a line is a number whose thousands stand apart. */
const isGrouped = (line: string): boolean => /^\s*[-+]?\d{1,3}( \d{3})+([.,]\d*)?\s*$/.test(line);

function bestOf(delimiters: readonly Delimiter[], beginning: string): Delimiter | undefined {
  let [best, most]: [Delimiter | undefined, number] = [undefined, 1];
  for (const delimiter of delimiters) {
    const whole = recordsWith(delimiter, beginning).slice(0, LOOKED_AT);
    const rows = lacksRowNames(whole, delimiter) && whole.slice(1).every(hasNumber) ? whole.slice(1) : whole;
    const count = rows[0]?.length ?? 0;
    if (count > most && rows.every(({ length }) => length === count)) [best, most] = [delimiter, count];
  }
  return best;
}

/**
 * Whether the first record has one field fewer than the next, between tabs or blanks: R's write.table names all columns
 * but that of the rows' names.
 */
export const lacksRowNames = (
  [first, next]: readonly (readonly string[] | undefined)[],
  delimiter: Delimiter,
): boolean =>
  (delimiter === '\t' || delimiter === ' ') && next !== undefined && first?.length === next.length - 1;

/** Whether there is a number behind the first field. */
const hasNumber = ([, ...fields]: readonly string[]): boolean =>
  fields.some((field) => isNumber(field, 'point') || isNumber(field, 'comma'));

/** Every whole record, if it were this delimiter; none where quotes say that it is another. */
function recordsWith(delimiter: Delimiter, beginning: string): (readonly string[])[] {
  const records: (readonly string[])[] = [];
  const reader = new CsvReader(delimiter, (fields) => records.push(fields));
  try {
    reader.push(Uint32Array.from(beginning, (letter) => letter.codePointAt(0)!));
  } catch {
    return [];
  }
  return records;
}
