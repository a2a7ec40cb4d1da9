// The classes of launches that the models of the tables have: those which an op knows several ways for, over the steps
// of all models at the settings that they begin with. Nothing is trained, and no data is read: see standIns.ts.

import type { Engine } from '../gpu/engine';
import { shapeText } from '../graph/check';
import type { Call } from '../graph/tensor';
import { modelOn } from '../models/modelSpec';
import { SGD } from '../optim/index';
import { Random } from '../random';
import { makeTask } from './outcome';
import { makeSettings } from './settings';
import { standInFor } from './standIns';
import { taskCalled, type Tables } from './tables';

/** Launches of one op on shapes of one class. */
export interface ShapeClass {
  /** What a table of measured ways calls it. */
  readonly key: string;
  readonly op: string;
  /** The shapes of the call that stands for it, in words. */
  readonly shapes: string;
  /** A call of the class, of the model in which it does the most. */
  readonly call: Call;
  /** Floating-point operations of that call. */
  readonly flops: number;
  /** Its parts of the operations of a step, summed over all models. */
  readonly weight: number;
  /** The models that have it, e.g. `jsb lstm`. */
  readonly models: readonly string[];
}

/** A model of the tables on a task. */
export interface TableModel {
  /** E.g. `jsb lstm`, and the name of the preset where that is not `default`. */
  readonly name: string;
  readonly task: string;
  readonly model: string;
  readonly preset?: string;
}

/** Presets that are no default and small enough for every adapter. */
const OTHERS = ['nanogpt-cpu'];

/** The models whose steps are looked at: those with settings for a task, and all where a task has none for any. */
export function tableModels({ tasks, models }: Tables): TableModel[] {
  return tasks.flatMap(({ name: task, reads, presets, data }) => {
    // The data of one's own has shapes of its own, and permuted images those of images.
    if (data && standInFor(task) === undefined) return [];
    const tuned = presets.default ?? {};
    const able = models.filter(({ on }) => on[reads]).map(({ name }) => name);
    const own = able.filter((model) => tuned[model] || !Object.keys(tuned).length);
    const named = OTHERS.flatMap((preset) =>
      Object.keys(presets[preset] ?? {}).map((model) => ({
        name: `${task} ${model} ${preset}`,
        task,
        model,
        preset,
      })),
    );
    return [...own.map((model) => ({ name: `${task} ${model}`, task, model })), ...named];
  });
}

/** A launch that could have been another, in a training step of a model. */
interface Found {
  readonly key: string;
  readonly call: Call;
  readonly flops: number;
  readonly part: number;
}

/** What of the training step of a model has several ways; `engine` must have a tuning, even an empty one. */
export function launchesOf(
  engine: Engine,
  { task: name, model, preset }: TableModel,
  tables: Tables,
): Found[] {
  const spec = taskCalled(name, tables);
  modelOn(model, spec.reads, tables.models, name);
  const data = spec.data && standInFor(name);
  const facts = spec.data && { ...spec.data.facts(data), sha256: 'stand-in' };
  const settings = makeSettings(name, model, preset === undefined ? {} : { preset }, facts, tables);
  const task = makeTask(settings, data, tables);
  const program = task.program(settings, tables.models);
  const sgd = new SGD(program.model.parameters(), { learningRate: 0.1 });
  const step = engine.train((...batch) => sgd.minimize(program.loss(...batch)));
  const { dispatches } = step.plan(...task.source(new Random(1)).next());
  step.destroy();
  const all = dispatches.reduce((sum, { flops }) => sum + flops, 0) || 1;
  const found = new Map<Call, Found>();
  for (const { choice, call, flops } of dispatches) {
    if (!choice) continue;
    const known = found.get(call)?.flops ?? 0;
    found.set(call, { key: choice.key, call, flops: known + flops, part: (known + flops) / all });
  }
  return [...found.values()];
}

/** The classes of some models, those first that do most of the work. */
export function shapeClasses(
  models: readonly { readonly name: string; readonly launches: readonly Found[] }[],
): ShapeClass[] {
  const classes = new Map<string, ShapeClass>();
  for (const { name, launches } of models) {
    for (const { key, call, flops, part } of launches) {
      const known = classes.get(key);
      const stands = known && known.flops >= flops ? known : { call, flops };
      classes.set(key, {
        key,
        op: call.op.name,
        shapes: shapesOf(stands.call),
        call: stands.call,
        flops: stands.flops,
        weight: (known?.weight ?? 0) + part,
        models: [...new Set([...(known?.models ?? []), name])],
      });
    }
  }
  return [...classes.values()].sort((one, other) => other.weight - one.weight);
}

/** The inputs that matter: `[2048, 128] [128, 1024]`, with the options that are set. */
function shapesOf({ inputs, attrs }: Call): string {
  const shapes = Object.values(inputs).map(({ shape }) => shapeText(shape));
  const options = Object.entries(attrs).flatMap(([name, value]) => optionText(name, value));
  return [...shapes.slice(0, 2), ...options].join(' ');
}

function optionText(name: string, value: unknown): string[] {
  if (value === false || value === 'none' || typeof value === 'object' || typeof value === 'function')
    return [];
  return [value === true ? name : `${name} ${String(value)}`];
}
