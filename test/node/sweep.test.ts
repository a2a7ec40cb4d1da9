// Which way is chosen, and when measuring ends: with times that are made up.

import { describe, expect, test } from 'vitest';
import { Tensor } from '../../src/graph/tensor';
import { Tuning } from '../../src/graph/tuning';
import { matmul } from '../../src/ops/matmul/matmul';
import { least, sweep, type Patience, type Swept } from '../../src/gpu/look/sweep';
import { modelsFor } from '../../src/cli/tune/only';
import { sweepClasses, type SweepTime } from '../../src/cli/tune/sweepClasses';
import { tuneLines, tuneTable } from '../../src/cli/tune/tuneText';
import { Random } from '../../src/random';
import { complaint } from '../harness/complaint';
import type { ShapeClass } from '../../src/runs/shapeClasses';

const PATIENCE: Patience = { rounds: [4, 24], enough: 40, misses: 5, left: () => Infinity };

interface Device {
  /** Milliseconds of each way, by class. */
  readonly ms: Readonly<Record<string, readonly number[]>>;
  /** What a run takes more than that: a factor for the run's number. */
  readonly noise?: (run: number) => number;
  readonly clock?: { seconds: number };
  /** Seconds to compile a way. */
  readonly compiling?: number;
}

/** A device that takes the time that it is told to. */
function made({ ms, noise = () => 1, clock = { seconds: 0 }, compiling = 0 }: Device) {
  const [runs, prepared] = [new Map<number, number>(), [] as number[]];
  let all = 0;
  const trials = {
    count: Math.max(...Object.values(ms).map(({ length }) => length)),
    async prepare(trial: number) {
      prepared.push(trial);
      clock.seconds += compiling;
    },
    async time(trial: number) {
      const factor = noise(all++);
      runs.set(trial, (runs.get(trial) ?? 0) + 1);
      const found = Object.entries(ms).map(([key, ways]) => {
        // A class with fewer ways takes its first in further trials, as Tuning.choose has it.
        const way = trial < ways.length ? trial : 0;
        clock.seconds += (ways[way] * factor) / 1000;
        return [key, new Map([[`way ${way}`, ways[way] * factor]])] as const;
      });
      return new Map(found);
    },
  };
  return { trials, runs, prepared };
}

const leastOf = ({ samples }: Swept) =>
  new Map([...samples].map(([key, ways]) => [key, new Map([...ways].map(([id, ms]) => [id, least(ms)]))]));

/** The number of the way that a tuning has learned. */
const learned = (swept: Swept): Record<string, number> => {
  const tuning = new Tuning();
  tuning.learn(leastOf(swept));
  return Object.fromEntries(Object.entries(tuning.toJSON()).map(([key, id]) => [key, Number(id.slice(4))]));
};

