// What this adapter can do at most: multiply-adds in registers, bytes through a shader, and launches. Measured, in
// the same process and beside the cases, because every machine is another one and the same one is not always.

import copyKernel from '../../shaders/probe/copyProbe.wgsl';
import fmaKernel from '../../shaders/probe/fmaProbe.wgsl';
import type { Engine } from '../gpu/engine';
import { timeStep } from '../gpu/look/profile';
import { array, type HostArray } from '../graph/host';
import { defineOp } from '../graph/op';
import { noise, type Runnable } from './case';

/** What an adapter can do at best. */
export interface Ceiling {
  /** GFLOP/s of fused multiply-adds in registers, two operations each. */
  readonly fma: number;
  /** GB/s read and written by a copy in a shader. */
  readonly copy: number;
  /** Microseconds of a launch that does next to nothing, among many in one submit. */
  readonly dispatch: number;
}

/** A step that measures one of the ceilings. */
export interface Probe {
  readonly name: keyof Ceiling;
  readonly step: Runnable;
  readonly args: readonly HostArray[];
  /** The ceiling that so many milliseconds for one run mean. */
  value(ms: number): number;
}

const THREADS = 2 ** 14;

const fmaOp = defineOp<'x', 'y'>({
  name: 'fmaProbe',
  inputs: { x: 'N' },
  outputs: { y: '*' },
  shape: () => ({ y: [THREADS] }),
  dispatch: () => ({ kernel: fmaKernel.with(), threads: [THREADS] }),
});

const copyOp = defineOp<'x', 'y', { small: boolean }>({
  name: 'copyProbe',
  inputs: { x: 'N' },
  outputs: { y: 'N' },
  dispatch({ x }, _d, { small }) {
    const kernel = copyKernel.with(small ? { WORKGROUP: 64, EACH: 1 } : {});
    const { WORKGROUP, EACH } = kernel.constants;
    return { kernel, workgroups: [Math.ceil(x.size / 4 / WORKGROUP / EACH)] };
  },
});

const LARGE = 2 ** 22;
/** One workgroup. */
const SMALL = 2 ** 8;

/** One of the ceilings alone, in a fraction of a second. */
export async function measureCeiling(engine: Engine, name: keyof Ceiling): Promise<number> {
  const { step, args, value } = probes(engine).find((probe) => probe.name === name)!;
  let best = Infinity;
  // The first run compiles.
  for (let round = 0; round < 4; round++) {
    const ms = await timeStep(step, 1, ...args);
    if (round) best = Math.min(best, ms);
  }
  return value(best);
}

/** `value` turns a time into what it means. */
export function probes(engine: Engine): Probe[] {
  const { ROUNDS, UNROLL } = fmaKernel.with().constants;
  const flops = THREADS * ROUNDS * UNROLL * 12 * 2;
  const copy = (small: boolean) => engine.record((x) => copyOp({ x }, { small }).y);
  return [
    {
      name: 'fma',
      step: engine.record((x) => fmaOp({ x }, {}).y),
      args: [array([4], [1e-6, 0.999, 0.001, 0])],
      value: (ms) => flops / ms / 1e6,
    },
    { name: 'copy', step: copy(false), args: [noise([LARGE], 1)], value: (ms) => (LARGE * 8) / ms / 1e6 },
    { name: 'dispatch', step: copy(true), args: [noise([SMALL], 1)], value: (ms) => ms * 1000 },
  ];
}
