// The page: opens every engine on the same adapter and runs what it is asked to by `seqgpu bench --peers`.

import { CASES } from '../../../src/bench/index';
import { TOLERANCE } from '../../../src/bench/measure';
import { largestError, type Contender, type PeersPage } from '../../../src/bench/peers';
import { jax } from './jax';
import { onnx } from './onnx';
import { adapterName, ceiling, ours } from './ours';
import type { Rival, Run } from './rival';
import { tfjs } from './tfjs';

const ENGINES: readonly Rival[] = [ours, jax, tfjs, onnx];

/** A sample lasts about this long, in milliseconds. */
const SAMPLE = 100;
/** What took longer the first time, compiling included, is not run again to learn how long it takes. */
const SLOW = 20_000;
const MOST = 200;

interface Ready {
  readonly run: Run;
  readonly times: number;
  readonly results: readonly Float32Array[];
}

const ready = new Map<string, Ready>();
const key = (engine: string, name: string) => `${engine}: ${name}`;

const peers: PeersPage = {
  async open() {
    const contenders: Contender[] = [];
    for (const { name, version, cases, missing = {}, open } of ENGINES) {
      const failure = await open().then(
        () => undefined,
        (error) => {
          if (name === ours.name) throw error;
          return String(error?.message ?? error);
        },
      );
      contenders.push({ name, version, cases: Object.keys(cases), missing, failure });
    }
    return { adapter: adapterName(), contenders };
  },

  async start(engine, name) {
    const { cases } = ENGINES.find((one) => one.name === engine)!;
    const run = await cases[name](CASES.find((one) => one.name === name)!.inputs());
    const begun = performance.now();
    const results = await run.results();
    const firstMs = performance.now() - begun;
    const reference = ready.get(key(ours.name, name))?.results ?? results;
    const error = largestError(reference, results);
    if (!(error < TOLERANCE)) {
      run.dispose();
      return error;
    }
    const ms = firstMs > SLOW ? firstMs : await run.time(1);
    const times = Math.max(1, Math.min(MOST, Math.round(SAMPLE / ms)));
    ready.set(key(engine, name), { run, times, results: engine === ours.name ? results : [] });
    return error;
  },

  async sample(engine, name) {
    const { run, times } = ready.get(key(engine, name))!;
    return (await run.time(times)) / times;
  },

  ceiling,
};

Object.assign(globalThis, { peers });
