// The training loop without a device: what it asks for in which order, what it keeps, when it stops, and that a run
// that goes on does what one that never stopped does.

import { describe, expect, test, vi } from 'vitest';
import { SeqgpuError } from '../../src/graph/check';
import { array } from '../../src/graph/host';
import { Parameter } from '../../src/graph/state';
import { mean } from '../../src/ops/reduce/reduce';
import { mul } from '../../src/ops/elementwise/binary';
import { SGD } from '../../src/optim/sgd';
import {
  allEvaluations,
  bestOf,
  fit,
  type CurvePoint,
  type FitOptions,
  type FitState,
  type Point,
} from '../../src/train/fit';
import { learningRateOf, type Schedule } from '../../src/train/learningRate';
import { stubEngine, type Script } from '../harness/stubEngine';

const copy = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;
const steps = (points: readonly Point[]) => points.map(({ step }) => step);
const values = (points: readonly Point[]) => points.map(({ value }) => value);

/** A source that counts, and what the loop asked of it and of everything else. */
function loop(
  options: Partial<FitOptions> & { steps: number },
  loss: (n: number) => number = (n) => 1 / n,
  before?: (optimizer: SGD, skips: Float32Array) => void,
) {
  const log: string[] = [];
  const rates: number[] = [];
  const saves: { state: FitState; improved: boolean }[] = [];
  const weight = new Parameter([1], 'zeros');
  let taken = 0;
  const script: Script = {
    step([{ data }], { 'sgd.hyper': [rate] }) {
      log.push(`step ${data[0]}`);
      rates.push(rate);
      return loss(data[0]);
    },
    measure: () => [],
  };
  const stub = stubEngine(script);
  const { engine } = stub;
  const optimizer = new SGD([weight], { learningRate: 5, clipNorm: 0.5 });
  before?.(optimizer, stub.values(optimizer.skips));
  const step = engine.train((x) => optimizer.minimize(mean(mul(weight, x))));
  const source = {
    next: () => [array([1], Float32Array.of(++taken))],
    save: () => ({ taken }),
    restore: (saved: { taken: number }) => (taken = saved.taken),
  };
  const done = fit({
    ...{ engine, optimizer, step, source },
    onSave: async (state, improved) => void saves.push({ state: copy(state), improved }),
    ...options,
  });
  return { done, log, rates, saves, optimizer, skips: () => stub.values(optimizer.skips) };
}

/** The values of evaluations, one after the other. */
const script = (...list: number[]) => {
  let at = 0;
  return async () => list[at++];
};

describe('a source', () => {
  const said = (source: unknown) =>
    loop({ steps: 2, source: source as FitOptions['source'] }).done.then(
      () => 'nothing',
      (error: unknown) => (error instanceof SeqgpuError ? error.message : String(error)),
    );

  test('gives a list of arguments', async () => {
    expect(await said(() => array([1], [1]))).toMatchInlineSnapshot(`
      "fit: the source gave { shape, data }.
          fix: let it return, at once, a list of what the step takes: [array(…), array(…)]."
    `);
    const other = { save: () => 0, restore: () => {} };
    expect(await said({ ...other, next: async () => [array([1], [1])] })).toMatch(
      /^fit: the source gave a Promise\./,
    );
    expect(await said(() => undefined)).toMatch(/^fit: the source gave undefined\./);
    expect(await said(() => [array([1], [1])])).toBe('nothing');
  });

  test('has what a run that goes on asks for, as others have', async () => {
    expect(await said([[array([1], [1])]])).toMatch(
      /^fit: source is \[\[\{ shape, data \}\]\]\.\n[^]*fix: give a function of the step that returns/,
    );
    expect(await said({ next: () => [array([1], [1])] })).toMatch(/^fit: source is \{ next \}\./);
    const others = [{ save: () => 0 }] as never;
    await expect(loop({ steps: 2, others }).done).rejects.toThrow(/^fit: others is \[\{ save \}\]\./);
  });
});