describe('the ways of launches', () => {
  test('in each of many classes, what is chosen has 0.95 of the best, though every run is up to a third slower', async () => {
    const random = new Random(1);
    for (let i = 0; i < 200; i++) {
      // As a model orders them: on the whole the later ones are slower.
      const ways = Array.from({ length: 12 }, (_, way) => (1 + 0.1 * way) * (0.5 + random.uniform()));
      const { trials } = made({ ms: { one: ways }, noise: () => 1 + random.uniform() ** 4 / 3 });
      const swept = await sweep(trials, { ...PATIENCE, misses: Infinity });
      const share = Math.min(...ways) / ways[learned(swept).one];
      expect(share, `ways ${ways.map((ms) => ms.toFixed(2)).join(' ')}`).toBeGreaterThan(0.94);
    }
  });

  test('the likeliest is kept where no other is clearly faster', async () => {
    expect(learned(await sweep(made({ ms: { one: [10, 9.7, 12] } }).trials, PATIENCE))).toEqual({ one: 0 });
    expect(learned(await sweep(made({ ms: { one: [10, 9.4, 12] } }).trials, PATIENCE))).toEqual({ one: 1 });
  });

  test('a first run that finds fresh memory does not count against the likeliest way', async () => {
    const { trials } = made({ ms: { one: [10, 12] }, noise: (run) => (run ? 1 : 50) });
    expect(learned(await sweep(trials, PATIENCE))).toEqual({ one: 0 });
    const slow = made({ ms: { one: [100, 120] }, noise: (run) => (run ? 1 : 50) });
    expect(learned(await sweep(slow.trials, PATIENCE))).toEqual({ one: 0 });
  });

  test('what is far from the best runs no more, what is near runs until it has had enough', async () => {
    const { trials, runs } = made({ ms: { one: [1, 1.1, 4, 1.2] } });
    await sweep(trials, PATIENCE);
    expect(runs.get(2)).toBe(2);
    for (const trial of [0, 1, 3]) expect(runs.get(trial)).toBe(26);
    const slow = made({ ms: { one: [30, 31] } });
    await sweep(slow.trials, PATIENCE);
    expect([...slow.runs.values()]).toEqual([6, 6]);
  });

  test('a driver that compiles in the first run of every way is waited for', async () => {
    const { trials } = made({ ms: { one: [10, 5, 7] } });
    // The likeliest way has been compiled before.
    const seen = new Set([0]);
    const compiling = async (trial: number) => {
      const found = await trials.time(trial);
      if (seen.has(trial)) return found;
      seen.add(trial);
      return new Map(
        [...found].map(([key, ways]) => [key, new Map([...ways].map(([id, ms]) => [id, ms + 9000]))]),
      );
    };
    expect(learned(await sweep({ ...trials, time: compiling }, PATIENCE))).toEqual({ one: 1 });
  });

  test('five ways in a row that are far from the best are the last', async () => {
    const { trials, prepared } = made({ ms: { one: [1, 3, 3, 0.9, 3, 3, 3, 3, 3, 0.1] } });
    const { tried, count } = await sweep(trials, PATIENCE);
    expect([tried, count, prepared.length]).toEqual([9, 10, 9]);
  });

  test('no way is begun when the time is up, and the first always is', async () => {
    const clock = { seconds: 0 };
    const { trials } = made({ ms: { one: [1, 1, 1, 1, 1] }, clock, compiling: 1 });
    expect((await sweep(trials, { ...PATIENCE, left: () => 2.5 - clock.seconds })).tried).toBe(3);
    expect((await sweep(trials, { ...PATIENCE, left: () => -1 })).tried).toBe(1);
  });

  test('classes of one step are measured together; one with fewer ways keeps its own', async () => {
    const { trials } = made({ ms: { many: [10, 12, 5, 11], two: [3, 1], one: [7] } });
    expect(learned(await sweep(trials, PATIENCE))).toEqual({ many: 2, two: 1, one: 0 });
  });
});

