// Labelled sequences in one CSV file whose rows are steps: a column says which sequence each is of.
//
//   recording,class,x,y
//   7,walking,0.1,0.9
//   7,walking,0.2,0.8

import { fail } from '../../graph/check';
import type { ByteSource } from '../byteSource';
import { isValue } from '../own/numbers';
import { noteOn, readRows, type Columns } from '../own/rows';
import { readTable } from '../own/table';
import { classPlaceIn, type ColumnOptions } from './columns';
import type { FoundSequence, FoundSequences } from './sequence';
import { stepsOf } from './steps';

/** Rows that are steps: those with the same value in a column are a sequence, in the order of the file. */
export function sequencesInSteps(
  source: ByteSource,
  options: ColumnOptions,
  sequenceColumn: string,
): FoundSequences {
  if (options.textColumn !== undefined) {
    fail('classification: --text-column does not go with --sequence-column.', {
      fix: 'leave one of the two out: a row is a text, or a step of numbers.',
    });
  }
  const own = { ...options, known: undefined };
  const steps = new StepReader(source.name, own, sequenceColumn);
  readRows(source, own, steps);
  const columns = options.known ?? options.columns ?? steps.numbers;
  if (!columns.length) {
    fail(`classification: ${source.name} has no column of numbers.`, {
      given: `its other columns are ${steps.leftOut.join(', ')}`,
      fix: 'give a table with a step a row; or leave --sequence-column out, where rows are texts.',
    });
  }
  const table = readTable(source, { ...own, columns, classColumn: sequenceColumn });
  const rows = table.classes.map((): number[] => []);
  table.labels.forEach((id, row) => rows[id].push(row));
  const sequences = rows.map((its, id): FoundSequence => {
    const where = `${sequenceColumn} ${table.classes[id]} of ${source.name}`;
    const labels = options.unlabelled ? [] : [...new Set(its.map((row) => steps.labels[row]))];
    if (labels.length > 1) {
      fail(`classification: ${where} is of several classes.`, {
        given: labels.join(', '),
        fix: 'mend its rows: a sequence is of one class.',
      });
    }
    return { where, label: labels[0], content: stepsOf(table.columns, its) };
  });
  const notes = [...steps.notes(table.places), ...noteOn(options.columns ? [] : steps.leftOut)];
  return { material: 'numbers', names: table.names, sequences, inFiles: false, notes };
}

/** Rows that are steps: the class of each, and which columns are numbers. */
class StepReader {
  readonly labels: string[] = [];
  /** Names of the columns of numbers, by the first row, and of the others. */
  numbers: readonly string[] = [];
  leftOut: readonly string[] = [];
  private columns!: Columns;
  private classPlace = -1;

  constructor(
    private readonly where: string,
    private readonly options: ColumnOptions,
    private readonly sequenceColumn: string,
  ) {}

  /** What is to be told of columns that are not read, where those at these places, from 1, are. */
  notes(read: readonly number[]): string[] {
    const { columns, classPlace, sequenceColumn } = this;
    return columns.notes([...read.map((place) => place - 1), classPlace, columns.placeOf(sequenceColumn)]);
  }

  names(columns: Columns): void {
    this.columns = columns;
    this.classPlace = classPlaceIn(columns, this.where, this.options);
  }

  row(fields: readonly string[], line: number): void {
    const { classPlace, options } = this;
    if (!this.labels.length) this.choose(fields);
    const label = classPlace < 0 ? '' : fields[classPlace].trim();
    if (!label && !options.unlabelled) {
      fail(`classification: line ${line} of ${this.where} has no class.`, {
        fix: 'fill it in, or take the row away.',
      });
    }
    this.labels.push(label);
  }

  private choose(fields: readonly string[]): void {
    const { columns, classPlace, sequenceColumn, options } = this;
    const apart = [classPlace, columns.placeOf(sequenceColumn)];
    const others = columns.places.filter((i) => !apart.includes(i)).map((i) => columns.names[i]);
    const isNumber = (name: string) =>
      isValue(fields[columns.names.indexOf(name)], options.decimal ?? 'point');
    this.numbers = others.filter(isNumber);
    this.leftOut = others.filter((name) => !isNumber(name));
  }
}