describe('what functions of the caller give', () => {
  const said = (options: Partial<FitOptions>) =>
    loop({ steps: 2, ...options }).done.then(
      () => 'nothing',
      (error: unknown) => (error instanceof SeqgpuError ? error.message : String(error)),
    );

  test('is a number to make small', async () => {
    const nobodyWaited = async () => ({ item: async () => 1 }) as never;
    expect(await said({ evaluate: nobodyWaited, evaluateEvery: 1 })).toMatchInlineSnapshot(`
      "fit: evaluate gave { item }.
          fix: let it return a promise of a number: () => measure(…).item()."
    `);
    expect(await said({ evaluate: (() => 3) as never })).toBe('nothing');
  });

  test('is one loss', async () => {
    const step = (() => ({ loss: 1, guess: 2 })) as never;
    expect(await said({ step })).toMatchInlineSnapshot(`
      "fit: the step gave { loss, guess }.
          fix: let its function return the loss alone: (x, y) => optimizer.minimize(…)."
    `);
    expect(await said({ step: (() => undefined) as never })).toMatch(/^fit: the step gave undefined\./);
  });
});

describe('steps', () => {
  test('one batch each, and every loss is kept with its step', async () => {
    const { done, log, saves } = loop({ steps: 6 });
    const state = await done;
    expect(log).toEqual([1, 2, 3, 4, 5, 6].map((n) => `step ${n}`));
    expect(state.step).toBe(6);
    expect(state.losses).toEqual([1, 2, 3, 4, 5, 6].map((step) => ({ step, value: Math.fround(1 / step) })));
    // Without a validation the last parameters are the best there are.
    expect(saves.map(({ state: { step }, improved }) => [step, improved])).toEqual([[6, true]]);
    expect(saves[0].state.sources).toEqual([{ taken: 6 }]);
    expect(state.evaluations).toEqual([]);
    expect(bestOf(state)).toBeNull();
  });

  test('no more than three are under way at once', async () => {
    const order: string[] = [];
    const { engine } = stubEngine({ step: () => 0, measure: () => [] });
    const weight = new Parameter([1], 'zeros');
    const optimizer = new SGD([weight], { learningRate: 1 });
    const inner = engine.train((x) => optimizer.minimize(mean(mul(weight, x))));
    let n = 0;
    const step: typeof inner = Object.assign((...args: Parameters<typeof inner>) => {
      const [reading, number] = [inner(...args), ++n];
      order.push(`submit ${number}`);
      return Object.assign(Object.create(reading), {
        item: async () => {
          order.push(`read ${number}`);
          return 0;
        },
      });
    }, inner);
    const source = { next: () => [array([1], Float32Array.of(1))], save: () => 0, restore: () => {} };
    await fit({ engine, optimizer, step, source, steps: 5 });
    expect(order).toEqual([
      ...['submit 1', 'submit 2', 'submit 3', 'read 1', 'submit 4', 'read 2', 'submit 5'],
      ...['read 3', 'read 4', 'read 5'],
    ]);
  });

  test('the rate of every step is that of its number and of the evaluations before it', async () => {
    const learningRate = (step: number, evaluations: readonly Point[]) => step + 100 * evaluations.length;
    const { done, rates } = loop({ steps: 5, learningRate, evaluate: script(3, 2, 2), evaluateEvery: 2 });
    await done;
    expect(rates).toEqual([1, 2, 103, 104, 205]);
    const constant = loop({ steps: 2 });
    await constant.done;
    expect(constant.rates).toEqual([5, 5]);
  });

  test.each([NaN, Infinity, -Infinity])('a loss of %f ends the run and names its step', async (bad) => {
    const { done, log, saves } = loop({ steps: 20 }, (n) => (n === 4 ? bad : 1));
    const error = await done.catch((one: unknown) => one);
    expect(error).toBeInstanceOf(SeqgpuError);
    expect(error).toMatchObject({ kind: 'diverged' });
    expect((error as Error).message).toContain(`the loss is ${bad} at step 4`);
    expect((error as Error).message).toContain(
      'learningRate 5, clipNorm 0.5\n    log is the first to make one',
    );
    expect(log.length).toBeLessThanOrEqual(6);
    expect(saves).toEqual([]);
  });

  test('a long curve is thinned to every second point, again and again, and keeps its first', async () => {
    const state = await loop({ steps: 1000 }, (n) => n).done;
    // 401 points at step 401, then every second one; 401 again at step 800, then every fourth.
    expect(steps(state.losses)).toEqual([1, ...Array.from({ length: 250 }, (_, i) => 4 * (i + 1))]);
    expect(values(state.losses)).toEqual(steps(state.losses));
    const short = await loop({ steps: 400 }, (n) => n).done;
    expect(short.losses).toHaveLength(400);
    const longer = await loop({ steps: 401 }, (n) => n).done;
    expect(longer.losses).toHaveLength(201);
  });

  test('a thinned curve goes on as it was', async () => {
    const half = await loop({ steps: 500 }, (n) => n).done;
    for (const end of [550, 1000]) {
      const whole = await loop({ steps: end }, (n) => n).done;
      const rest = await loop({ steps: end, resume: copy(half) }, (n) => n).done;
      expect(rest.losses).toEqual(whole.losses);
    }
  });

  test('progress is told at the end, with the loss of that step', async () => {
    const told: [number, number][] = [];
    await loop({ steps: 7, onProgress: ({ step }, loss) => told.push([step, loss]) }, (n) => n).done;
    expect(told[0]).toEqual([1, 1]);
    expect(told.at(-1)).toEqual([7, 7]);
  });

  test('time goes on where it was', async () => {
    const state = await loop({ steps: 2 }).done;
    expect(state.seconds).toBeGreaterThan(0);
    expect(state.seconds).toBeLessThan(10);
    const { seconds } = await loop({ steps: 4, resume: { ...copy(state), seconds: 1000 } }).done;
    expect(seconds).toBeGreaterThan(1000);
    expect(seconds).toBeLessThan(1010);
  });
});

