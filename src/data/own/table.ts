// A CSV file as columns of numbers, and one of classes: what a series is made of. Nothing is filled in: a value that is
// missing, or is no number, is refused with its line and column.

import { fail } from '../../graph/check';
import type { ByteSource } from '../byteSource';
import { CodePointDecoder, type Encoding } from './codePoints';
import { CsvReader, guessDelimiter, type Delimiter } from './csv';
import { textOf } from './pieces';

/** How a CSV file is read. */
export interface TableOptions {
  /** Default: guessed from the beginning. */
  readonly delimiter?: Delimiter;
  /** Whether the first record names the columns; default: whether one of its fields is no number. */
  readonly header?: boolean;
  /** The columns of numbers, by name or, counted from 1, by place; default: all whose first value is a number. */
  readonly columns?: readonly string[];
  /** A column whose values are classes: any texts. Default: none. */
  readonly classColumn?: string;
  readonly encoding?: Encoding;
}

/** A table: columns of numbers, and one of classes. */
export interface Table {
  /** Names of the columns of numbers. */
  readonly names: readonly string[];
  /** The values of each, one a row. */
  readonly columns: readonly Float64Array[];
  readonly rows: number;
  /** Different values of the class column, in the order of their first occurrence. */
  readonly classes: readonly string[];
  /** The class of every row; empty where there is no class column. */
  readonly labels: Uint32Array;
  /** Columns that are no numbers and were not asked for. */
  readonly leftOut: readonly string[];
}

/** Reads a CSV file; refuses, with its line and column, a value that is missing or no number. */
export function readTable(source: ByteSource, options: TableOptions = {}): Table {
  const builder = new TableBuilder(source.name, options);
  const decoder = new CodePointDecoder({ encoding: options.encoding, newlines: 'keep', name: source.name });
  let reader: CsvReader | undefined;
  for (const chunk of source.chunks()) {
    const points = decoder.push(chunk);
    reader ??= new CsvReader(
      options.delimiter ?? guessDelimiter(textOf(points.subarray(0, 2 ** 15))),
      (fields, line) => builder.record(fields, line),
      source.name,
    );
    reader.push(points);
  }
  reader?.push(decoder.end());
  reader?.end();
  return builder.table();
}

/** A number as CSV files have it; NaN for everything else. "Infinity" and "0x10" are no numbers here. */
function numberOf(text: string): number {
  const trimmed = text.trim();
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(trimmed) ? Number(trimmed) : NaN;
}

/** The largest number whose square is a number of f32: errors are squared. */
export const MOST = Math.sqrt((2 - 2 ** -23) * 2 ** 127);

const MISSING = /^(|na|n\/a|nan|null|none|-|\?)$/i;

class TableBuilder {
  private names: string[] | undefined;
  /** Places of the columns of numbers. */
  private places: number[] = [];
  private classPlace = -1;
  private columns: number[][] = [];
  private readonly classes = new Map<string, number>();
  private readonly labels: number[] = [];

  constructor(
    private readonly where: string,
    private readonly options: TableOptions,
  ) {}

  record(fields: readonly string[], line: number): void {
    if (!this.names) {
      const {
        header = fields.some((field) => Number.isNaN(numberOf(field)) && !MISSING.test(field.trim())),
      } = this.options;
      this.names = fields.map((field, i) => (header && field.trim()) || `column ${i + 1}`);
      if (header) return;
    }
    if (fields.length !== this.names.length) {
      fail(
        `csv: line ${line} of ${this.where} has ${fields.length} fields where ${this.names.length} belong.`,
        {
          fix: 'mend the line, or say what stands between fields with --delimiter.',
        },
      );
    }
    if (!this.places.length && this.classPlace < 0) this.choose(fields);
    this.places.forEach((place, c) => this.columns[c].push(this.number(fields, place, line)));
    if (this.classPlace >= 0) this.labels.push(this.label(fields, line));
  }

  table(): Table {
    const { names = [], places, classPlace } = this;
    const rows = this.columns[0]?.length ?? this.labels.length;
    if (!rows) fail(`csv: ${this.where} has no rows.`, { fix: 'give a table with a row for every moment.' });
    const used = new Set([...places, classPlace]);
    return {
      names: places.map((place) => names[place]),
      columns: this.columns.map((values) => Float64Array.from(values)),
      rows,
      classes: [...this.classes.keys()],
      labels: Uint32Array.from(this.labels),
      leftOut: this.options.columns ? [] : names.filter((_, i) => !used.has(i)),
    };
  }

  /** Chooses the columns, by the first row. */
  private choose(fields: readonly string[]): void {
    const { columns, classColumn } = this.options;
    if (classColumn !== undefined) this.classPlace = this.placeOf(classColumn);
    const all = fields.map((_, i) => i).filter((i) => i !== this.classPlace);
    this.places = columns
      ? columns.map((name) => this.placeOf(name))
      : all.filter((i) => !Number.isNaN(numberOf(fields[i])) || MISSING.test(fields[i].trim()));
    this.columns = this.places.map(() => []);
    if (this.places.length || this.classPlace >= 0) return;
    fail(`csv: ${this.where} has no column of numbers.`, {
      given: `the first row is ${fields.slice(0, 6).join(' | ')}`,
      fix: 'decimals are written with a point; say what stands between fields with --delimiter.',
    });
  }

  private placeOf(name: string): number {
    const names = this.names!;
    const place = names.indexOf(name);
    if (place >= 0) return place;
    const number = Number(name);
    if (Number.isInteger(number) && number >= 1 && number <= names.length) return number - 1;
    return fail(`csv: ${this.where} has no column ${JSON.stringify(name)}.`, {
      given: `its columns are ${names.join(', ')}`,
      fix: 'name one of them, or give its place, counted from 1.',
    });
  }

  private number(fields: readonly string[], place: number, line: number): number {
    const value = numberOf(fields[place]);
    if (Math.abs(value) <= MOST) return value;
    const text = fields[place].trim();
    const missing = MISSING.test(text);
    const at = `line ${line}, column ${JSON.stringify(this.names![place])}`;
    if (Number.isFinite(value)) {
      fail(`csv: ${this.where}, ${at}: ${text} is too large.`, {
        given: `numbers are f32, and their squares must be finite too: up to ±${MOST.toPrecision(4)}`,
        fix: 'give the column in larger units, or leave it out with --columns.',
      });
    }
    return fail(
      `csv: ${this.where}, ${at}: ${missing ? 'a value is missing' : `${JSON.stringify(text)} is no number`}.`,
      {
        fix: missing
          ? 'fill it in or take the row away: nothing is made up here. Or leave the column out with --columns.'
          : 'decimals have a point, and thousands no separator. Or leave the column out with --columns.',
      },
    );
  }

  private label(fields: readonly string[], line: number): number {
    const text = fields[this.classPlace].trim();
    if (!text) {
      const at = `line ${line}, column ${JSON.stringify(this.names![this.classPlace])}`;
      fail(`csv: ${this.where}, ${at}: the class is missing.`, { fix: 'fill it in or take the row away.' });
    }
    if (!this.classes.has(text)) this.classes.set(text, this.classes.size);
    return this.classes.get(text)!;
  }
}
