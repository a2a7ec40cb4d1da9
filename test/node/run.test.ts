// A training run without a device: what of its recipe arrives where, what is measured with which parameters, what is
// saved, and what a run that goes on knows again.

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { only } from '../../src/graph/options';
import { Generator } from '../../src/graph/generator';
import { array, type HostArray } from '../../src/graph/host';
import { Parameter } from '../../src/graph/state';
import type { Tensor } from '../../src/graph/tensor';
import { Module } from '../../src/nn/module';
import { SEQUENCE_RULES, SequenceModel } from '../../src/nn/sequenceModel';
import { add, mul } from '../../src/ops/elementwise/binary';
import { dropout } from '../../src/ops/random/dropout';
import { mean } from '../../src/ops/reduce/reduce';
import type { Random } from '../../src/random';
import { run, type Recipe, type RunOptions } from '../../src/runs/run';
import type { Split, Task, TaskModel } from '../../src/tasks/task';
import { decodeSafetensors, encodeSafetensors, type Stored } from '../../src/train/safetensors';
import { stubEngine, type Asked } from '../harness/stubEngine';

/** A weight that a step of the script makes larger by 1, and dropout. */
class Counter extends Module {
  readonly weight = new Parameter([1], 'zeros');
  readonly generator: Generator;

  constructor(seed: number) {
    super();
    this.generator = new Generator(seed);
  }

  override forward(x: Tensor): Tensor {
    return dropout(mul(this.weight, x), { rate: 0.5, generator: this.generator });
  }

  zeroState() {
    return [];
  }

  unroll(x: Tensor) {
    return { y: this.forward(x), states: [] };
  }
}

/** A model whose layers are in a part of it. */
class Around extends Module {
  readonly generator: Generator;

  constructor(readonly inner: TaskModel) {
    super();
    this.generator = inner.generator;
  }

  override forward(x: Tensor): Tensor {
    return this.inner.forward(x);
  }

  zeroState(batch: number) {
    return this.inner.zeroState(batch);
  }

  unroll(x: Tensor, states: Parameters<TaskModel['unroll']>[1]) {
    return this.inner.unroll(x, states);
  }
}

const recipe: Recipe = {
  ...{ model: 'tcn', hidden: 1, levels: 1, optimizer: 'sgd', learningRate: 0.5 },
  ...{ steps: 6, evaluateEvery: 2, seed: 7 },
} as const;

/** Of each split: the values of its batches, and how much each counts. */
const SPLITS: Readonly<Record<Split, readonly (readonly [value: number, weight: number])[]>> = {
  valid: [
    [10, 1],
    [20, 3],
  ],
  test: [[1000, 2]],
};

/** Validation is (w − 3)² + 17.5 where steps make w 1, 2, 3 …; the test split says which w was measured. */
function job(
  given: Partial<Recipe> = {},
  options: Partial<RunOptions> = {},
  more: Partial<Task> = {},
  onStep: (n: number) => void = () => {},
) {
  const batches: number[] = [];
  const asked: Asked[] = [];
  const saves: { last: Stored; best: Stored | null }[] = [];
  let model: Counter | undefined;
  const weight = () => stub.values(model!.weight);
  const stub = stubEngine({
    step([{ data }], what) {
      batches.push(data[0]);
      asked.push(what);
      weight()[0]++;
      onStep(batches.length);
      return 1 / weight()[0];
    },
    measure: ([{ data }]) => [data[0] < 1000 ? (weight()[0] - 3) ** 2 + data[0] : weight()[0], -data[0]],
  });
  const task: Task = {
    ...{ name: 'count', metric: 'score', anchors: [] },
    program({ seed }) {
      const counter = (model = new Counter(seed));
      const measures = (x: Tensor) => ({ score: mean(add(counter.weight, x)), other: mean(x) });
      return { model: counter, loss: (x) => mean(counter.forward(x)), measures };
    },
    source: (random: Random) => ({
      next: () => [array([1], Float32Array.of(random.integer(1000)))],
      save: () => random.save(),
      restore: (saved: number[]) => random.restore(saved),
    }),
    weightOf: ([{ shape }]: readonly HostArray[]) => shape[0],
    *batches(split) {
      for (const [value, count] of SPLITS[split]) yield [array([count], new Float32Array(count).fill(value))];
    },
    ...more,
  };
  const onSave = async (last: Stored, best: Stored | null) => void saves.push({ last, best });
  const done = run({ engine: stub.engine, task, recipe: { ...recipe, ...given }, onSave, ...options });
  return { done, stub, batches, asked, saves };
}