describe('evaluations', () => {
  test('every so many steps; the best is the smallest, the first of equal ones', async () => {
    const { done, saves } = loop({ steps: 8, evaluate: script(5, 3, 4, 3), evaluateEvery: 2 });
    const state = await done;
    expect(state.evaluations).toEqual([
      ...[
        { step: 2, value: 5 },
        { step: 4, value: 3 },
        { step: 6, value: 4 },
      ],
      { step: 8, value: 3 },
    ]);
    expect(state.best).toEqual({ step: 4, value: 3 });
    expect(state.closing).toBeNull();
    expect(saves.map(({ improved }) => improved)).toEqual([true, true, false, false]);
    expect(saves.map(({ state: { step, sources } }) => [step, sources])).toEqual(
      [2, 4, 6, 8].map((step) => [step, [{ taken: step }]]),
    );
  });

  test('a number of them without a new best ends the run', async () => {
    const evaluate = script(5, 4, 4.5, 4.2, 4.1, 1);
    const { done, saves } = loop({ steps: 100, evaluate, evaluateEvery: 3, patience: 3 });
    const state = await done;
    expect(state.step).toBe(15);
    expect(state.best).toEqual({ step: 6, value: 4 });
    expect(saves).toHaveLength(5);
    // A new best starts the count anew.
    const more = await loop({
      ...{ steps: 21, evaluateEvery: 3, patience: 2 },
      evaluate: script(5, 6, 4, 6, 3, 6, 2),
    }).done;
    expect(more.step).toBe(21);
  });

  test('a run that was ended so stays ended', async () => {
    const options = { steps: 100, evaluateEvery: 1, patience: 2 };
    const ended = await loop({ ...options, evaluate: script(1, 2, 3) }).done;
    expect(ended.step).toBe(3);
    const { done, log, saves } = loop({ ...options, evaluate: script(0), resume: copy(ended) });
    expect(await done).toEqual(ended);
    expect([log, saves]).toEqual([[], []]);
  });

  test('one behind the last step, where none is due, is told and may be the best', async () => {
    const { done, saves } = loop({ steps: 5, evaluate: script(3, 2, 1), evaluateEvery: 2 });
    const state = await done;
    expect(state).toMatchObject({ best: { step: 4, value: 2 }, closing: { step: 5, value: 1 } });
    expect(steps(state.evaluations)).toEqual([2, 4]);
    expect(allEvaluations(state)).toEqual([...state.evaluations, { step: 5, value: 1 }]);
    expect(bestOf(state)).toEqual({ step: 5, value: 1 });
    expect(saves.map(({ improved }) => improved)).toEqual([true, true, true]);
    const worse = await loop({ steps: 5, evaluate: script(3, 2, 2), evaluateEvery: 2 }).done;
    expect(bestOf(worse)).toEqual({ step: 4, value: 2 });
    const only = await loop({ steps: 5, evaluate: script(7), evaluateEvery: 10 }).done;
    expect(bestOf(only)).toEqual({ step: 5, value: 7 });
    expect(only.best).toBeNull();
  });
});

