// Parts of the report that measure: ceilings, rows of the bench beside them, and what tuning makes of a step.

import { bench, measure, type Case, type ReportRow } from '../../../bench/index';
import { inTime, reasonOf, type Part, type Sheet } from '../../../bench/parts';
import { ceilingLine, short, tableOf } from '../../../bench/table';
import type { Engine } from '../../../gpu/engine';
import { timeStep } from '../../../gpu/look/profile';
import { tuneStep } from '../../../gpu/look/tune';

/** Opens an engine with the kernels that the adapter gets. */
export type Open = () => Promise<Engine>;

const ROUNDS = 3;

/** What the adapter can do at most. */
export const ceilingsPart = (open: Open): Part => ({
  name: 'ceilings',
  about: 'multiply-adds in registers, a copy in a shader, a launch among many',
  share: 10,
  least: 1,
  async run(sheet) {
    const engine = await open();
    const { ceiling } = await measure(engine, [], { rounds: ROUNDS });
    engine.destroy();
    sheet.notes.push(`${ceilingLine({ ceiling })}.`);
    Object.assign(sheet.values, ceiling);
  },
});

/** How rows are measured. */
export interface RowsHow {
  readonly open: Open;
  readonly runtime: string;
  /** Gets the milliseconds of each by its name. */
  readonly ours: Map<string, number>;
}

/** Cases of the bench one by one, each on an engine of its own, beside ceilings of the same moment. */
export function rowsPart(
  { name, about, share }: Pick<Part, 'name' | 'about' | 'share'>,
  cases: readonly Case[],
  how: RowsHow,
): Part {
  return {
    name,
    about,
    share,
    least: 2,
    async run(sheet, time) {
      const rows: ReportRow[] = [];
      sheet.values.rows = rows;
      const measured = (one: Case) => measureRow(one, sheet, rows, how);
      await inTime(cases, ({ name }) => name, { sheet, time }, measured);
    },
  };
}

async function measureRow(
  one: Case,
  sheet: Sheet,
  rows: ReportRow[],
  { ours, ...how }: RowsHow,
): Promise<void> {
  try {
    const report = await bench({ cases: [one], rounds: ROUNDS, kernels: false, ...how });
    rows.push(...report.rows);
    for (const { name, ms } of report.rows) if (ms !== null) ours.set(name, ms);
    const table = tableOf({ rows: report.rows }, { about: true });
    sheet.head = table.head;
    sheet.rows.push(...table.rows);
  } catch (error) {
    sheet.findings.push(`${one.name} could not be measured: ${reasonOf(error)}`);
  }
}

/** What other ways for the same work do to a step, by measuring them: the table, and what `new Tuning(…)` takes. */
export const tunePart = (cases: readonly Case[], open: Open): Part => ({
  name: 'tuning',
  about: 'steps before and after their launches were tried in other ways',
  share: 80,
  least: 5,
  async run(sheet, time) {
    sheet.head = ['step', 'ms', 'ms tuned', 'tuned / before'];
    const engine = await open();
    await inTime(
      cases,
      ({ name }) => name,
      { sheet, time },
      async (one) => {
        await tuneOne(engine, one, sheet);
        sheet.values.kernels = engine.tuning;
      },
    );
    engine.destroy();
  },
});

const RUNS = 3;

async function tuneOne(engine: Engine, one: Case, sheet: Sheet): Promise<void> {
  try {
    const { step, args } = one.build(engine, one.inputs());
    const time = async () => {
      await timeStep(step, 1, ...args);
      return (await timeStep(step, RUNS, ...args)) / RUNS;
    };
    const before = await time();
    await tuneStep(step, ...args);
    const after = await time();
    sheet.rows.push([one.name, short(before), short(after), short(after / before)]);
    sheet.values[one.name] = { before, after };
  } catch (error) {
    sheet.findings.push(`${one.name} could not be tuned: ${reasonOf(error)}`);
  }
}
