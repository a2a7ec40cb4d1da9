// Which ways are measured, how often, and when it is enough: the rules of tuning, without a device. All ways take their
// turns, so that a machine that grows slower for a while is slower for all of them.

/** Milliseconds of what was measured: by the class of launches, by the way, one for each time. */
export type Samples = Map<string, Map<string, number[]>>;

/** Milliseconds of one run: by the class of launches, by the way. */
export type Run = ReadonlyMap<string, ReadonlyMap<string, number>>;

/** The ways of some launches as a list: its first entry has the likeliest way of all of them, and so on. */
export interface Trials {
  readonly count: number;
  /** Makes one ready to run; what takes long, as compiling does. */
  prepare(trial: number): Promise<void>;
  time(trial: number): Promise<Run>;
}

/** How much is measured. */
export interface Patience {
  /** Runs of each of the ways that may be the fastest, besides the first ones; at least and at most. */
  readonly rounds: readonly [least: number, most: number];
  /** After so many milliseconds of a way no more than the least rounds are made. */
  readonly enough: number;
  /** So many ways in a row that are far from the fastest end the list: the likelier ones come first. */
  readonly misses: number;
  /** Seconds that are left behind so many ways; where none are, no other is begun. */
  left(tried: number): number;
}

/** What came of it. */
export interface Swept {
  readonly samples: Samples;
  /** How many trials there are, and how many of them were run. */
  readonly count: number;
  readonly tried: number;
}

/** Slower than this times the fastest, a way is not run again. */
const CONTENDS = 1.5;

/** The least of some samples. */
export const least = (samples: readonly number[]): number => Math.min(...samples);

/** Runs every trial, as far as patience and time go, then those that may be the fastest in turns. */
export async function sweep(trials: Trials, patience: Patience): Promise<Swept> {
  const samples: Samples = new Map();
  const ids: Run[] = [];
  let missed = 0;
  while (ids.length < trials.count && missed < patience.misses) {
    const trial = ids.length;
    if (trial > 0 && patience.left(trial) <= 0) break;
    await trials.prepare(trial);
    // A first run finds fresh memory, and there are drivers that compile only then.
    await run(trials, trial, samples);
    ids.push(await run(trials, trial, samples));
    missed = contends(ids[trial], samples) ? 0 : missed + 1;
  }
  const [fewest, most] = patience.rounds;
  const spent = ids.map(() => 0);
  for (let round = 0; round < most; round++) {
    const mayBe = ids.flatMap((found, trial) => (contends(found, samples) ? [trial] : []));
    const open = mayBe.filter((trial) => round < fewest || spent[trial] < patience.enough);
    if (open.length === 0) break;
    // One that nothing comes near is the fastest, however often it is run.
    if (mayBe.length < 2 && round > 0) break;
    if (round > 1 && patience.left(ids.length) <= 0) break;
    for (const trial of open) spent[trial] += sumOf(await run(trials, trial, samples));
  }
  return { samples, count: trials.count, tried: ids.length };
}

async function run(trials: Trials, trial: number, samples: Samples): Promise<Run> {
  const found = await trials.time(trial);
  for (const [key, ways] of found) {
    const known = samples.get(key) ?? new Map<string, number[]>();
    for (const [id, ms] of ways) known.set(id, [...(known.get(id) ?? []), ms]);
    samples.set(key, known);
  }
  return found;
}

const sumOf = (found: Run): number =>
  [...found.values()].flatMap((ways) => [...ways.values()]).reduce((sum, ms) => sum + ms, 0);

/** Whether a way of the trial may be the fastest of its class. */
const contends = (found: Run, samples: Samples): boolean =>
  [...found].some(([key, ways]) => {
    const known = samples.get(key)!;
    const best = Math.min(...[...known.values()].map(least));
    return [...ways.keys()].some((id) => least(known.get(id)!) <= CONTENDS * best);
  });