test('an evaluation that is NaN ends the run, and is not saved; one that is infinite is a poor one', async () => {
  const run = loop({ steps: 8, evaluateEvery: 2, evaluate: script(Infinity, 3, NaN) });
  const error = await run.done.then(
    () => null,
    (reason: SeqgpuError) => reason,
  );
  expect(error?.kind).toBe('diverged');
  expect(error?.message).toMatch(/^fit: the evaluation is NaN at step 6\./);
  expect(run.saves.map(({ state: { step } }) => step)).toEqual([2, 4]);
  expect(run.saves[1].state.best).toEqual({ step: 4, value: 3 });
});

describe('updates that the device skipped', () => {
  /** Runs, with a count of skipped updates, and the first of them, from a step on. */
  const skipping = (
    from: number,
    found: readonly number[],
    ...[options, , before]: Parameters<typeof loop>
  ) => {
    const loss = (n: number) => {
      if (n === from) run.skips().set(found);
      return 1 / n;
    };
    const run = loop(options, loss, before);
    return run;
  };
  const stopped = async (run: ReturnType<typeof loop>) => {
    const error = await run.done.then(
      () => null,
      (reason: SeqgpuError) => reason,
    );
    return { kind: error?.kind, message: error?.message ?? 'went on' };
  };

  test('end the run at the next look, with the step of the first', async () => {
    const run = skipping(3, [2, 3], { steps: 9, evaluateEvery: 4, evaluate: script(1, 1) });
    const { kind, message } = await stopped(run);
    expect(kind).toBe('diverged');
    expect(message).toMatch(/^fit: the norm of the gradients is not finite.* at step 3\./);
    expect(message).toContain('learningRate 5, clipNorm 0.5');
    expect(message).toContain('fix: lower the learning rate, lower clipNorm (0.25 to 1), or mend');
    expect(message).toContain('log is the first to make one');
    expect(run.log.length).toBeLessThan(5);
  });

  test('of before the run are none of its own, and counts begin where the optimizer is', async () => {
    const known: Parameters<typeof loop>[2] = (_, skips) => skips.set([3, 2]);
    const old = skipping(0, [], { steps: 4 }, undefined, known);
    expect((await stopped(old)).message).toBe('went on');
    // The first of the new ones is noted anew.
    expect([...old.skips()]).toEqual([3, 0]);
    const more = skipping(3, [4, 3], { steps: 4 }, undefined, known);
    expect((await stopped(more)).message).toContain('at step 3.');
    const later = skipping(3, [1, 13], { steps: 4 }, undefined, (optimizer) => (optimizer.steps = 10));
    expect((await stopped(later)).message).toContain('at step 3.');
  });

  test('the batch is looked at if it is among the last 256', async () => {
    vi.spyOn(performance, 'now').mockReturnValue(1);
    const last = await stopped(skipping(45, [1, 45], { steps: 300 }));
    const gone = await stopped(skipping(44, [1, 44], { steps: 300 }));
    vi.restoreAllMocks();
    expect(last.message).toContain('log is the first to make one');
    expect(gone.message).toContain('The batch of step 44 is gone: give it to checkStep');
  });
});

test('points of the curves are told as they come, each once, also by a run that goes on', async () => {
  const points: CurvePoint[] = [];
  const options: Partial<FitOptions> = {
    learningRate: (step) => step / 8,
    evaluate: async () => 7,
    evaluateEvery: 2,
    onPoint: (point) => points.push({ ...point, seconds: 0 }),
  };
  const first = loop({ ...options, steps: 2 });
  await loop({ ...options, steps: 4, resume: await first.done }).done;
  const loss = (step: number) => ({ step, seconds: 0, loss: Math.fround(1 / step), learningRate: step / 8 });
  const validation = (step: number) => ({ step, seconds: 0, validation: 7 });
  expect(points).toEqual([loss(1), loss(2), validation(2), loss(3), loss(4), validation(4)]);
});

