// A CSV file as columns of numbers, and one of classes: what a series is made of. Nothing is filled in: a value that is
// missing, or is no number, is refused with its line and column.

import { fail } from '../../graph/check';
import type { ByteSource } from '../byteSource';
import { isMissing, isOtherwise, isValue, numberOf, otherThan, type Decimal } from './numbers';
import { readRows, type Columns, type RowsOptions } from './rows';

/** How a CSV file is read. */
export interface TableOptions extends RowsOptions {
  /** The columns of numbers, by name or, counted from 1, by place; default: all whose first value is a number. */
  readonly columns?: readonly string[];
  /** A column whose values are classes: any texts. Default: none. */
  readonly classColumn?: string;
  /** A table that was read before: its columns are looked for, by name, and its classes have its numbers. */
  readonly known?: Pick<Table, 'names' | 'classes'>;
}

/** A column that is no numbers. */
export interface LeftOut {
  readonly name: string;
  /** Its first value. */
  readonly first: string;
}

/** A table: columns of numbers, and one of classes. */
export interface Table {
  /** Names of the columns of numbers: no two are alike. */
  readonly names: readonly string[];
  /** The places of these columns in the file, from 1. */
  readonly places: readonly number[];
  /** The values of each, one a row. */
  readonly columns: readonly Float64Array[];
  readonly rows: number;
  /** Different values of the class column, in the order of their first occurrence. */
  readonly classes: readonly string[];
  /** The class of every row; empty where there is no class column. */
  readonly labels: Uint32Array;
  /** Columns that are no numbers and were not asked for. */
  readonly leftOut: readonly LeftOut[];
  /** What else is to be told of columns that are not read. */
  readonly notes: readonly string[];
}

/** Reads a CSV file; refuses, with its line and column, a value that is missing or no number. */
export function readTable(source: ByteSource, options: TableOptions = {}): Table {
  const builder = new TableBuilder(source.name, options);
  readRows(source, options, {
    names: (columns) => builder.begin(columns),
    row: (fields, line) => builder.row(fields, line),
  });
  return builder.table();
}

/** The largest number whose square is a number of f32: errors are squared. */
export const MOST = Math.sqrt((2 - 2 ** -23) * 2 ** 127);

const otherDecimal = (decimal: Decimal): string =>
  `decimals are written with a ${decimal}; if they have a ${otherThan(decimal)}, give --decimal ${otherThan(decimal)}`;

class TableBuilder {
  private own: Columns | undefined;
  /** Places of the columns of numbers. */
  private places: number[] = [];
  private classPlace = -1;
  private columns: number[][] = [];
  private leftOut: LeftOut[] = [];
  private notes: readonly string[] = [];
  private readonly classes: Map<string, number>;
  private readonly labels: number[] = [];
  private readonly decimal: Decimal;

  constructor(
    private readonly where: string,
    private readonly options: TableOptions,
  ) {
    this.decimal = options.decimal ?? 'point';
    this.classes = new Map(options.known?.classes.map((name, i) => [name, i]));
  }

  private get names(): readonly string[] {
    return this.own?.names ?? [];
  }

  begin(columns: Columns): void {
    this.own = columns;
  }

  row(fields: readonly string[], line: number): void {
    if (!this.places.length && this.classPlace < 0) this.choose(fields, this.own!);
    this.places.forEach((place, c) => this.columns[c].push(this.number(fields, place, line)));
    if (this.classPlace >= 0) this.labels.push(this.label(fields, line));
  }

  table(): Table {
    const { names, places, leftOut, notes } = this;
    const rows = this.columns[0]?.length ?? this.labels.length;
    if (!rows) fail(`csv: ${this.where} has no rows.`, { fix: 'give a table with a row for every moment.' });
    return {
      names: places.map((place) => names[place]),
      places: places.map((place) => place + 1),
      columns: this.columns.map((values) => Float64Array.from(values)),
      rows,
      classes: [...this.classes.keys()],
      labels: Uint32Array.from(this.labels),
      leftOut,
      notes,
    };
  }

  /** Chooses the columns, by the first row. */
  private choose(fields: readonly string[], own: Columns): void {
    const { columns, classColumn, known } = this.options;
    if (classColumn !== undefined) this.classPlace = own.placeOf(classColumn);
    const all = own.places.filter((i) => i !== this.classPlace);
    const wanted =
      known?.names.map((name) => own.placeNamed(name)) ?? columns?.map((one) => own.placeOf(one));
    this.places = wanted ?? all.filter((i) => isValue(fields[i], this.decimal));
    const twice = this.places.find((place, i) => this.places.indexOf(place) < i);
    if (twice !== undefined) {
      fail(`csv: column ${JSON.stringify(this.names[twice])} of ${this.where} is asked for twice.`, {
        fix: 'name every column once.',
      });
    }
    const left = wanted ? [] : all.filter((i) => !this.places.includes(i));
    this.leftOut = left.map((i) => ({ name: this.names[i], first: fields[i].trim() }));
    this.notes = own.notes([...this.places, this.classPlace]);
    this.columns = this.places.map(() => []);
    if (this.places.length || this.classPlace >= 0) return;
    const otherwise = fields.some((field) => isOtherwise(field, this.decimal));
    fail(`csv: ${this.where} has no column of numbers.`, {
      given: `the first row is ${fields.slice(0, 6).join(' | ')}`,
      fix: otherwise
        ? `${otherDecimal(this.decimal)}.`
        : 'one row of names stands above the numbers, no title and no unit; or give --delimiter.',
    });
  }

  private number(fields: readonly string[], place: number, line: number): number {
    const value = numberOf(fields[place], this.decimal);
    if (Math.abs(value) <= MOST) return value;
    const text = fields[place].trim();
    const missing = isMissing(text);
    const at = `line ${line}, column ${JSON.stringify(this.names[place])}`;
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
          : `${this.formOf(text)}. Or leave the column out with --columns.`,
      },
    );
  }

  /** What a number must look like that is none. */
  private formOf(text: string): string {
    if (isOtherwise(text, this.decimal)) return otherDecimal(this.decimal);
    return `decimals have a ${this.decimal}, thousands no separator, and nothing follows a number`;
  }

  private label(fields: readonly string[], line: number): number {
    const text = fields[this.classPlace].trim();
    if (!text || (this.options.known && !this.classes.has(text))) {
      const at = `line ${line}, column ${JSON.stringify(this.names[this.classPlace])}`;
      if (!text)
        fail(`csv: ${this.where}, ${at}: the class is missing.`, { fix: 'fill it in or take the row away.' });
      fail(`csv: ${this.where}, ${at}: ${JSON.stringify(text)} is no class that the model knows.`, {
        given: `it knows ${[...this.classes.keys()].join(', ')}`,
        fix: 'take the row away, or train on a table that has this class.',
      });
    }
    if (!this.classes.has(text)) this.classes.set(text, this.classes.size);
    return this.classes.get(text)!;
  }
}
