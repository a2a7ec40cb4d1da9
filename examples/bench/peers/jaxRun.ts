// How jax-js runs: one jit, arrays that stay on the device. Arrays are counted by hand there: a call consumes
// its arguments, `ref` keeps one for another use.

import { getWebGPUDevice, jit, numpy as np, tree, valueAndGrad } from '@jax-js/jax';
import type { HostArray } from '../../../src/graph/host';
import type { Inputs } from '../../../src/bench/case';
import { clock, LOSSES, type Run } from './rival';

export type A = np.Array;
export type Weights = Record<string, A>;

const idle = () => getWebGPUDevice().queue.onSubmittedWorkDone();

/** Whole numbers become int32, the type of its indices. */
export function put({ shape, data }: HostArray): A {
  const values = data instanceof Float32Array ? (data as Float32Array<ArrayBuffer>) : Int32Array.from(data);
  return np.array(values, { shape: [...shape] });
}

/** What nobody asks for is never computed: this hands it to the device, and gives its memory back. */
const submit = (results: readonly A[]): void => results.forEach((y) => void y.gpuBufferSync());

const read = async (y: A): Promise<Float32Array> => (await y.data()) as Float32Array;

interface Pure {
  readonly args: readonly A[];
  run(): A[];
  /** From its layout to ours. */
  finish?(results: Float32Array[]): Float32Array[];
}

/** A function of arrays, already jitted. */
export const pure = ({ args, run, finish = (results) => results }: Pure): Run => ({
  time: (times) =>
    clock(() => {
      for (let i = 0; i < times; i++) submit(run());
    }, idle),
  results: async () => finish(await Promise.all(run().map(read))),
  dispose: () => args.forEach((arg) => arg.dispose()),
});

/** Jits `body` whole. */
export function jitted(body: (...args: A[]) => A[], args: readonly A[], finish?: Pure['finish']): Run {
  const compiled = jit(body);
  return pure({ args, run: () => compiled(...args.map((arg) => arg.ref)) as A[], finish });
}

export type Loss = (weights: Weights, ...batch: A[]) => A;

/**
 * Loss, gradient and Adam in one jit; what it returns are the arguments of the next step. `batch`: the names of the
 * inputs that are no weights.
 */
export function training(loss: Loss, inputs: Inputs, batch: readonly string[], rate = 1e-3): Run {
  const step = jit((state: State, ...args: A[]): [A, State] => {
    const [value, slopes] = valueAndGrad(loss)(tree.ref(state.weights), ...args);
    return [value, adam(state, slopes as Weights, rate)];
  });
  const args = batch.map((name) => put(inputs[name]));
  const given = Object.entries(inputs).filter(([name]) => !batch.includes(name));
  const weights = Object.fromEntries(given.map(([name, array]) => [name, put(array)]));
  const zeros = (): Weights => tree.map((w: A) => np.zerosLike(w.ref), weights) as Weights;
  let state: State = { weights, m: zeros(), v: zeros(), steps: np.zeros([]) };
  const run = (): A => {
    const [value, after] = step(state as never, ...args.map((arg) => arg.ref)) as [A, State];
    state = after;
    return value;
  };
  return {
    time: (times) =>
      clock(() => {
        for (let i = 0; i < times; i++) submit([run()]);
      }, idle),
    async results() {
      const losses: Float32Array[] = [];
      while (losses.length < LOSSES) losses.push(await read(run()));
      return losses;
    },
    dispose() {
      tree.dispose(state as never);
      args.forEach((arg) => arg.dispose());
    },
  };
}

type State = {
  readonly weights: Weights;
  readonly m: Weights;
  readonly v: Weights;
  /** A scalar that is counted up on the device. */
  readonly steps: A;
};

const [B1, B2] = [0.9, 0.999];

/** As torch.optim.Adam, with its defaults. */
function adam({ weights, m, v, steps }: State, slopes: Weights, rate: number): State {
  const t = steps.add(1);
  const corrected = (beta: number) => np.subtract(1, np.exp(t.ref.mul(Math.log(beta))));
  const first = np.divide(rate, corrected(B1));
  const second = np.divide(1, np.sqrt(corrected(B2)));
  const after: { -readonly [K in 'weights' | 'm' | 'v']: Weights } = { weights: {}, m: {}, v: {} };
  for (const name of Object.keys(weights)) {
    const g = slopes[name];
    after.m[name] = m[name].mul(B1).add(g.ref.mul(1 - B1));
    after.v[name] = v[name].mul(B2).add(g.ref.mul(g).mul(1 - B2));
    const scale = np.sqrt(after.v[name].ref).mul(second.ref).add(1e-8);
    const change = np.divide(after.m[name].ref.mul(first.ref), scale);
    after.weights[name] = np.subtract(weights[name], change);
  }
  return { ...after, steps: t };
}