describe('a signal', () => {
  /** Values that only the step decides, and a plateau that depends on them. */
  const value = (step: number) => (step < 12 ? 40 - step : step);
  const started = (steps: number, options: Partial<FitOptions> = {}, at = () => 0) => {
    const made: ReturnType<typeof loop> = loop({
      evaluate: async () => value(at() + made.log.length),
      ...{ evaluateEvery: 5, steps },
      learningRate: learningRateOf({ learningRate: 1, schedule: 'plateau', steps }),
      ...options,
    });
    return made;
  };
  const ended = (run: ReturnType<typeof loop>) =>
    run.done.then(
      () => 'ended',
      (reason: unknown) => reason,
    );
  const apart = (state: FitState) => ({ ...state, seconds: 0 });

  test.each([1, 4, 5, 13, 20])(
    'ends a run behind step %i, saved; what goes on ends as if never stopped',
    async (last) => {
      const whole = started(22);
      const end = await whole.done;
      const controller = new AbortController();
      const half = started(22, {
        signal: controller.signal,
        learningRate: (step, evaluations) => {
          if (step === last) controller.abort('enough');
          return learningRateOf({ learningRate: 1, schedule: 'plateau', steps: 22 })(step, evaluations);
        },
      });
      expect(await ended(half)).toBe('enough');
      const { state, improved } = half.saves.at(-1)!;
      expect(state.step).toBe(last);
      expect(state.sources).toEqual([{ taken: last }]);
      expect(improved).toBe(last % 5 === 0 && last < 12);
      const rest = started(22, { resume: state }, () => last);
      expect(apart(await rest.done)).toEqual(apart(end));
      expect([...half.log, ...rest.log]).toEqual(whole.log);
      expect([...half.rates, ...rest.rates]).toEqual(whole.rates);
    },
  );

  test.each([5, 22])(
    'in the middle of the evaluation behind step %i: it is made when the run goes on',
    async (last) => {
      const whole = await started(22).done;
      const controller = new AbortController();
      const half: ReturnType<typeof loop> = started(22, {
        signal: controller.signal,
        async evaluate() {
          if (half.log.length === last) controller.abort('enough');
          controller.signal.throwIfAborted();
          return value(half.log.length);
        },
      });
      expect(await ended(half)).toBe('enough');
      const { state } = half.saves.at(-1)!;
      expect([state.step, state.evaluations.at(-1)?.step]).toEqual([last, last === 5 ? undefined : 20]);
      const rest = started(22, { resume: state }, () => last);
      expect(apart(await rest.done)).toEqual(apart(whole));
    },
  );

  test('that is aborted before the first step saves nothing', async () => {
    const run = loop({ steps: 3, signal: AbortSignal.abort('never') });
    expect(await ended(run)).toBe('never');
    expect([run.log, run.saves]).toEqual([[], []]);
  });
});