const filed = (stored: Stored): Stored => decodeSafetensors(encodeSafetensors(stored), 'test');
const weightIn = ({ tensors }: Stored, name = 'weight') => tensors.get(name)?.data[0];
/** The folder of a run after its saves, as files. */
const folder = (saves: readonly { last: Stored; best: Stored | null }[], before?: Stored) => ({
  last: filed(saves.at(-1)!.last),
  best: filed([...saves].reverse().find(({ best }) => best)?.best ?? before!),
});

describe('what is measured', () => {
  test('batches count by their weights', async () => {
    const { valid, test: tested, state } = await job({ steps: 3, evaluateEvery: 3 }).done;
    // (1 · 10 + 3 · 20) / 4, at w = 3.
    expect(valid).toEqual({ score: 17.5, other: -17.5 });
    expect(tested).toEqual({ score: 3, other: -1000 });
    expect(state.evaluations).toEqual([{ step: 3, value: 17.5 }]);
  });

  test('the best parameters are those of the smallest validation, and the ones that are tested', async () => {
    const { done, saves } = job({ steps: 8, evaluateEvery: 1 });
    const { state, valid, test: tested } = await done;
    expect(state.best).toEqual({ step: 3, value: 17.5 });
    expect(valid.score).toBe(17.5);
    expect(tested.score).toBe(3);
    expect(saves.map(({ last, best }) => [weightIn(last), best && weightIn(best)])).toEqual([
      ...[
        [1, 1],
        [2, 2],
        [3, 3],
      ],
      ...[4, 5, 6, 7, 8].map((step) => [step, null]),
    ]);
  });

  test('a task may report in other words', async () => {
    const report = ({ score, other }: Readonly<Record<string, number>>) => ({ score: 2 * score, other });
    const { valid, state } = await job({ steps: 3, evaluateEvery: 3 }, {}, { report }).done;
    expect(valid.score).toBe(35);
    expect(state.best?.value).toBe(35);
  });

  test('parameters are counted, and steps per second', async () => {
    const { parameters, stepsPerSecond, state } = await job().done;
    expect(parameters).toBe(1);
    expect(stepsPerSecond).toBe(6 / state.seconds);
  });

  test('kernels are measured only where that is asked for, before the first step', async () => {
    const plain = job();
    await plain.done;
    expect(plain.stub.log).not.toContain('tune');
    const tuned = job({}, { tune: true });
    await tuned.done;
    expect(tuned.stub.log.filter((word) => word !== 'measure').slice(0, 3)).toEqual(['tune', 'step', 'step']);
    // With a batch of its own: the order of training stays.
    expect(tuned.batches).toEqual(plain.batches);
  });
});

describe('a run that is held before its first step', () => {
  const held = (options: Partial<RunOptions> = {}) => {
    let go!: () => void;
    let fail!: (error: Error) => void;
    const gate = new Promise<void>((resolve, reject) => ([go, fail] = [resolve, reject]));
    let reached!: () => void;
    const there = new Promise<void>((resolve) => (reached = resolve));
    const hold = async (more: () => Promise<void>) => {
      await more();
      reached();
      await gate;
    };
    return { ...job({}, { ahead: true, hold, ...options }), go, fail, there };
  };

  test('has compiled what it needs, and ends as one that was not held, its time counted from its start', async () => {
    const plain = job();
    const { test: wanted, state: before } = await plain.done;
    const { done, there, go, stub, batches, saves } = held();
    await there;
    expect(stub.log).toEqual(['compile', 'prepare']);
    await new Promise((resolve) => setTimeout(resolve, 60));
    go();
    const { test: tested, state } = await done;
    expect([tested, state.losses, state.evaluations]).toEqual([wanted, before.losses, before.evaluations]);
    expect(batches).toEqual(plain.batches);
    expect(weightIn(saves.at(-1)!.last)).toBe(weightIn(plain.saves.at(-1)!.last));
    expect(state.seconds).toBeLessThan(0.06);
    // Measuring compiles without blocking, too.
    expect(stub.log.filter((word) => word === 'step').length).toBe(6);
    expect(stub.log.filter((word) => word === 'prepare').length).toBeGreaterThan(1);
  });

  test('frees its step when it is given up, and takes none', async () => {
    const controller = new AbortController();
    const { done, there, fail, stub, batches, saves } = held({ signal: controller.signal });
    await there;
    controller.abort();
    fail(new Error('given up'));
    await expect(done).rejects.toThrow('given up');
    expect(stub.log.at(-1)).toBe('destroy');
    expect([batches, saves]).toEqual([[], []]);
  });
});