describe('all classes in their time', () => {
  const classOf = (name: string, weight: number): ShapeClass => {
    return {
      key: name,
      op: 'product',
      shapes: name,
      call: {} as ShapeClass['call'],
      flops: 2e6,
      weight,
      models: [name],
    };
  };

  test('each has a share, nothing takes longer than asked, and what did not fit is named', async () => {
    const clock = { seconds: 100 };
    const classes = Array.from({ length: 30 }, (_, i) => classOf(`class ${i}`, 1 / (i + 1)));
    const begun: string[] = [];
    const swept = await sweepClasses(
      classes,
      ({ key }, left) => {
        const { trials } = made({ ms: { [key]: [2, 1, 3, 3, 3, 3] }, clock, compiling: 0.5 });
        return sweep(trials, { ...PATIENCE, left });
      },
      { seconds: 40, clock: () => clock.seconds, onBegin: ({ key }) => begun.push(key) },
    );
    expect(clock.seconds - 100).toBeLessThan(40.7);
    expect(swept.classes.length).toBeGreaterThan(10);
    expect([...swept.classes, ...swept.left].map(({ key }) => key)).toEqual(classes.map(({ key }) => key));
    expect(begun).toEqual(swept.classes.map(({ key }) => key));
    // None is left half done but the last, which the end has cut.
    for (const { tried } of swept.classes.slice(0, -1)) expect(tried).toBeGreaterThanOrEqual(4);
    // The first does the most of the work, and is measured the most.
    expect(swept.classes[0].tried).toBeGreaterThan(swept.classes.at(-1)!.tried);
    expect(tuneLines(swept).join('\n')).toContain(`There was no time for ${swept.left.length}`);
  });

  test('what never ends is left behind when it is late', async () => {
    const late = new Promise((resolve) => void setTimeout(resolve, 30));
    const classes = ['one', 'stuck', 'other'].map((name) => classOf(name, 1));
    const measure = ({ key }: ShapeClass): Promise<Swept> =>
      key === 'stuck' ? new Promise(() => {}) : sweep(made({ ms: { [key]: [1, 2] } }).trials, PATIENCE);
    const swept = await sweepClasses(classes, measure, { seconds: 10, clock: () => 0, late });
    expect([swept.classes, swept.left].map((list) => list.map(({ key }) => key))).toEqual([
      ['one'],
      ['stuck', 'other'],
    ]);
  });

  test('a row says what was chosen, and what the likeliest way loses', async () => {
    const swept = await sweepClasses(
      [classOf('[4, 5] [5, 6]', 1), classOf('same', 1), classOf('lost', 1), classOf('broken', 1)],
      async ({ key }) => {
        if (key === 'broken') throw new Error('the driver gave up');
        const ms: Device['ms'] =
          key === 'same' ? { same: [1, 2] } : { [key === 'lost' ? 'other' : key]: [4, 2, 3] };
        return sweep(made({ ms }).trials, PATIENCE);
      },
      { seconds: 10, clock: () => 0 },
    );
    const [one, same] = swept.classes;
    expect(one).toMatchObject({
      likeliest: 'way 0',
      chosen: 'way 1',
      ms: 2,
      ofBest: 1,
      likeliestOfBest: 0.5,
    });
    expect(one).toMatchObject({ ways: 3, tried: 3, gflops: 1, spread: 0, times: { 'way 0': 4, 'way 1': 2 } });
    expect(same).toMatchObject({ chosen: 'way 0', ofBest: 1, likeliestOfBest: 1 });
    const { head, rows } = tuneTable(swept.classes);
    expect(Object.fromEntries(head.map((name, i) => [name, rows[0][i]]))).toEqual({
      class: 'product [4, 5] [5, 6]',
      way: 'way 1',
      ways: '3',
      ms: '2.00',
      spread: '0 %',
      'GFLOP/s': '1.00',
      'of best': '100 %',
      'likeliest, of best': '50 %',
      'times as fast': '2.00',
    });
    const text = tuneLines(swept).join('\n');
    expect(text).toContain('below 95 % in 1: at worst 50 %, product [4, 5] [5, 6]');
    expect(swept.failed).toEqual([
      'product lost: alone it is another launch, and was not measured.',
      'product broken: Error: the driver gave up',
    ]);
  });
});