describe('a state from elsewhere', () => {
  const right: FitState = {
    ...{ step: 4, seconds: 1.5, losses: [{ step: 1, value: 2 }], closing: null, sources: [{ taken: 4 }] },
    evaluations: [
      { step: 2, value: Infinity },
      { step: 4, value: 1 },
    ],
    best: { step: 4, value: 1 },
  };
  const refused = async (changes: object): Promise<string> => {
    const run = loop({ steps: 9, resume: { ...right, ...changes } as FitState });
    const error: unknown = await run.done.then(
      () => null,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(SeqgpuError);
    expect(run.log).toEqual([]);
    return (error as SeqgpuError).message.split('\n')[0];
  };

  test.each<[object, string]>([
    [{ step: -1 }, 'step is -1, not a count of steps'],
    [{ step: '4' }, 'step is "4", not a count of steps'],
    [{ step: 4.5 }, 'step is 4.5'],
    [{ step: 3 }, 'evaluations[1].step is 4, not between the one before and 3'],
    [{ seconds: null }, 'seconds is null, not a time'],
    [{ seconds: NaN }, 'seconds is NaN, not a time'],
    [{ losses: {} }, 'losses is {  }, not a list of points'],
    [{ losses: [{ step: 2, value: '1' }] }, 'losses[0].value is "1", not a number'],
    [{ losses: [7] }, 'losses[0] is 7, not a point'],
    [
      {
        losses: [
          { step: 2, value: 1 },
          { step: 2, value: 1 },
        ],
      },
      'losses[1].step is 2',
    ],
    [{ evaluations: undefined }, 'evaluations is undefined'],
    [{ best: { step: 2, value: 1 } }, 'best is { step, value }, not one of the evaluations'],
    [{ best: undefined }, 'best is undefined, not a point'],
    [{ closing: { step: 3, value: 1 } }, 'closing.step is 3, not 4'],
    [{ sources: null }, 'sources is null, not a list'],
    [{ sources: [] }, 'resume has the state of 0 sources, this run has 1'],
    [{ sources: [null] }, 'resume.sources[0] is not what the source of this run has saved'],
  ])('%j', async (changes, words) => {
    expect(await refused(changes)).toContain(words);
  });

  test('is read and not changed; null, as JSON alone has it, is no number', async () => {
    const evaluations = [{ step: 2, value: null }, right.evaluations[1]] as Point[];
    const given = { ...right, evaluations };
    const before = copy(given);
    const { done } = loop({ steps: 5, resume: given });
    expect((await done).evaluations[0]).toEqual({ step: 2, value: NaN });
    expect(given).toEqual(before);
  });
});

describe('resuming', () => {
  const value = (step: number) => (step < 20 ? 40 - step : step);
  const options = (at: () => number): Partial<FitOptions> => ({
    evaluate: async () => value(at()),
    evaluateEvery: 10,
    learningRate: learningRateOf({ learningRate: 1, schedule: 'plateau', steps: 60 }),
  });
  /** Values that only the step decides. */
  const trained = (length: number, resume?: FitState, more: Partial<FitOptions> = {}) => {
    const start = resume?.step ?? 0;
    const at = () => made.log.length + start;
    const made = loop({ ...options(at), ...more, steps: length, resume });
    return made;
  };
  const apart = (state: FitState) => ({ ...state, seconds: 0 });

  test.each([15, 20, 25, 33, 39])('%i steps and then 60 are 60 in one go', async (first) => {
    const whole = trained(60);
    const end = await whole.done;
    const half = trained(first);
    const rest = trained(60, copy(await half.done));
    expect(apart(await rest.done)).toEqual(apart(end));
    expect([...half.rates, ...rest.rates]).toEqual(whole.rates);
    expect([...half.log, ...rest.log]).toEqual(whole.log);
    // The rate fell on the way, or this test would show nothing.
    expect(whole.rates.at(-1)).toBeLessThan(whole.rates[0]);
  });

  test('patience counts no evaluation behind a last step', async () => {
    const patient = { patience: 3 };
    const whole = await trained(100, undefined, patient).done;
    const half = await trained(35, undefined, patient).done;
    const rest = await trained(100, copy(half), patient).done;
    expect(apart(rest)).toEqual(apart(whole));
    expect(whole.step).toBe(50);
  });

  test('every stream is restored with its own state', async () => {
    const restored: unknown[] = [];
    const other = (name: string) => ({
      save: () => name,
      restore: (saved: unknown) => restored.push([name, saved]),
    });
    const others = [other('dropout'), other('noise')];
    const { done, saves } = loop({ steps: 3, others });
    await done;
    expect(saves[0].state.sources).toEqual([{ taken: 3 }, 'dropout', 'noise']);
    expect(restored).toEqual([]);
    const more = loop({ steps: 4, others, resume: saves[0].state });
    await more.done;
    expect(restored).toEqual([
      ['dropout', 'dropout'],
      ['noise', 'noise'],
    ]);
    expect(more.log).toEqual(['step 4']);
  });
});

describe('the learning rate', () => {
  test('is of a schedule that there is, with all that it needs', () => {
    const given = (options: object) => () => learningRateOf(options as never);
    expect(given({ learningRate: 1, steps: 9, schedule: 'cosin' })).toThrow(
      /learningRateOf: schedule is "cosin"\.[^]*give one of constant, linear, cosine/,
    );
    expect(given({ learningRate: 1, schedule: 'cosine' })).toThrow('learningRateOf: steps is undefined');
    expect(given({ learningRate: 1, steps: 9, warmUp: 3 })).toThrow(/no option warmUp\.[^]*mean warmup/);
    expect(given({ learningRate: NaN, steps: 9 })).toThrow('learningRate is NaN');
  });

  test('of a loop without evaluations', () => {
    expect(learningRateOf({ learningRate: 3, steps: 9, schedule: 'plateau' })(7)).toBe(3);
  });

  const at = (schedule: Schedule | undefined, step: number, list: readonly number[] = [], more = {}) =>
    learningRateOf({ learningRate: 8, schedule, steps: 100, ...more })(
      step,
      list.map((value, i) => ({ step: i, value })),
    );

  test.each<[Schedule | undefined, readonly (readonly [step: number, rate: number])[]]>([
    [
      undefined,
      [
        [1, 8],
        [50, 8],
        [51, 8],
        [100, 8],
      ],
    ],
    [
      'constant',
      [
        [1, 8],
        [100, 8],
      ],
    ],
    [
      'linear',
      [
        [1, 8],
        [26, 6],
        [51, 4],
        [76, 2],
        [100, 0.08],
      ],
    ],
    [
      'cosine',
      [
        [1, 8],
        [26, 4 + 4 * Math.SQRT1_2],
        [51, 4],
        [76, 4 - 4 * Math.SQRT1_2],
        [100, 0.0019736],
      ],
    ],
    [
      'drop',
      [
        [1, 8],
        [50, 8],
        [51, 0.8],
        [100, 0.8],
      ],
    ],
    [
      'warmup',
      [
        [1, 0.002],
        [1000, 2],
        [4000, 8],
        [16_000, 4],
      ],
    ],
  ])('%s', (schedule, table) => {
    for (const [step, rate] of table) expect(at(schedule, step)).toBeCloseTo(rate, 6);
  });

  test('warmup of other lengths', () => {
    expect([5, 10, 40].map((step) => at('warmup', step, [], { warmup: 10 }))).toEqual([4, 8, 4]);
  });

  test('plateau falls with every evaluation that brought no new best, and with nothing else', () => {
    expect(at('plateau', 1)).toBe(8);
    expect(at('plateau', 99, [5, 4, 3])).toBe(8);
    expect(at('plateau', 99, [5, 5])).toBe(2);
    expect(at('plateau', 99, [5, 6, 4, 5, 4])).toBe(8 / 64);
    expect(at('plateau', 99, [5, 6, 7], { plateauFactor: 0.5 })).toBe(2);
    for (const schedule of ['linear', 'drop', 'warmup', 'constant'] as const)
      expect(at(schedule, 7, [1, 2, 3])).toBe(at(schedule, 7));
  });
});

describe('a run that waits', () => {
  test('has told of all its steps before it waits, and takes none until it may', async () => {
    const told: number[] = [];
    let go = () => {};
    const { log, done } = loop({
      steps: 4,
      beforeStep: (step) => (step === 3 ? new Promise<void>((resolve) => (go = resolve)) : undefined),
      onProgress: ({ step }) => void told.push(step),
    });
    await vi.waitFor(() => expect(told.at(-1)).toBe(2));
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(log).toEqual(['step 1', 'step 2']);
    go();
    expect((await done).step).toBe(4);
    expect(log).toEqual(['step 1', 'step 2', 'step 3', 'step 4']);
  });

  test('is saved before a step, once, and goes on from there as if it had never stopped', async () => {
    let late = async () => {};
    const all = { steps: 7, evaluate: script(5, 3, 4), evaluateEvery: 3 };
    const whole = loop({
      ...all,
      beforeStep: async (step, save) => {
        late = save;
        // Behind step 3 it is saved already.
        if (step === 4 || step === 6) await Promise.all([save(), save()]);
      },
    });
    const end = await whole.done;
    expect(whole.saves.map(({ state: { step }, improved }) => [step, improved])).toEqual([
      ...[
        [3, true],
        [5, false],
        [6, true],
        [7, false],
      ],
    ]);
    await expect(late()).rejects.toThrow('fit: the run that beforeStep was to save goes on already.');
    const [, { state }] = whole.saves;
    expect(state.losses.map(({ step }) => step)).toEqual([1, 2, 3, 4, 5]);
    expect(state.sources).toEqual([{ taken: 5 }]);
    const rest = loop({ ...all, evaluate: script(3, 4), resume: state });
    const { seconds, ...found } = await rest.done;
    expect(rest.log).toEqual(['step 6', 'step 7']);
    expect(found).toEqual({ ...end, seconds: undefined, step: 7 });
    expect(seconds).toBeGreaterThanOrEqual(state.seconds);
  });
});
