// Runs a study cell by cell: keeps each result as it comes, leaves out what is finished, shows how far it is.

import type { Engine } from '../gpu/engine';
import { fail } from '../graph/check';
import type { AnyStudy, Cell, Context, Setup, Stoppable, TaskChoice } from './study';
import { stampHere } from './version.node';
import type { Task } from '../tasks/task';
import { readData, type TaskData } from './readData.node';
import { makeTask } from './outcome';
import type { Line, StudyFolder } from './studyFolder.node';
import { TABLES, taskCalled, type Tables } from './tables';

/** What a study on the host runs on. */
export const HOST = 'none: computed in doubles on the host';

/** A study that is run, where, and whom to tell of it. */
export interface StudyRun {
  readonly study: AnyStudy;
  readonly setup: Setup;
  readonly folder: StudyFolder;
  /** What is finished already; grows. */
  readonly lines: Map<string, Line>;
  /** The value of --data. */
  readonly data?: string;
  /** Opens an adapter, when a cell first asks for one, and again when what was trained on it holds much memory. */
  open(): Promise<Engine>;
  /** The tables that its tasks and models are from; default: ours. */
  readonly tables?: Tables;
  readonly stoppable: Stoppable;
  /** Whom to tell. */
  readonly progress: StudyProgress;
}

/** What is to be shown of a study while it runs. */
export interface StudyProgress {
  /** Which adapter the cells that are not finished run on. */
  adapter(engine: Engine): Promise<void>;
  /** Cells that were finished before. */
  before(count: number): void;
  /** A cell begins, after `done` of `all`. */
  begin(cell: string, done: number, all: number): void;
  /** From 0 to 1 of the cell. */
  update(share: number, words?: string): void;
  /** The cell is finished, with its result in a few words. */
  end(seconds: number, words?: string): void;
  stop(): void;
}

/** Runs what is not finished; the results are then in `lines`. */
export async function runCells(run: StudyRun): Promise<void> {
  const { study, setup, folder, lines, data, open, stoppable, progress, tables = TABLES } = run;
  const machine = new Machine(data, study.onHost ?? false, open, tables);
  const results = new Map([...lines].map(([id, { result }]) => [id, result]));
  const first = unfinished(study, setup, lines, results);
  if (first && !study.onHost) await progress.adapter(await machine.engine());
  if (results.size) progress.before(results.size);
  const stamp = stampHere();
  try {
    for (let cell = first; cell; cell = unfinished(study, setup, lines, results)) {
      const count = study.count?.(setup) ?? study.cells(setup, results).length;
      progress.begin(cell.id, results.size, count);
      const start = performance.now();
      const context = {
        ...machine.context(),
        results,
        progress: progress.update,
        stoppable,
        checkpoint: folder.checkpoint(cell),
      };
      const result = await study.run(cell, context);
      const seconds = Number(((performance.now() - start) / 1000).toFixed(3));
      const line: Line = { cell: cell.id, settings: cell.settings, result, seconds, adapter: machine.name, ...stamp };
      folder.append(line);
      lines.set(cell.id, line);
      results.set(cell.id, result);
      progress.end(seconds, study.words?.(result));
      await machine.tidy();
      // Cells on the host never wait: this is where a signal is heard.
      await new Promise((next) => setImmediate(next));
    }
  } finally {
    progress.stop();
    await machine.close();
  }
}

/** The next cell to run; what is finished must be of the same settings. */
function unfinished(
  study: AnyStudy,
  setup: Setup,
  lines: ReadonlyMap<string, Line>,
  results: ReadonlyMap<string, unknown>,
): Cell<unknown> | undefined {
  const cells = study.cells(setup, results);
  for (const { id, settings } of cells) {
    const line = lines.get(id);
    if (!line || sameJson(line.settings, settings)) continue;
    fail(`${study.name}: the cell ${id} was run with other settings.`, {
      given: `${JSON.stringify(line.settings)} there, ${JSON.stringify(settings)} now`,
      fix: 'another version of seqgpu wrote it; name another --out.',
    });
  }
  return cells.find(({ id }) => !results.has(id));
}

/** Whether two values are the same JSON, which knows no `undefined`. */
const sameJson = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/** The adapter, opened when it is needed, and the tasks with their data. */
class Machine {
  private opened?: Promise<Engine>;
  name = HOST;
  private readonly files = new Map<string, TaskData | undefined>();

  constructor(
    private readonly data: string | undefined,
    private readonly onHost: boolean,
    private readonly open: StudyRun['open'],
    private readonly tables: Tables,
  ) {}

  async engine(): Promise<Engine> {
    if (this.onHost) fail('study: this study computes on the host.');
    const engine = await (this.opened ??= this.open());
    this.name = engine.name;
    return engine;
  }

  context(): Pick<Context, 'engine' | 'task' | 'models'> {
    return { engine: () => this.engine(), task: (choice) => this.task(choice), models: this.tables.models };
  }

  /** Files are read for the first cell of a task, and kept for the others. */
  private async task(choice: TaskChoice): Promise<Task> {
    const spec = taskCalled(choice.task, this.tables);
    if (!this.files.has(spec.name)) this.files.set(spec.name, await readData(spec, choice, { data: this.data }));
    return makeTask(choice, this.files.get(spec.name)?.content, this.tables);
  }

  /** An engine keeps the parameters of all it has trained: the next cell gets another when these are many. */
  async tidy(): Promise<void> {
    const engine = await this.opened;
    if (engine && engine.stats.bytes > MOST_BYTES) await this.close();
  }

  async close(): Promise<void> {
    // One that could not be opened has told so already.
    const engine = await this.opened?.catch(() => undefined);
    this.opened = undefined;
    await engine?.idle().catch(() => {});
    engine?.destroy();
  }
}

const MOST_BYTES = 2 ** 30;

/** The checksums of the data files that these tasks read; missing ones are told now, not after an hour. */
export async function checksums(
  tasks: readonly string[],
  data: string | undefined,
  tables: Tables = TABLES,
): Promise<Record<string, string>> {
  const sums: Record<string, string> = {};
  for (const name of tasks) {
    const read = await readData(taskCalled(name, tables), {}, { data });
    if (read) sums[name] = read.facts.sha256;
  }
  return sums;
}