describe('what the recipe decides', () => {
  /** What the optimizer's kernel reads of the host in a step, by the names that its struct has. */
  const hyperOf = async (given: Partial<Recipe>, step = 0) => {
    const { done, asked } = job({ steps: 2, evaluateEvery: 2, ...given });
    await done;
    const [name, numbers] = Object.entries(asked[step]).find(([input]) => input.endsWith('.hyper'))!;
    const optimizer = name.split('.')[0];
    const text = readFileSync(new URL(`../../shaders/optim/${optimizer}.wgsl`, import.meta.url), 'utf8');
    const fields = [.../struct Hyper \{([^}]*)\}/.exec(text)![1].matchAll(/(\w+) : f32/g)].map(
      ([, field]) => field,
    );
    expect(numbers).toHaveLength(fields.length);
    return { optimizer, ...Object.fromEntries(fields.map((field, i) => [field, numbers[i]])) };
  };
  const clipped = { weightDecay: 0.25, clipNorm: 0.125 };

  test('sgd: rate, momentum, decay, the form of momentum, clipping', async () => {
    const bare = {
      optimizer: 'sgd',
      learningRate: 0.5,
      momentum: 0,
      weightDecay: 0,
      nesterov: 0,
      clipNorm: 0,
    };
    expect(await hyperOf({})).toEqual(bare);
    const all = { ...clipped, momentum: 0.9 };
    expect(await hyperOf({ ...all, nesterov: true })).toEqual({ ...bare, ...all, nesterov: 1 });
    expect(await hyperOf({ ...all, nesterov: false })).toEqual({ ...bare, ...all });
  });

  test('rmsprop: momentum, decay and clipping', async () => {
    const bare = { optimizer: 'rmsProp', learningRate: 0.5, fresh: 1 - 0.99, epsilon: 1e-8 };
    const none = { momentum: 0, weightDecay: 0, clipNorm: 0 };
    expect(await hyperOf({ optimizer: 'rmsprop' })).toEqual({ ...bare, ...none });
    const all = { ...clipped, momentum: 0.75 };
    expect(await hyperOf({ optimizer: 'rmsprop', ...all })).toEqual({ ...bare, ...all });
  });

  test('adam: betas, decay as a penalty, clipping; adamw: decay as decay', async () => {
    const betas = [0.75, 0.875] as const;
    const first = {
      stepSize: 2,
      rootScale: 1 / Math.sqrt(0.125),
      fresh1: 0.25,
      fresh2: 0.125,
      epsilon: 1e-8,
    };
    const adam = await hyperOf({ optimizer: 'adam', betas, ...clipped });
    expect(adam).toMatchObject({ optimizer: 'adam', ...first, ...clipped, decay: 0 });
    const second = await hyperOf({ optimizer: 'adam', betas }, 1);
    const later = { stepSize: 0.5 / (1 - 0.75 ** 2), rootScale: 1 / Math.sqrt(1 - 0.875 ** 2) };
    const none = { weightDecay: 0, decay: 0, clipNorm: 0 };
    expect(second).toMatchObject({ optimizer: 'adam', ...first, ...later, ...none });
    const adamw = await hyperOf({ optimizer: 'adamw', betas, ...clipped });
    // learningRate · weightDecay, and nothing as a penalty.
    expect(adamw).toMatchObject({ optimizer: 'adam', ...first, ...clipped, weightDecay: 0, decay: 0.125 });
    expect(await hyperOf({ optimizer: 'adamw' })).toMatchObject({ decay: 0.005, weightDecay: 0 });
    const defaults = await hyperOf({ optimizer: 'adam' });
    expect(defaults).toMatchObject({ fresh1: 1 - 0.9, fresh2: 1 - 0.999, weightDecay: 0 });
  });

  test('the schedule', async () => {
    const { done, asked } = job({ schedule: 'linear', steps: 4 });
    await done;
    expect(asked.map(({ 'sgd.hyper': [rate] }) => rate)).toEqual([0.5, 0.375, 0.25, 0.125]);
  });

  test('the seed: order of the data and dropout', async () => {
    const of = async (seed: number) => {
      const { done, batches, asked } = job({ seed });
      await done;
      return { batches, masks: asked.map(({ 'dropout.key': key }) => key) };
    };
    const [one, same, other] = [await of(7), await of(7), await of(8)];
    expect(same).toEqual(one);
    expect(other.batches).not.toEqual(one.batches);
    expect(one.masks).toEqual([0, 1, 2, 3, 4, 5].map((step) => [7, step]));
    expect(other.masks[0]).toEqual([8, 0]);
    expect(new Set(one.batches).size).toBeGreaterThan(1);
  });

  test('the seed: initial values', async () => {
    const weights = async (seed: number) => {
      const stub = stubEngine({ step: () => 1, measure: () => [1] });
      const task: Task = {
        ...{ name: 'still', metric: 'score', anchors: [], weightOf: () => 1 },
        program: (all) => {
          const model = new SequenceModel(1, 1, only(SEQUENCE_RULES, { ...all, model: 'rnn' }), all.seed);
          const loss = (x: Tensor) => mean(model.forward(x));
          return { model, loss, measures: (x) => ({ score: loss(x) }) };
        },
        source: () => ({
          next: () => [array([1, 2, 1], new Float32Array(2))],
          save: () => 0,
          restore: () => {},
        }),
        batches: () => [[array([1, 2, 1], new Float32Array(2))]],
      };
      const { model } = await run({ engine: stub.engine, task, recipe: { ...recipe, seed } });
      return model.parameters().map((one) => stub.values(one)[0]);
    };
    const [one, same, other] = [await weights(1), await weights(1), await weights(2)];
    expect(same).toEqual(one);
    expect(other).not.toEqual(one);
  });

  test('patience', async () => {
    const { state } = await job({ steps: 100, evaluateEvery: 1, patience: 4 }).done;
    expect(state.step).toBe(7);
  });

  test('stability: the weights are projected before the first step and behind every update', async () => {
    const projected = async (given: Partial<Recipe>, wrap = (model: TaskModel): TaskModel => model) => {
      const stub = stubEngine({ step: () => 1, measure: () => [1] });
      const x = () => array([1, 2, 1], new Float32Array(2));
      const task: Task = {
        ...{ name: 'still', metric: 'score', anchors: [], weightOf: () => 1 },
        program: (all) => {
          const model = wrap(new SequenceModel(1, 1, only(SEQUENCE_RULES, all), all.seed));
          const loss = (v: Tensor) => mean(model.forward(v));
          return { model, loss, measures: (v) => ({ score: loss(v) }) };
        },
        source: () => ({ next: () => [x()], save: () => 0, restore: () => {} }),
        batches: () => [[x()]],
      };
      await run({ engine: stub.engine, task, recipe: { ...recipe, hidden: 2, ...given } });
      return stub;
    };
    const rnn = await projected({ model: 'rnn', stable: 0.9 });
    expect(rnn.log[0]).toBe('record');
    expect(rnn.effects.filter((name) => name.startsWith('spectralNorm/'))).toHaveLength(1);
    const lstm = await projected({ model: 'lstm', stable: 0.9, levels: 2 });
    expect(lstm.effects.filter((name) => name.startsWith('gateNorms/')).length).toBeGreaterThan(1);
    const published = await projected({ model: 'lstm', stable: 0.9, bounds: 'paper-v4' });
    expect(published.effects).toEqual((await projected({ model: 'lstm', stable: 0.9 })).effects);
    // A layer may be in a part of the model.
    const inside = await projected({ model: 'rnn', stable: 0.9 }, (inner) => new Around(inner));
    expect(inside.effects).toEqual(rnn.effects);
    const free = await projected({ model: 'lstm' });
    expect(free.log).not.toContain('record');
    expect(free.effects.filter((name) => name.includes('Norm'))).toEqual([]);
  });
});

