// Decoding on the host: how often the loop of generation has which step repeated, and what a beam search makes of its
// record. What is drawn is tested on an adapter.

import { afterEach, describe, expect, test, vi } from 'vitest';
import {
  NEVER,
  coverageOf,
  penaltyOf,
  ranked,
  replay,
  sorted,
  type Hypothesis,
  type SearchRecord,
} from '../../src/decode/hypotheses';
import { checkHistory, mostSteps, runLoop, type LoopOptions } from '../../src/decode/loop';
import { State } from '../../src/graph/state';
import { reshape } from '../../src/ops/layout/view';
import { stubEngine } from '../harness/stubEngine';

describe('the loop of generation', () => {
  afterEach(() => void vi.restoreAllMocks());

  /** The repetitions in order, `again` of the history, where the place was set to, and what was handed out. */
  async function walked(known: number, length: number, { limit = Infinity, most = Infinity, tick = 1 } = {}) {
    let now = 0;
    // Every look at the clock is so many milliseconds behind the one before.
    vi.spyOn(performance, 'now').mockImplementation(() => (now += tick));
    const { engine, log, values } = stubEngine({ step: () => 0, measure: () => [] });
    const states: State[] = [];
    const keep = (shape: number[], name: string) => {
      states.push(new State(shape, 'zeros', name, 'u32'));
      return states.at(-1)!;
    };
    const places: number[] = [];
    const write = engine.write.bind(engine);
    engine.write = (state, data, start) => {
      if (state.name === 'place') places.push(Number((data as Uint32Array)[0]));
      write(state, data, start);
    };
    let kept = -1;
    const options: LoopOptions = {
      ...{ engine, batch: 1, seed: 1, most },
      history: (again) => {
        kept = again;
        return keep([1, known + length], 'history');
      },
      model: {
        stepper(memory) {
          memory.limit = limit;
          values(memory.keep(keep([1], 'carried')))[0] = 7;
          return (x) => x;
        },
      },
      draw: (answer) => reshape(answer, [1]),
    };
    const handed: [number, number][] = [];
    for await (const { from, to, seconds, stepsPerSecond } of runLoop(options, known, length)) {
      handed.push([from, to]);
      expect(stepsPerSecond * seconds).toBeCloseTo(to - known, 6);
    }
    const carried = values(states[0])[0];
    const times = log.filter((line) => line.startsWith('×')).map((line) => Number(line.slice(2)));
    expect(states.every(({ destroyed }) => destroyed)).toBe(true);
    return { times, handed, places, kept, carried };
  }

  test('reads what is known without drawing, then draws the rest at once', async () => {
    const begun = { kept: 0, places: [0], carried: 0 };
    expect(await walked(1, 5)).toEqual({ ...begun, times: [5], handed: [[1, 6]] });
    expect(await walked(4, 5)).toEqual({ ...begun, times: [3, 5], handed: [[4, 9]] });
  });

  test('begins again when the positions are used up, and reads the second half once more', async () => {
    const found = await walked(1, 6, { limit: 4 });
    expect(found).toMatchObject({ kept: 2, times: [4, 2, 2], places: [0, 2], handed: [[1, 7]] });
    // 9 are known: the last two of them are read, one drawn from; of 5 positions that leaves 4.
    expect(await walked(9, 4, { limit: 5 })).toMatchObject({ kept: 2, times: [1, 4], places: [7] });
    expect(await walked(5, 1, { limit: 5 })).toMatchObject({ times: [4, 1], places: [0] });
    expect(await walked(2, 3, { limit: 1 })).toMatchObject({ kept: 0, times: [1, 1, 1], places: [1, 2, 3] });
  });

  test('hands out few at first, then more, each once', async () => {
    const { handed, times } = await walked(1, 150, { most: 64 });
    expect(handed).toEqual([
      [1, 17],
      [17, 49],
      [49, 113],
      [113, 151],
    ]);
    expect(times).toEqual(handed.map(([from, to]) => to - from));
    // No more at once where that takes more than a moment.
    const slow = await walked(1, 50, { most: 64, tick: 1000 });
    expect(slow.times).toEqual([16, 16, 16, 2]);
    expect((await walked(2, 9, { most: 4 })).handed).toEqual([
      [2, 6],
      [6, 10],
      [10, 11],
    ]);
  });

  test('a history that no buffer holds is refused with the numbers', () => {
    const { engine } = stubEngine({ step: () => 0, measure: () => [] });
    const device = { limits: { maxStorageBufferBindingSize: 4 * 2 * 3 * 10 } };
    Object.defineProperty(engine, 'device', { value: device });
    const size = { batch: 2, known: 4, each: 3 };
    expect(mostSteps(engine, size)).toBe(6);
    expect(() => checkHistory(engine, 'draw', { ...size, length: 6 }, 'here')).not.toThrow();
    expect(() => checkHistory(engine, 'draw', { ...size, length: 7 }, 'here')).toThrow(
      /length is 7, but .* holds 6 steps[^]*2 × \(4 \+ 7\) × 3 values of 4 bytes; the buffer has 240 bytes\n.*at here\n.*at most 6\.$/,
    );
    expect(() => checkHistory(engine, 'draw', { ...size, known: 10, length: 1 }, 'here')).toThrow(
      /holds 0 steps[^]*fix: give fewer steps to begin with, or fewer sequences\.$/,
    );
  });
});

