// Where cells are run: an adapter, opened when it is needed, and the tasks with their data.

import type { Engine } from '../gpu/engine';
import { fail } from '../graph/check';
import type { Task } from '../tasks/task';
import { makeTask } from './outcome';
import { readData, type Place, type TaskData } from './readData.node';
import type { Context, TaskChoice } from './study';
import { TABLES, taskCalled, type Tables } from './tables';
import type { Values } from '../spec/option';
import type { Precision } from '../spec/training';

/** What a study on the host runs on. */
export const HOST = 'none: computed in doubles on the host';

/** How a machine is set up. */
export interface MachineOptions {
  /** Where the data of its tasks is. */
  readonly place: Place;
  /** Whether no adapter is needed. */
  readonly onHost?: boolean;
  /**
   * Opens an adapter, when a cell first asks for one, and again when what was trained on it holds much memory, or a
   * cell asks for another precision.
   */
  open(precision: Precision): Promise<Engine>;
  /** The tables that its tasks and models are from; default: ours. */
  readonly tables?: Tables;
  /** The checksums that the data of a task must have, by its name; default: any. */
  readonly sums?: Readonly<Record<string, string>>;
}

/** The adapter and the data of this machine. */
export class Machine {
  private opened?: Promise<Engine>;
  private precision: Precision = 'f32';
  name = HOST;
  private readonly files = new Map<string, TaskData | undefined>();

  constructor(private readonly options: MachineOptions) {}

  async engine(precision: Precision = 'f32'): Promise<Engine> {
    if (this.options.onHost) fail('This study computes on the host.');
    if (precision !== this.precision) await this.close();
    this.precision = precision;
    const engine = await (this.opened ??= this.options.open(precision));
    this.name = precision === 'f32' ? engine.name : `${engine.name}, stored in ${precision}`;
    return engine;
  }

  context(): Pick<Context, 'engine' | 'task' | 'models'> {
    const { models } = this.options.tables ?? TABLES;
    return { engine: (precision) => this.engine(precision), task: (choice) => this.task(choice), models };
  }

  /** Files are read for the first cell of a task, and kept for the others. */
  private async task(choice: TaskChoice): Promise<Task> {
    const { tables = TABLES, place, sums = {} } = this.options;
    const spec = taskCalled(choice.task, tables);
    if (!this.files.has(spec.name)) {
      const read = await readData(spec, choice, place);
      const wanted = sums[spec.name];
      if (wanted && read?.facts.sha256 !== wanted) {
        fail(`The data of ${spec.name} here are not those that were asked for.`, {
          given: `sha256 ${read?.facts.sha256 ?? 'none'} here, ${wanted} asked for`,
          fix: spec.data?.from
            ? 'name the same files by --from.'
            : `name the right folder by --data, or fetch it: npx seqgpu data ${spec.name}`,
        });
      }
      this.files.set(spec.name, read);
    }
    return makeTask(choice, this.files.get(spec.name)?.content, tables);
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
  place: Place,
  tables: Tables = TABLES,
  /** How they are to be read. */
  settings: Values = {},
): Promise<Record<string, string>> {
  const sums: Record<string, string> = {};
  for (const name of tasks) {
    const read = await readData(taskCalled(name, tables), settings, place);
    if (read) sums[name] = read.facts.sha256;
  }
  return sums;
}
