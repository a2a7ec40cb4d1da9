// A recurrence that is linear in what it carries needs no recurrence: it is a scan (Blelloch 1990; Martin & Cundy 2018,
// arXiv 1709.04057).
//
//   y_t = a_t · y_{t-1} + v_t
//
// Where threads are many, time is cut into chunks: what each makes of anything that comes in (reduce), what comes into
// each (a short scan), and the steps of all chunks at once. Where they are few, one goes through all of time.

import linearScanKernel from '../../../shaders/recurrent/linearScan.wgsl';
import linearScanDxKernel from '../../../shaders/recurrent/linearScanDx.wgsl';
import scanChunksKernel from '../../../shaders/recurrent/scanChunks.wgsl';
import scanStartsKernel from '../../../shaders/recurrent/scanStarts.wgsl';
import type { Dims } from '../../graph/axes';
import { defineOp } from '../../graph/op';
import { checked, tensor, type Rules } from '../../graph/options';
import type { Dispatch, Tensor } from '../../graph/tensor';
import type { Traits } from '../../graph/traits';

/** The inputs of `linearScan`. */
export interface LinearScan {
  /** [B, T, C], how much of the state each step keeps. */
  readonly a: Tensor;
  /** [B, T, C], what each step adds. */
  readonly v: Tensor;
  /** [B, C], the state before the first step. */
  readonly h0: Tensor;
}

const INPUTS: Rules<LinearScan> = { a: tensor, v: tensor, h0: tensor };

/**
 * The states [B, T, C] of y_t = a_t · y_{t-1} + v_t, from y_0 = `h0`. In the workgroup family a product of 32
 * neighbouring a's must be a number of f32: |a| up to 15.
 */
export function linearScan(inputs: LinearScan): Tensor {
  const { a, v, h0 } = checked('linearScan', inputs, INPUTS, 'a', 'v', 'h0');
  return linearScanOp({ a, v, h0 }, {}).y;
}

/** Steps of a chunk. */
const L = 32;
const chunksOf = (T: number): number => Math.ceil(T / L);
/** What chunks need of memory. */
const scratch = (B: number, T: number, C: number) => ({
  parts: [2, B, chunksOf(T), C],
  start: [B, chunksOf(T), C],
});

/** Chunks of time, for many threads; one for all of it otherwise. */
function cut({ B, T, C }: Dims, { family }: Traits) {
  const K = family === 'workgroup' ? chunksOf(T) : 1;
  return { K, params: { K, L: K > 1 ? L : T }, threads: [B * K * C] };
}

/** Reduces every chunk, then finds what comes into each. `v`: the tensor that is added. */
function before(d: Dims, traits: Traits, v: Tensor, h0: Tensor, REVERSE: boolean): Dispatch[] {
  const { K, params, threads } = cut(d, traits);
  if (K === 1) return [];
  return [
    { kernel: scanChunksKernel.with({ REVERSE }), bind: { v }, params, threads },
    { kernel: scanStartsKernel.with({ REVERSE }), bind: { h0 }, params: { K }, threads: [d.B * d.C] },
  ];
}

const linearScanOp = defineOp<'a' | 'v' | 'h0', 'y' | 'parts' | 'start'>({
  name: 'linearScan',
  inputs: { a: 'B T C', v: 'B T C', h0: 'B C' },
  outputs: { y: 'B T C', parts: '*', start: '*' },
  shape: ({ a: [B, T, C] }) => ({ y: [B, T, C], ...scratch(B, T, C) }),
  dispatch({ v, h0, start }, d, _a, traits) {
    const { K, params, threads } = cut(d, traits);
    const bind = { start: K > 1 ? start : h0 };
    const scan = { kernel: linearScanKernel.with(), bind, params, threads };
    return [...before(d, traits, v, h0, false), scan];
  },
  gradient({ a, h0, y, dy }) {
    const { da, dv, dh0 } = linearScanDx({ a, y, h0, dy }, {});
    return { a: da, v: dv, h0: dh0 };
  },
  flops: ({ y }) => 2 * y.size,
});

const linearScanDx = defineOp<'a' | 'y' | 'h0' | 'dy', 'da' | 'dv' | 'dh0' | 'parts' | 'start'>({
  name: 'linearScanDx',
  inputs: { a: 'B T C', y: 'B T C', h0: 'B C', dy: 'B T C' },
  outputs: { da: 'B T C', dv: 'B T C', dh0: 'B C', parts: '*', start: '*' },
  shape: ({ a: [B, T, C] }) => ({
    da: [B, T, C],
    dv: [B, T, C],
    dh0: [B, C],
    ...scratch(B, T, C),
  }),
  dispatch({ h0, dy, start }, d, _a, traits) {
    const { K, params, threads } = cut(d, traits);
    const kernel = linearScanDxKernel.with({ CHUNKS: K > 1 });
    const scan = { kernel, bind: { start: K > 1 ? start : h0 }, params, threads };
    return [...before(d, traits, dy, h0, true), scan];
  },
  flops: ({ dy }) => 4 * dy.size,
});
