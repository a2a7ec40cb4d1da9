// The part of the report that trains: nanoGPT's Shakespeare for a minute, if its text is there.

import { reasonOf, type Part, type Sheet } from '../../../bench/parts';
import { short } from '../../../bench/table';
import type { Engine } from '../../../gpu/engine';
import { count } from '../../../report/text.node';
import { makeTask, train } from '../../../runs/outcome';
import { readData, type TaskData } from '../../../runs/readData.node';
import { chosenOptions, makeSettings } from '../../../runs/settings';
import { TABLES, taskCalled } from '../../../runs/tables';
import { allEvaluations, type FitState } from '../../../train/fit';
import { isSoftware } from '../../engine/adapter.node';

/** Seconds that it trains, where there is time. */
const MINUTE = 60;
const [TASK, MODEL] = ['shakespeare', 'transformer'];

/** Trains the preset for a GPU, or that for a CPU on a software adapter, and says how far it came. */
export const textPart = (open: () => Promise<Engine>, data?: string): Part => ({
  name: 'shakespeare',
  about: `the ${MODEL} of nanoGPT on the characters of Shakespeare, for ${MINUTE} s: tokens a second, loss`,
  share: 75,
  least: 10,
  async run(sheet, time) {
    let read: TaskData | undefined;
    try {
      const chosen = chosenOptions(TASK, MODEL, { preset: 'nanogpt-gpu' });
      read = await readData(taskCalled(TASK, TABLES), chosen, { data });
    } catch (error) {
      // A clone and a package have no text: that is nothing wrong with the machine.
      sheet.notes.push(`Not trained: ${reasonOf(error)}`);
      return;
    }
    const engine = await open();
    await trainFor(Math.min(MINUTE, 0.8 * time.left()), { engine, data: read!, sheet });
    engine.destroy();
  },
});

interface Given {
  readonly engine: Engine;
  readonly data: TaskData;
  readonly sheet: Sheet;
}

async function trainFor(seconds: number, { engine, data, sheet }: Given): Promise<void> {
  const preset = isSoftware(engine.info!) ? 'nanogpt-cpu' : 'nanogpt-gpu';
  const settings = makeSettings(TASK, MODEL, { preset }, data.facts);
  const enough = new Error('enough');
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(enough), seconds * 1000);
  const heard = new Heard();
  try {
    await train({
      engine,
      settings,
      task: makeTask(settings, data.content),
      signal: stop.signal,
      onProgress: heard.note,
    });
  } catch (error) {
    if (error !== enough) throw error;
  } finally {
    clearTimeout(timer);
    tell(heard, preset, sheet);
  }
}

/** What the training has said last, and first: the steps before that compile. */
class Heard {
  first?: { readonly at: number; readonly tokens: number };
  last?: { readonly at: number; readonly tokens: number; readonly loss: number; readonly state: FitState };

  readonly note = (state: FitState, loss: number, tokens: number): void => {
    const at = performance.now() / 1000;
    this.first ??= { at, tokens };
    this.last = { at, tokens, loss, state };
  };
}

function tell({ first, last }: Heard, preset: string, sheet: Sheet): void {
  if (!first || !last) {
    sheet.notes.push(`Of ${preset} not one step ended in that time.`);
    return;
  }
  const { step, seconds } = last.state;
  const rate = last.at > first.at ? (last.tokens - first.tokens) / (last.at - first.at) : null;
  const validation = allEvaluations(last.state).at(-1)?.value ?? null;
  sheet.head = ['preset', 'steps', 'seconds', 'tokens/s', 'loss', 'validation'];
  sheet.rows.push([preset, count(step), ...[seconds, rate, last.loss, validation].map(short)]);
  Object.assign(sheet.values, { preset, step, seconds, tokensPerSecond: rate, loss: last.loss, validation });
  sheet.notes.push('Tokens a second are counted from the first news of the training on, behind compiling.');
}
