// Labelled sequences in one CSV file: a row is a sequence, of a text or of numbers from left to right, as in the UCR
// archive (Dau et al. 2019, arXiv 1810.07758); or a row is a step, and a column says which sequence it is of.
//
//   text,class            class <tab> 0.1 <tab> 0.4 …        recording,class,x,y
//   What a day!,good      1     <tab> 0.3 <tab> 0.2 …        7,walking,0.1,0.9

import { fail } from '../../graph/check';
import type { ByteSource } from '../byteSource';
import { isMissing, isValue, numberOf, type Decimal } from '../own/numbers';
import { readRows, type Columns, type RowsOptions } from '../own/rows';
import { MOST, readTable } from '../own/table';
import { stepsOf } from './steps';
import type { FoundSequence, FoundSequences } from './sequence';

/** Which columns of a CSV file are what, by name or, counted from 1, by place. */
export interface ColumnOptions extends Omit<RowsOptions, 'known'> {
  /** The class; default: the column called class, label, category or target. */
  readonly classColumn?: string;
  /** The text, where rows are texts; default: the only column that is no numbers, if there are no two of numbers. */
  readonly textColumn?: string;
  /** What rows of one sequence have in common, where a row is a step. Default: a row is a sequence. */
  readonly sequenceColumn?: string;
  /** The columns of numbers; default: all. */
  readonly columns?: readonly string[];
  /** The columns of numbers that a trained model knows, where a row is a step. */
  readonly known?: readonly string[];
  /** Whether it may lack the class, and what it has is not looked at: for what is to be classified. Default: no. */
  readonly unlabelled?: boolean;
}

const CALLED = /^(class|label|category|target)$/i;

/** The sequences of a CSV file; refuses, with its line and column, what is missing or no number. */
export function sequencesInRows(source: ByteSource, options: ColumnOptions): FoundSequences {
  if (options.sequenceColumn !== undefined) return stepsInRows(source, options, options.sequenceColumn);
  const reader = new RowReader(source.name, options);
  readRows(source, { ...options, known: undefined }, reader);
  return reader.found();
}

/** The place of the class among columns, from 0; −1 where it is not there and need not be. */
function classPlaceIn(columns: Columns, where: string, { classColumn, unlabelled }: ColumnOptions): number {
  const { names } = columns;
  if (classColumn !== undefined) {
    return unlabelled && !names.includes(classColumn) && !/^\d+$/.test(classColumn)
      ? -1
      : columns.placeOf(classColumn);
  }
  const called = names.filter((name) => CALLED.test(name));
  if (called.length === 1) return names.indexOf(called[0]);
  if (unlabelled && !called.length) return -1;
  return fail(`classification: which column of ${where} holds the classes is not clear.`, {
    given: `its columns are ${columns.listed}`,
    fix: 'give --class-column NAME, or its place, counted from 1.',
  });
}

/** Rows that are sequences. */
class RowReader {
  private own!: Columns;
  private classPlace = -1;
  /** The place of the text; −1: rows are numbers. */
  private textPlace = -1;
  private places: readonly number[] | undefined;
  private leftOut: readonly string[] = [];
  private readonly sequences: FoundSequence[] = [];
  private readonly decimal: Decimal;

  constructor(
    private readonly where: string,
    private readonly options: ColumnOptions,
  ) {
    this.decimal = options.decimal ?? 'point';
  }

  names(columns: Columns): void {
    this.own = columns;
    this.classPlace = classPlaceIn(columns, this.where, this.options);
  }

  row(fields: readonly string[], line: number): void {
    if (!this.places) this.choose(fields);
    this.sequences.push(this.sequence(fields, line));
  }

  found(): FoundSequences {
    const header = this.own?.header;
    // Words above words are no names where the one above the classes is a class itself.
    const { classPlace } = this;
    const said = classPlace < 0 ? undefined : header?.fields[classPlace].trim();
    const isRow = said !== undefined && this.sequences.some(({ label }) => label === said);
    const first =
      header && isRow && this.options.header === undefined ? [this.sequence(header.fields, header.line)] : [];
    const sequences = [...first, ...this.sequences];
    if (!sequences.length) {
      fail(`classification: ${this.where} has no rows.`, { fix: 'give a table with a sequence a row.' });
    }
    const { leftOut } = this;
    const notes = leftOut.length ? [`no numbers, and left out: ${leftOut.join(', ')}`] : [];
    const material = this.textPlace >= 0 ? 'text' : 'numbers';
    return { material, names: material === 'text' ? [] : ['value'], sequences, inFiles: false, notes };
  }

