// Labelled sequences in one CSV file: a row is a sequence, of a text or of numbers from left to right, as in the UCR
// archive (Dau et al. 2019, arXiv 1810.07758).
//
//   text,class            class <tab> 0.1 <tab> 0.4 …
//   What a day!,good      1     <tab> 0.3 <tab> 0.2 …

import { fail } from '../../graph/check';
import type { ByteSource } from '../byteSource';
import { isMissing, isValue, numberOf, type Decimal } from '../own/numbers';
import type { RecordAt } from '../own/marked';
import { noteOn, readRows, type Columns } from '../own/rows';
import { MOST } from '../own/table';
import { classPlaceIn, type ColumnOptions } from './columns';
import type { FoundSequence, FoundSequences } from './sequence';

/** The sequences of a CSV file; refuses, with its line and column, what is missing or no number. */
export function sequencesInRows(source: ByteSource, options: ColumnOptions): FoundSequences {
  const reader = new RowReader(source.name, options);
  readRows(source, { ...options, known: undefined }, reader);
  return reader.found();
}

const NUMBERS = { material: 'numbers', names: ['value'] } as const;

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
    const isRow = header && this.options.header === undefined && this.isRow(header);
    const sequences = [...(isRow ? [this.sequence(header.fields, header.line)] : []), ...this.sequences];
    if (!sequences.length) {
      fail(`classification: ${this.where} has no rows.`, { fix: 'give a table with a sequence a row.' });
    }
    const { own, textPlace, classPlace, places = [], leftOut } = this;
    const notes = [...own.notes([...places, classPlace, textPlace]), ...noteOn(leftOut)];
    const of = textPlace >= 0 ? ({ material: 'text', names: [own.names[textPlace]] } as const) : NUMBERS;
    return { ...of, sequences, inFiles: false, notes };
  }

  /**
   * Whether words above words are a row: the one above the classes is a class itself, or, where there are none, no
   * column has the name of that which a model was trained on.
   */
  private isRow({ fields }: RecordAt): boolean {
    const { classPlace, options } = this;
    const texts = fields.map((field) => field.trim());
    if (classPlace >= 0) return this.sequences.some(({ label }) => label === texts[classPlace]);
    return this.textPlace >= 0 && options.known !== undefined && !texts.includes(options.known[0]);
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
    const others = own.places.filter((i) => i !== classPlace);
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
