// Our engine as one of the contenders. Everything but a training step is timed as many runs in one submit.

import { version } from '../../../package.json';
import { CASES, type Case } from '../../../src/bench/index';
import { TOLERANCE } from '../../../src/bench/measure';
import { probes, type Ceiling } from '../../../src/bench/ceiling';
import { open, timeStep, type Engine, type Reading } from '../../../src/index';
import { clock, LOSSES, type Rival, type Run } from './rival';

let engine: Engine;

export const ours: Rival = {
  name: 'seqgpu',
  version,
  async open() {
    engine = await open();
  },
  cases: Object.fromEntries(CASES.map((one) => [one.name, () => start(one)])),
};

async function start(one: Case): Promise<Run> {
  const { step, args, error } = one.build(engine, one.inputs());
  const run = async () => {
    const readings = [step(...args)].flat() as Reading[];
    return Promise.all(readings.map((reading) => reading.read() as Promise<Float32Array>));
  };
  return {
    time: (times) =>
      one.step
        ? clock(
            () => void Array.from({ length: times }, () => step(...args)),
            () => engine.idle(),
          )
        : timeStep(step, times, ...args),
    async results() {
      const first = await run();
      const wrong = await error(first);
      if (!(wrong < TOLERANCE))
        throw new Error(`${one.name} is wrong by ${wrong}, ${TOLERANCE} are allowed.`);
      if (!one.step) return first;
      const losses = [first[0]];
      while (losses.length < LOSSES) losses.push((await run())[0]);
      return losses;
    },
    dispose() {},
  };
}

export const adapterName = (): string => engine.name;

/** So many runs make a sample that is long enough. */
const TIMES = { fma: 1, copy: 4, dispatch: 200 };
const best = { fma: Infinity, copy: Infinity, dispatch: Infinity };

/** What the adapter can do at most, by the best measurement so far: asked once a round. */
export async function ceiling(): Promise<Ceiling> {
  const values: Record<string, number> = {};
  for (const { name, step, args, value } of (limits ??= probes(engine))) {
    best[name] = Math.min(best[name], (await timeStep(step, TIMES[name], ...args)) / TIMES[name]);
    values[name] = value(best[name]);
  }
  return values as unknown as Ceiling;
}
let limits: ReturnType<typeof probes> | undefined;
