// The worker: a device of its own, on which it trains what it is told to. The page starts one for every run, and ends it
// to stop.

import { array, matmul, open, type Engine } from '../../../src/index';
import { seeField } from './looks/field';
import { makeJob, type Job } from './job';
import { forget, keptRuns } from './kept';
import { onAnyDevice, watchDevice } from './loss';
import type { Adapter, Answer, Order } from './messages';
import { introduce, plan, wordsOf } from './plan';

const tell = (answer: Answer): void => self.postMessage(answer);

let job: Job | undefined;
/** A run that is made ready, and which one it is. */
let next: { readonly key: string; readonly job: Job } | undefined;
let engine: Promise<Engine> | undefined;
let field: Promise<(controls: Extract<Order, { do: 'field' }>['controls']) => Promise<void>> | undefined;

/** The engine, which tells when its device is lost behind its back. */
async function opened(): Promise<Engine> {
  const made = await open();
  watchDevice(made, tell);
  // What was only made ready is made again, on another device.
  void made.device.lost.then(() => {
    if (!next) return;
    next.job.cancel();
    engine = next = undefined;
  });
  return made;
}

type Train = Extract<Order, { do: 'train' }>;

/** What is of a run when it is made: files are what their names, sizes and times say. */
const keyOf = ({ wish, look, keep }: Pick<Train, 'wish' | 'look' | 'keep'>): string =>
  JSON.stringify([wish, look?.name, keep?.resume && keep.id], (_, value: unknown) =>
    value instanceof File ? [value.name, value.size, value.lastModified] : value,
  );

/** The run that is ready if it is this one; otherwise another in its place. */
function ready(order: Pick<Train, 'wish' | 'look' | 'keep'>): Job {
  const key = keyOf(order);
  if (next?.key !== key) {
    next?.job.cancel();
    const made = makeJob((engine ??= opened()), order, tell);
    next = { key, job: made };
    // Whoever starts it is told why it cannot be.
    made.done.catch(() => {
      if (next?.job === made) next = undefined;
    });
  }
  return next.job;
}

/** A name for the page, and of one that computes on the CPU how fast. */
async function adapterOf(made: Engine): Promise<Adapter> {
  const software = made.traits.family === 'direct';
  return { name: made.name, software, ...(software && { gflops: await speedOf(made) }) };
}

const SIZE = 256;
const TIMES = 3;

/** GFLOP/s of a product of two matrices, the fastest of a few. */
async function speedOf(made: Engine): Promise<number> {
  const values = () => array([SIZE, SIZE], new Float32Array(SIZE * SIZE).fill(0.5));
  const product = made.record((a, b) => matmul(a, b));
  const [a, b] = [values(), values()];
  let least = Infinity;
  for (let i = 0; i <= TIMES; i++) {
    const start = performance.now();
    await product(a, b).read();
    // The first compiles.
    if (i > 0) least = Math.min(least, performance.now() - start);
  }
  product.destroy();
  return (2 * SIZE ** 3) / least / 1e6;
}

async function obey(order: Order): Promise<void> {
  if (order.do === 'introduce') {
    tell(await introduce());
    const made = await opened();
    tell({ at: 'adapter', adapter: await adapterOf(made) });
    made.destroy();
  } else if (order.do === 'plan') {
    tell({ at: 'planned', id: order.id, plan: await plan(order.wish) });
  } else if (order.do === 'ahead') {
    ready(order);
  } else if (order.do === 'train') {
    job = ready(order);
    next = undefined;
    job.start(order);
    await job.done;
  } else if (order.do === 'field') {
    field ??= (engine ??= opened()).then((made) =>
      seeField(made, (picture) => tell({ at: 'picture', picture })),
    );
    const see = await field;
    await onAnyDevice(await engine!, tell, () => see(order.controls));
  } else if (order.do === 'runs' || order.do === 'forget') {
    if (order.do === 'forget') await forget(order.id).catch(() => {});
    // A browser that keeps no files keeps no runs.
    tell({ at: 'runs', runs: await keptRuns().catch(() => []) });
  } else job?.hear(order);
}

self.onmessage = ({ data }: MessageEvent<Order>) => {
  obey(data).catch((error: unknown) => tell({ at: 'failed', message: wordsOf(error) }));
};