  private sequence(fields: readonly string[], line: number): FoundSequence {
    const where = `line ${line} of ${this.where}`;
    const label = this.classPlace < 0 ? undefined : fields[this.classPlace].trim();
    if (label === '' && !this.options.unlabelled) {
      fail(`classification: ${where} has no class.`, { fix: 'fill it in, or take the row away.' });
    }
    return {
      where,
      label,
      content: this.textPlace >= 0 ? fields[this.textPlace] : this.numbers(fields, line),
    };
  }

  /** Chooses what a row is made of, by the first. */
  private choose(fields: readonly string[]): void {
    const { own, classPlace, decimal } = this;
    const { textColumn, columns } = this.options;
    const others = fields.map((_, i) => i).filter((i) => i !== classPlace);
    const numbers = others.filter((i) => isValue(fields[i], decimal));
    const texts = others.filter((i) => !numbers.includes(i));
    this.places = columns?.map((one) => own.placeOf(one)) ?? numbers;
    if (textColumn !== undefined) this.textPlace = own.placeOf(textColumn);
    else if (!columns && numbers.length < 2) this.textPlace = this.onlyText(texts, others);
    else if (!columns) this.leftOut = texts.map((i) => own.names[i]);
    if (this.textPlace === classPlace && classPlace >= 0) {
      fail(`classification: the text and the class are one column, ${own.names[classPlace]}.`, {
        fix: 'name two by --text-column and --class-column.',
      });
    }
  }

  private onlyText(texts: readonly number[], others: readonly number[]): number {
    if (texts.length === 1) return texts[0];
    // A text may be a number, where it is all that there is.
    if (!texts.length && others.length === 1) return others[0];
    return fail(`classification: which column of ${this.where} holds the texts is not clear.`, {
      given: `its columns are ${this.own.listed}`,
      fix: 'give --text-column NAME, or its place, counted from 1.',
    });
  }

  /** The numbers of a row; missing ones behind the last say that the sequence is shorter. */
  private numbers(fields: readonly string[], line: number) {
    const places = this.places!;
    let length = places.length;
    while (length > 0 && isMissing(fields[places[length - 1]])) length--;
    const values = Float64Array.from({ length }, (_, t) => numberOf(fields[places[t]], this.decimal));
    const wrong = values.findIndex((value) => !(Math.abs(value) <= MOST));
    if (!length || wrong >= 0) {
      const at = `line ${line} of ${this.where}`;
      const text = length ? JSON.stringify(fields[places[wrong]].trim()) : '';
      fail(`classification: ${at}: ${text ? `${text} is no number` : 'it has no numbers'}.`, {
        given: text && `column ${JSON.stringify(this.own.names[places[wrong]])}`,
        fix: `mend it, or take the row away; decimals have a ${this.decimal}, and are at most ±${MOST.toPrecision(4)}.`,
      });
    }
    return { width: 1, values };
  }
}

/** Rows that are steps: those with the same value in a column are a sequence, in the order of the file. */
function stepsInRows(source: ByteSource, options: ColumnOptions, sequenceColumn: string): FoundSequences {
  if (options.textColumn !== undefined) {
    fail('classification: --text-column does not go with --sequence-column.', {
      fix: 'leave one of the two out: a row is a text, or a step of numbers.',
    });
  }
  let found: { readonly names: readonly string[]; readonly at: number } | undefined;
  const own = { ...options, known: undefined };
  readRows(source, own, {
    names: (columns) => {
      found ??= { names: columns.names, at: classPlaceIn(columns, source.name, options) };
    },
    row() {},
  });
  const { names = [], at = -1 } = found ?? {};
  const classColumn = at < 0 ? undefined : names[at];
  const ids = readTable(source, { ...own, classColumn: sequenceColumn });
  const columns = options.known ?? options.columns ?? ids.names.filter((name) => name !== classColumn);
  const { columns: values, names: read } = readTable(source, {
    ...own,
    columns,
    classColumn: sequenceColumn,
  });
  const said = classColumn === undefined ? undefined : readTable(source, { ...own, columns, classColumn });
  const rows = ids.classes.map((): number[] => []);
  ids.labels.forEach((id, row) => rows[id].push(row));
  const sequences = rows.map((own, id): FoundSequence => {
    const where = `${sequenceColumn} ${ids.classes[id]} of ${source.name}`;
    const classes = [...new Set(own.map((row) => said?.classes[said.labels[row]]))];
    if (classes.length > 1 && !options.unlabelled) {
      fail(`classification: ${where} is of several classes.`, {
        given: classes.join(', '),
        fix: 'mend its rows: a sequence is of one class.',
      });
    }
    return { where, label: classes[0], content: stepsOf(values, own) };
  });
  const left = ids.leftOut.filter(({ name }) => name !== classColumn && !options.columns);
  const notes = left.length ? [`no numbers, and left out: ${left.map(({ name }) => name).join(', ')}`] : [];
  return { material: 'numbers', names: read, sequences, inFiles: false, notes };
}
