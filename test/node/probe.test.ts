// Whether an adapter is taken for a GPU or a CPU, with clocks of every kind: a simulated device takes as long as its
// threads need, and the clock shows it as browsers do.

import { expect, test } from 'vitest';
import { BENCH_FLAGS } from '../../src/cli/bench/bench.node';
import { DEMO_FLAGS } from '../../src/cli/demo.node';
import { DOCTOR_FLAGS } from '../../src/cli/doctor.node';
import { readFlags } from '../../src/cli/flags/flags';
import { GENERATE_FLAGS } from '../../src/cli/generate/generate.node';
import { searchFlags } from '../../src/cli/search/search.node';
import { STUDY_FLAGS } from '../../src/cli/study/runStudy.node';
import { trainFlags } from '../../src/cli/train/train.node';
import { TABLES } from '../../src/runs/tables';
import { chooseFamily } from '../../src/gpu/device/probe';
import { threadsByTime } from '../../src/gpu/device/threadsByTime';

const SEEDS = 400;

function random(seed: number): () => number {
  let state = seed * 2654435761 + 1;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state >>> 4) / 2 ** 28;
  };
}

/** Milliseconds of 16 multiply-adds of which each waits for the one before. */
const ROUND = (16 * 4) / 2e6;

interface Device {
  /** Threads at once. */
  readonly lanes: number;
  /** Milliseconds of a launch that does nothing. */
  readonly launch: number;
}
const GPUS: Device[] = [
  { lanes: 256, launch: 0.05 },
  { lanes: 256, launch: 2 },
  { lanes: 64, launch: 0.3 },
];
const CPUS: Device[] = [
  { lanes: 4, launch: 0.1 },
  { lanes: 8, launch: 0.4 },
  { lanes: 16, launch: 0.05 },
];

interface Clock {
  /** Milliseconds between looks whether the work is done. */
  readonly poll: number;
  /** What times are rounded to. */
  readonly step: number;
  /** Milliseconds by which a busy machine delays, at most, in one of three times. */
  readonly busy: number;
}

async function familyOf({ lanes, launch }: Device, clock: Clock, seed: number) {
  const next = random(seed);
  const time = async (threads: number, rounds: number) => {
    const work = launch * (1 + 0.1 * next()) + Math.max(1, threads / lanes) * rounds * ROUND;
    const start = 100 * next();
    const late = next() < 1 / 3 ? clock.busy * next() : 0;
    const end = Math.ceil((start + work + late) / clock.poll) * clock.poll;
    const shown = (at: number) => Math.floor(at / clock.step) * clock.step;
    return shown(end) - shown(start);
  };
  const { most } = await threadsByTime(time, clock.step, 256, 32);
  return most < 32 ? 'direct' : 'workgroup';
}

async function share(devices: readonly Device[], clock: Clock, family: string): Promise<number> {
  let right = 0;
  for (let seed = 0; seed < SEEDS; seed++) {
    if ((await familyOf(devices[seed % devices.length], clock, seed)) === family) right++;
  }
  return right / SEEDS;
}

const clocks: Record<string, Clock> = {
  fine: { poll: 1e-6, step: 1e-3, busy: 0 },
  'of timestamps in Chrome': { poll: 1e-6, step: 0.1, busy: 0 },
  'in a busy machine': { poll: 1e-6, step: 0.1, busy: 5 },
  'of Firefox, asked again and again': { poll: 4, step: 0.02, busy: 0 },
  'of Firefox, which looks every 100 ms': { poll: 100, step: 0.02, busy: 0 },
};

test.each(Object.entries(clocks))('with a clock %s, takes no GPU for a CPU', async (_, clock) => {
  expect(await share(GPUS, clock, 'workgroup')).toBe(1);
});

// A hundred milliseconds between two looks hide what a CPU would be known by.
const known = Object.entries(clocks).filter(([, { poll }]) => poll < 100);

test.each(known)('with a clock %s, knows a CPU', async (_, clock) => {
  expect(await share(CPUS, clock, 'direct')).toBeGreaterThan(0.99);
});

// Measured on a busy machine, a process was once in doubt, and came to other last digits.
test('an adapter that says it computes on a CPU is not measured', async () => {
  const device = { adapterInfo: { isFallbackAdapter: true } };
  expect(await chooseFamily(device as GPUDevice)).toBe('direct');
});

test('gives up in a few seconds of the device', async () => {
  let spent = 0;
  const next = random(1);
  await threadsByTime(
    async () => {
      const taken = 100 * next() + 50;
      spent += taken;
      return taken;
    },
    0.02,
    256,
    32,
  );
  expect(spent).toBeLessThan(5000);
});

test('every command that opens an engine to work on takes --family', () => {
  const commands = {
    train: trainFlags(TABLES),
    GENERATE_FLAGS,
    DEMO_FLAGS,
    BENCH_FLAGS,
    STUDY_FLAGS,
    search: searchFlags(TABLES),
    DOCTOR_FLAGS,
  };
  for (const [name, flags] of Object.entries(commands)) {
    expect(readFlags(name, ['--family', 'workgroup'], flags).given.family).toBe('workgroup');
    expect(() => readFlags(name, ['--family', 'gpu'], flags)).toThrow(/--family "gpu" is unknown/);
  }
});