describe('a beam search', () => {
  const END = 0;
  /** The record of one sentence among two, in a vocabulary of 10: rows of 2 · K of [beam, id, sum]. */
  function recordOf(steps: readonly (readonly (readonly [number, number, number])[])[]): SearchRecord {
    const [L, K, V] = [steps.length, steps[0].length / 2, 10];
    const own = steps.flat();
    const found = [...own.map(() => 99), ...own.map(([beam, id]) => beam * V + id)];
    const sums = [...own.map(() => 0), ...own.map(([, , sum]) => sum)];
    return { found: Uint32Array.from(found), sums: Float32Array.from(sums), B: 2, L, K, V, end: END };
  }

  const record = recordOf([
    // The third is worse than two others: it ends nothing.
    [
      [0, 5, -1],
      [0, END, -2],
      [0, 6, -3],
      [0, END, -4],
    ],
    [
      [1, 7, -4],
      [0, 8, -5],
      [0, END, -6],
      [1, END, -7],
    ],
    [
      [1, END, -6],
      [0, END, -7],
      [0, 9, -8],
      [1, 9, -9],
    ],
    [
      [0, END, -8],
      [0, 1, -9],
      [1, 1, -9],
      [1, 2, -9],
    ],
  ]);

  test('keeps those among the first K that end; the first K others go on from their parents', () => {
    expect(replay(record, 1, 0)).toEqual({ ended: [], going: [{ tokens: [], sum: 0 }] });
    const one = replay(record, 1, 1);
    expect(one.ended).toEqual([{ tokens: [], sum: -2 }]);
    expect(one.going).toEqual([
      { tokens: [5], sum: -1 },
      { tokens: [6], sum: -3 },
    ]);
    const two = replay(record, 1, 2);
    expect(two.ended).toHaveLength(1);
    expect(two.going.map(({ tokens }) => tokens)).toEqual([
      [6, 7],
      [5, 8],
    ]);
  });

  test('a sentence is done when K have ended', () => {
    const done = replay(record, 1, 4);
    expect(done).toEqual(replay(record, 1, 3));
    expect(done.ended).toEqual([
      { tokens: [], sum: -2 },
      { tokens: [5, 8], sum: -6 },
    ]);
  });

  test('a beam that has not begun neither ends nor goes on', () => {
    const never = recordOf([
      [
        [0, 5, -1],
        [1, END, NEVER],
        [1, 4, NEVER],
        [0, END, -9],
      ],
    ]);
    expect(replay(never, 1, 1)).toEqual({ ended: [], going: [{ tokens: [5], sum: -1 }] });
  });

  test('the penalty of a length is that of the papers', () => {
    expect(penaltyOf(7, { lengthRule: 'gnmt', lengthPenalty: 0.5 })).toBeCloseTo(Math.SQRT2, 12);
    expect(penaltyOf(7, { lengthRule: 'length', lengthPenalty: 1 })).toBe(7);
    expect(penaltyOf(7, { lengthRule: 'gnmt', lengthPenalty: 0 })).toBe(1);
  });

  test('ranks by the sum over the penalty, the end counted; what did not end comes last', () => {
    const going = [{ tokens: [1, 2], sum: -0.1 }];
    const ended = [
      { tokens: [3], sum: -4 },
      { tokens: [4, 5, 6], sum: -6 },
    ];
    const found = ranked({ ended, going }, { lengthRule: 'length', lengthPenalty: 1 });
    expect(found).toEqual([
      { tokens: [4, 5, 6], logProbability: -6, score: -1.5, ended: true },
      { tokens: [3], logProbability: -4, score: -2, ended: true },
      { tokens: [1, 2], logProbability: -0.1, score: -0.05, ended: false },
    ]);
    const tie = (token: number, isEnd: boolean): Hypothesis => ({
      ...{ tokens: [token], logProbability: -1, score: -1, ended: isEnd },
    });
    const all = [tie(1, false), tie(2, true), tie(3, true)];
    expect(sorted(all).map(({ tokens }) => tokens[0])).toEqual([2, 3, 1]);
    expect(all.map(({ tokens }) => tokens[0])).toEqual([1, 2, 3]);
  });

  test('coverage counts what a source token was looked at, up to once', () => {
    // Two steps over three tokens: 0.5 + 0.25, 0.5 + 0.75 (counted as 1), 0.25.
    expect(coverageOf([0.5, 0.5, 0, 0.25, 0.75, 0.25], 3)).toBeCloseTo(Math.log(0.75) + Math.log(0.25), 12);
  });
});