describe('a run that goes on', () => {
  const parts = (stored: Stored) => {
    const progress = JSON.parse(stored.metadata.progress);
    return { ...progress, seconds: 0, optimizer: stored.metadata.optimizer, weight: weightIn(stored) };
  };

  test.each([2, 3, 4, 5])('%i steps and then 8 are 8 in one go', async (first) => {
    const given = { evaluateEvery: 2, schedule: 'plateau', optimizer: 'adam' } as const;
    const whole = job({ ...given, steps: 8 });
    const end = await whole.done;
    const half = job({ ...given, steps: first });
    await half.done;
    const rest = job({ ...given, steps: 8 }, { resume: folder(half.saves) });
    const found = await rest.done;
    expect([...half.batches, ...rest.batches]).toEqual(whole.batches);
    expect([...half.asked, ...rest.asked]).toEqual(whole.asked);
    expect(parts(rest.saves.at(-1)!.last)).toEqual(parts(whole.saves.at(-1)!.last));
    expect([found.valid, found.test]).toEqual([end.valid, end.test]);
    const best = folder(rest.saves, folder(half.saves).best).best;
    expect(weightIn(best)).toBe(weightIn(folder(whole.saves).best));
  });

  test('the parameters of a closing validation are the outcome, and forgotten by a run that goes on', async () => {
    // At 3 steps it is at its best: between the validations at 2 and at 4.
    const half = job({ steps: 3, evaluateEvery: 2 });
    const { test: tested, state } = await half.done;
    expect([tested.score, state.closing, state.best?.step]).toEqual([3, { step: 3, value: 17.5 }, 2]);
    const files = folder(half.saves);
    expect([weightIn(files.best), weightIn(files.last, 'best.weight')]).toEqual([3, 2]);
    const rest = job({ steps: 6, evaluateEvery: 2 }, { resume: files });
    expect((await rest.done).test.score).toBe(2);
    // What was saved as the best is put right with the first checkpoint.
    expect(rest.saves.map(({ best }) => best && weightIn(best))).toEqual([2, null]);
    expect([...rest.saves[0].last.tensors.keys()]).not.toContain('best.weight');
    // Asked again for the same steps, it says the same again.
    const again = job({ steps: 3, evaluateEvery: 2 }, { resume: files });
    expect((await again.done).test.score).toBe(3);
    expect(again.saves).toEqual([]);
  });

  test('a closing validation that is the first leaves no best behind', async () => {
    const half = job({ steps: 3, evaluateEvery: 5 });
    await half.done;
    const rest = job({ steps: 10, evaluateEvery: 5 }, { resume: folder(half.saves) });
    const { state, test: tested } = await rest.done;
    expect([state.best?.step, tested.score]).toEqual([5, 5]);
  });

  test.each([1, 2, 3])('stopped by a signal at step %i, it ends as one that was not', async (last) => {
    const given = { evaluateEvery: 3, steps: 7, schedule: 'plateau', optimizer: 'adam' } as const;
    const whole = job(given);
    const end = await whole.done;
    const controller = new AbortController();
    const half = job(
      given,
      { signal: controller.signal },
      {},
      (n) => n === last && controller.abort('enough'),
    );
    await expect(half.done).rejects.toBe('enough');
    const saved = half.saves.at(-1)!;
    const found = [...half.saves].reverse().find(({ best }) => best)?.best ?? null;
    const resume = { last: filed(saved.last), best: found && filed(found) };
    const rest = job(given, { resume });
    const { valid, test: tested } = await rest.done;
    expect([...half.batches, ...rest.batches]).toEqual(whole.batches);
    expect(parts(rest.saves.at(-1)!.last)).toEqual(parts(whole.saves.at(-1)!.last));
    expect([valid, tested]).toEqual([end.valid, end.test]);
  });

  test('a signal ends what is measured behind the last step too', async () => {
    const controller = new AbortController();
    const onSave = async () => controller.abort('enough');
    const { done, batches } = job({ steps: 2 }, { signal: controller.signal, onSave });
    await expect(done).rejects.toBe('enough');
    expect(batches).toHaveLength(2);
  });

  test('what a checkpoint says of the run is checked', async () => {
    const half = job({ steps: 3 });
    await half.done;
    const { last, best } = folder(half.saves);
    const progress = { ...JSON.parse(last.metadata.progress), step: 2.5 };
    const changed = { ...last, metadata: { ...last.metadata, progress: JSON.stringify(progress) } };
    const rest = job({ steps: 6 }, { resume: { last: changed, best } });
    await expect(rest.done).rejects.toThrow('the checkpoint: step is 2.5, not a count of steps');
    expect(rest.batches).toEqual([]);
  });

  test('a run that lost its patience stays ended', async () => {
    const given = { steps: 100, evaluateEvery: 1, patience: 2 };
    const ended = job(given);
    const { test: tested } = await ended.done;
    const again = job(given, { resume: folder(ended.saves) });
    expect((await again.done).test).toEqual(tested);
    expect(again.batches).toEqual([]);
  });
});