describe('what was not measured takes what those near it say', () => {
  const WAYS = ['way 0', 'way 1', 'way 2', 'way 3', 'way 4', 'way 5'];
  /** A product of [M, K] and [K, N]. */
  const productOf = (M: number, K: number, N: number, transposeB = false): ShapeClass => {
    const input = (shape: readonly number[]) => new Tensor(shape, 'f32', { kind: 'input', name: 'x' });
    const { source } = matmul(input([M, K]), input(transposeB ? [N, K] : [K, N]), { transposeB });
    if (source.kind !== 'call') throw new Error('a product is a call');
    const shapes = `[${M}, ${K}] [${K}, ${N}]${transposeB ? ' transposeB' : ''}`;
    const { call } = source;
    return {
      key: `matmul ${shapes}`,
      op: 'matmul',
      shapes,
      call,
      flops: 2 * M * K * N,
      weight: 1,
      models: [],
    };
  };
  /** Sweeps until `measured` classes are done; `ms`: of the ways of a class. */
  const swept = async (
    classes: readonly ShapeClass[],
    measured: number,
    ms: (one: ShapeClass) => number[],
  ) => {
    const order = new Map<string, readonly string[]>();
    let [done, spent] = [0, 0];
    const time: SweepTime = { seconds: 1, clock: () => (done < measured ? spent : 2), ways: () => WAYS };
    const found = await sweepClasses(
      classes,
      async (one, left, next) => {
        const ids = [...WAYS];
        if (next !== undefined) ids.splice(1, 0, ...ids.splice(ids.indexOf(next), 1));
        let tried = 0;
        for (; tried < ids.length && (tried === 0 || left(tried) > 0); spent += 0.01) tried++;
        done++;
        order.set(one.key, ids.slice(0, tried));
        const times = ids
          .slice(0, tried)
          .map((id) => [id, [ms(one)[WAYS.indexOf(id)]]] as [string, number[]]);
        return { samples: new Map([[one.key, new Map(times)]]), count: WAYS.length, tried };
      },
      time,
    );
    return { found, order };
  };
  const three = [productOf(256, 64, 64), productOf(256, 64, 128), productOf(256, 128, 64)];

  test('where three of them agree; of another op, far away or after two only, nothing is taken', async () => {
    const near = productOf(256, 128, 128);
    const far = productOf(4, 4096, 4);
    const other = { ...near, key: 'conv', op: 'causalConv' };
    const ms = () => [10, 12, 5, 11, 20, 20];
    const { found } = await swept([...three, near, far, other], 3, ms);
    expect(found.left).toEqual([near, far, other]);
    expect(found.inherited).toEqual([
      {
        key: near.key,
        op: 'matmul',
        shapes: near.shapes,
        likeliest: 'way 0',
        chosen: 'way 2',
        ratio: expect.closeTo(0.5),
      },
    ]);
    expect(tuneLines(found).join('\n')).toContain(
      '1 of these take what was faster in those nearest to them: matmul [256, 128] [128, 128] (way 2).',
    );
    expect((await swept([...three, near], 2, ms)).found.inherited).toEqual([]);
  });

  test('nothing where the likeliest is about as fast, or where they are of two minds', async () => {
    const near = productOf(256, 128, 128);
    const close = await swept([...three, near], 3, () => [10, 12, 9.3, 11, 20, 20]);
    expect(close.found.inherited).toEqual([]);
    const split = await swept([...three, near], 3, (one) => [10, 20, one === three[0] ? 5 : 16, 20, 20, 20]);
    expect(split.found.inherited).toEqual([]);
  });

  test('the nearest are asked: five of many, and those of the same options first', async () => {
    const near = productOf(256, 100, 100);
    const same = [84, 88, 92, 96, 104].map((N) => productOf(256, 100, N));
    const turned = [84, 88, 92, 96, 104].map((N) => productOf(256, 100, N, true));
    const ms = (one: ShapeClass) => [10, one.shapes.includes('transposeB') ? 2 : 8, 20, 20, 20, 20];
    const { found } = await swept([...turned, ...same, near], 10, ms);
    expect(found.inherited.map(({ chosen, ratio }) => [chosen, ratio])).toEqual([
      ['way 1', expect.closeTo(0.8)],
    ]);
  });

  test('their best is tried behind the likeliest, and two ways are enough once they are known', async () => {
    const ms = () => [10, 12, 11, 5, 20, 20];
    // All of the time is the last one's: the others have none but for what is always tried.
    const classes = [...three, productOf(256, 128, 128), productOf(2, 4096, 2)].map((one, i) => {
      return { ...one, weight: i < 4 ? 1e-9 : 1 };
    });
    const { order } = await swept(classes, 5, ms);
    const first = [...order.values()].map((ids) => ids.join());
    expect(first.slice(0, 4)).toEqual([
      'way 0,way 1,way 2,way 3',
      'way 0,way 3,way 1,way 2',
      'way 0,way 3,way 1,way 2',
      'way 0,way 3',
    ]);
    expect(first[4]).toMatch(/^way 0,way 1,/);
  });
});

describe('the words of --only', () => {
  const MODELS = ['copy tcn', 'jsb lstm', 'jsb gru'].map((name) => ({ name }));
  const named = (...words: string[]) => modelsFor(MODELS, words).map(({ name }) => name);

  test('one that means nothing is refused when the command is read, with what there is', () => {
    expect(complaint('tune --only nosuch')).toMatch(
      /^tune: no class has "nosuch" in its name\.\n {4}ops: product, matmul, .*; models: copy tcn, .*\n {4}fix: /,
    );
    expect(complaint('tune --only lstm,nosuch')).toContain('no class has "nosuch"');
    expect(complaint('tune --only 12x')).toContain('no class has "12x"');
    for (const word of ['MATMUL', '[704,128]', 'transposeA', 'jsb', 'nanogpt'])
      expect(complaint(`tune --only ${word}`)).toBe('no complaint');
  });

  test('only the models of that name are recorded, unless classes of others may be meant', () => {
    expect(named('jsb lstm')).toEqual(['jsb lstm']);
    expect(named('jsb', 'tcn')).toEqual(['copy tcn', 'jsb lstm', 'jsb gru']);
    expect(named('jsb')).toEqual(['jsb lstm', 'jsb gru']);
    // An op is called so, too.
    expect(named('lstm')).toHaveLength(3);
    expect(named('jsb lstm', 'matmul')).toHaveLength(3);
    expect(named('product [704 transposeA')).toHaveLength(3);
  });
});
