// The rows of a CSV file under the names of its columns: what tables of numbers and labelled sequences are made of.

import { fail } from '../../graph/check';
import type { ByteSource } from '../byteSource';
import { CodePointDecoder, type Encoding } from './codePoints';
import { CsvReader, guessDelimiter, lacksRowNames, type Delimiter } from './csv';
import { isMarked, sortMarked, type RecordAt } from './marked';
import { namesColumns, type Decimal } from './numbers';
import { textOf } from './pieces';
import { Records } from './records';

/** How the rows of a CSV file are read. */
export interface RowsOptions {
  /** Default: guessed from the beginning. */
  readonly delimiter?: Delimiter;
  /** Whether the first record names the columns; default: whether it has words where the next has none. */
  readonly header?: boolean;
  readonly encoding?: Encoding;
  /** What stands before decimals; default: a point. */
  readonly decimal?: Decimal;
  /** Whether a column that is not there is one that a trained model has had. Default: no. */
  readonly known?: unknown;
}

/** Names that a message lists. */
const LISTED = 16;

/** The columns of a table by name and by place. */
export class Columns {
  /** No two are alike. */
  readonly names: readonly string[];
  /**
   * The places, from 0, of columns that hold something: all but a first one without a name beside others that have
   * one, where pandas and R write the number or the name of every row.
   */
  readonly places: readonly number[];

  constructor(
    fields: readonly string[],
    private readonly where: string,
    /** What names them, where a record does. */
    readonly header?: RecordAt,
    private readonly known = false,
  ) {
    this.names = distinct(fields.map((field, i) => (header && field.trim()) || `column ${i + 1}`));
    const [first, ...others] = fields;
    const isNamed = (field: string) => field.trim() !== '';
    const ofRows = header && !isNamed(first) && others.length > 0 && others.every(isNamed);
    this.places = fields.map((_, i) => i).slice(ofRows ? 1 : 0);
  }

  /** What is to be told of columns that are not read, where those at these places are. */
  notes(read: readonly number[]): string[] {
    const ofRows = this.places[0] === 1 && !read.includes(0);
    return ofRows ? ['names of rows, and left out: the first column, which has no name'] : [];
  }

  /** The names, of many the first, for messages. */
  get listed(): string {
    const { names } = this;
    return `${names.slice(0, LISTED).join(', ')}${names.length > LISTED ? ` and ${names.length - LISTED} more` : ''}`;
  }

  /** The place, from 0, of a column that is given by its name or, counted from 1, by its place. */
  placeOf(name: string): number {
    const number = Number(name);
    const isPlace = Number.isInteger(number) && number >= 1 && number <= this.names.length;
    return isPlace && !this.names.includes(name) ? number - 1 : this.placeNamed(name);
  }

  /** The place, from 0, of the column of that name. */
  placeNamed(name: string): number {
    const place = this.names.indexOf(name);
    if (place >= 0) return place;
    return fail(`csv: ${this.where} has no column ${JSON.stringify(name)}.`, {
      given: `its columns are ${this.listed}`,
      fix: this.known
        ? 'give a table with the columns that the model was trained on, under the same names.'
        : 'name one of them, or give its place, counted from 1.',
    });
  }
}

/** What is told of columns that are no numbers and were not asked for. */
export const noteOn = (leftOut: readonly string[]): string[] =>
  leftOut.length ? [`no numbers, and left out: ${leftOut.join(', ')}`] : [];

/** Names for all columns, by which each is found: the second of a name is told apart by its place. */
function distinct(names: readonly string[]): string[] {
  const taken = new Set(names);
  return names.map((name, i) => {
    if (names.indexOf(name) === i) return name;
    let own = `${name} (column ${i + 1})`;
    while (taken.has(own)) own += "'";
    taken.add(own);
    return own;
  });
}

/** What hears a table: its columns, before the rows, each with as many fields as there are columns. */
export interface RowListener {
  names(columns: Columns): void;
  row(fields: readonly string[], line: number): void;
}

/** Reads a CSV file row by row; refuses, with its line, a row that has not as many fields as the first. */
export function readRows(source: ByteSource, options: RowsOptions, listener: RowListener): void {
  let rows: NamedRows | undefined;
  const records = new Records((fields, line) => rows?.record(fields, line));
  const decoder = new CodePointDecoder({ encoding: options.encoding, newlines: 'keep', name: source.name });
  let reader: CsvReader | undefined;
  for (const chunk of source.chunks()) {
    const points = decoder.push(chunk);
    if (!reader) {
      const beginning = textOf(points.subarray(0, 2 ** 15));
      const delimiter = options.delimiter ?? guessDelimiter(beginning, options.decimal === 'comma');
      rows = new NamedRows(source.name, { ...options, delimiter }, listener);
      reader = new CsvReader(delimiter, records.push, source.name);
    }
    reader.push(points);
  }
  reader?.push(decoder.end());
  reader?.end();
  records.end();
  rows?.end();
}

/** Records, of which the first two that are no remarks say what names the columns. */
class NamedRows {
  /** Lines with # above the first other one. */
  private readonly marked: RecordAt[] = [];
  private first: RecordAt | undefined;
  private wanted = 0;

  constructor(
    private readonly where: string,
    private readonly options: RowsOptions & { readonly delimiter: Delimiter },
    private readonly listener: RowListener,
  ) {}

  record(fields: readonly string[], line: number): void {
    if (this.wanted) this.row({ fields, line });
    else if (this.first) this.begin([this.first, { fields, line }]);
    else if (isMarked(fields)) this.marked.push({ fields, line });
    else this.first = { fields, line };
  }

  /** Where there is no second one. */
  end(): void {
    if (this.wanted) return;
    if (this.first) this.begin([this.first]);
    else if (this.marked.length) this.begin(this.marked.splice(0));
  }

  /** Names the columns, and goes on with the rows among the first records. */
  private begin(found: readonly RecordAt[]): void {
    const { decimal = 'point', header, known } = this.options;
    const above = sortMarked(this.marked, found.at(-1)!.fields, decimal);
    const records = [...above.records, ...this.whole(found)];
    const [first, next] = records;
    // With names above the table its first row may name them as well, and need not.
    const isAsked = header === undefined || (header && above.names);
    const isHeader = isAsked ? namesColumns(first.fields, next?.fields, decimal) : header;
    const names = isHeader ? first : header === false ? undefined : above.names;
    this.wanted = first.fields.length;
    this.listener.names(new Columns((names ?? first).fields, this.where, names, Boolean(known)));
    for (const record of isHeader ? records.slice(1) : records) this.row(record);
  }

  /** The first records; the first of all with an empty name, where it names all columns but that of the rows' names. */
  private whole([first, ...others]: readonly RecordAt[]): RecordAt[] {
    const { delimiter, header, decimal = 'point' } = this.options;
    const next = others[0]?.fields;
    const lacks = header !== false && next && lacksRowNames([first.fields, next], delimiter);
    const names = lacks && (header ?? namesColumns(first.fields, next.slice(1), decimal));
    return [names ? { ...first, fields: ['', ...first.fields] } : first, ...others];
  }

  private row({ fields, line }: RecordAt): void {
    const { wanted } = this;
    if (fields.length !== wanted) {
      fail(`csv: line ${line} of ${this.where} has ${fields.length} fields where ${wanted} belong.`, {
        fix: 'mend the line, or say what stands between fields with --delimiter.',
      });
    }
    this.listener.row(fields, line);
  }
}
