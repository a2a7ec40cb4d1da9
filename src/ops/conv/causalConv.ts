// Dilated convolution over time that never looks ahead, the primitive of temporal convolutional networks; and the one
// that looks ahead as far as it looks back, which conv.ts offers.
//
//   y[b,t,o] = act( Σ_k Σ_c x[b, t + ahead - (K-1-k)·dilation, c] · w[k,c,o] + bias[o] )      x = 0 outside 0 .. T - 1
//
// with ahead = 0, or half of (K - 1) · dilation.
//
// van den Oord et al. 2016, "WaveNet" (arXiv 1609.03499); Bai, Kolter and Koltun 2018 (arXiv 1803.01271).

import directKernel from '../../../shaders/conv/causalConv.wgsl';
import dwQuadKernel from '../../../shaders/conv/causalConvDwQuad.wgsl';
import dwKernel from '../../../shaders/conv/causalConvDw.wgsl';
import dwTiledKernel from '../../../shaders/conv/causalConvDwTiled.wgsl';
import quadKernel from '../../../shaders/conv/causalConvQuad.wgsl';
import dxKernel from '../../../shaders/conv/causalConvDx.wgsl';
import dxTiledKernel from '../../../shaders/conv/causalConvDxTiled.wgsl';
import tiledKernel from '../../../shaders/conv/causalConvTiled.wgsl';
import { check } from '../../graph/check';
import type { ConstantValue } from '../../graph/kernel';
import { defineOp } from '../../graph/op';
import type { Dispatch, Tensor } from '../../graph/tensor';
import { checked, count, oneOf, type Rules, tensor } from '../../graph/options';
import {
  alone,
  convDwTile,
  convTiles,
  MOST_PRODUCTS_BACK,
  partsOf,
  quadParts,
  reach,
  type ConvTile,
  type Reach,
} from './convTile';
import { absorbEpilogue, matmul } from '../matmul/matmul';
import { sumRows } from '../reduce/sumMiddle';
import { joinParts } from '../reduce/reduceDispatch';
import {
  directWorkgroup,
  launchFirst,
  MANY,
  quadTiles,
  sorted,
  splits,
  WIDE,
  workgroupTiles,
  type MatmulTile,
} from '../matmul/tile';
import { ACTIVATIONS, backThrough, type Activation } from '../elementwise/activation';
import { reshape } from '../layout/view';

/** The options of `causalConv`. */
export interface CausalConvOptions {
  /** Positions between neighbouring taps. */
  readonly dilation?: number;
  /** [O], added at every position. */
  readonly bias?: Tensor;
  readonly activation?: Activation;
}

/** x [B, T, C] convolved over time with w [K, C, O]; tap K-1 is "now". Gives [B, T, O]. */
export function causalConv(x: Tensor, w: Tensor, options: CausalConvOptions = {}): Tensor {
  return convolve(x, w, checked('causalConv', options, CAUSAL_CONV), false);
}

/** The same; `same`: with half of the zeros ahead of the last position. */
export function convolve(x: Tensor, w: Tensor, options: CausalConvOptions, same: boolean): Tensor {
  const { dilation = 1, bias, activation = 'none' } = options;
  const [K, C, O] = w.shape;
  // One tap is a matrix for every position.
  const fits = x.shape.length === 3 && x.shape[2] === C && w.shape.length === 3 && (!bias || bias.size === O);
  if (K === 1 && fits) return matmul(x, reshape(w, [C, O]), { bias, activation });
  return causalConvOp({ x, w, bias }, { dilation, activation, same }).y;
}

/** The rules of CausalConvOptions, see graph/options. */
export const CAUSAL_CONV: Rules<CausalConvOptions> = {
  dilation: count,
  bias: tensor,
  activation: oneOf(ACTIVATIONS),
};

const causalConvOp = defineOp<'x' | 'w' | 'bias', 'y', Reach & { activation: Activation }>({
  name: 'causalConv',
  inputs: { x: 'B T C', w: 'K C O', bias: 'O' },
  outputs: { y: 'B T O' },
  optional: ['bias'],
  rules: (_d, { dilation }) =>
    check(Number.isInteger(dilation) && dilation > 0, `dilation is ${dilation}`, 'it must be 1, 2, 3, …'),
  dispatch({ x, bias }, { B, T, C, O, K }, { activation, ...attrs }, { family, quads, lanes }) {
    const { dilation, taps, ahead } = reach(T, K, attrs);
    const epilogue = { BIAS: bias !== undefined, ACTIVATION: activation.toUpperCase() };
    const common = { bind: { bias: bias ?? x }, params: { taps, dilation, ahead } };
    if (family === 'workgroup') {
      const aligned = { ALIGNED_C: C % 4 === 0, ALIGNED_O: O % 4 === 0 };
      return launchFirst(workgroupTiles(B * T, O, 1), ({ TM, TN, units }) => {
        return {
          ...common,
          kernel: tiledKernel.with({ TM, TN, ...aligned, ...epilogue }),
          workgroups: [units],
        };
      });
    }
    const ALIGNED = O % 4 === 0;
    const tiles: (MatmulTile | ConvTile)[] = [
      ...(alone(quads, lanes) ? convTiles({ B, T, C, N: O, taps, dilation }) : []),
      ...(quads ? quadTiles(B * T, taps * C, O, 1, lanes) : []),
    ];
    return launchFirst(sorted(tiles), (tile) => {
      if ('kind' in tile) {
        const quad = quadLaunch(tile, lanes, 2, { RAGGED: C % 4 !== 0, ALIGNED, ...epilogue });
        const bind = { ...common.bind, x4: x };
        return { ...quad, bind, params: { ...common.params, I: C } };
      }
      const { threads, constants } = tile;
      const own = { WORKGROUP: directWorkgroup('direct'), ALIGNED, RAGGED: taps % constants.TAPS !== 0 };
      return {
        ...common,
        kernel: directKernel.with({ ...constants, ...own, ...epilogue }),
        threads: [threads],
      };
    });
  },
  gradient({ x, w, bias, y, dy: dAfter }, { K }, { activation, dilation, same }) {
    const dy = backThrough(activation, dAfter, y);
    return {
      x: causalConvDxOp({ dy, w }, { dilation, same }).dx,
      w: causalConvDwOp({ x, dy }, { dilation, same, K }).dw,
      bias: bias && sumRows(dy),
    };
  },
  flops: ({ y }, { C, K }) => 2 * y.size * C * K,
  absorb: absorbEpilogue,
});

const causalConvDxOp = defineOp<'dy' | 'w', 'dx', Reach>({
  name: 'causalConvDx',
  inputs: { dy: 'B T O', w: 'K C O' },
  outputs: { dx: 'B T C' },
  dispatch({ dy, dx }, { B, T, C, O, K }, attrs, { family, quads, lanes }) {
    const { dilation, taps, ahead } = reach(T, K, attrs);
    const params = { taps, dilation, ahead };
    if (family === 'workgroup') {
      return launchFirst(workgroupTiles(B * T, C, 1), ({ TM, TN, units }) => {
        return {
          kernel: dxTiledKernel.with({ TM, TN, ALIGNED_O: O % 4 === 0 }),
          params,
          workgroups: [units],
        };
      });
    }
    const tiles: (MatmulTile | ConvTile)[] = [
      ...(alone(quads, lanes) ? convTiles({ B, T, C: O, N: C, taps, dilation }, MOST_PRODUCTS_BACK) : []),
      ...(quads ? quadTiles(B * T, taps * O, C, 1, lanes) : []),
    ];
    return launchFirst(sorted(tiles), (tile) => {
      if ('kind' in tile) {
        const ALIGNED = O % 4 === 0;
        const quad = quadLaunch(tile, lanes, 2, { BACKWARD: true, RAGGED: !ALIGNED, ALIGNED });
        return { ...quad, bind: { x: dy, x4: dy, bias: dy, y: dx }, params: { ...params, I: O, O: C } };
      }
      const { threads, constants } = tile;
      const own = { WORKGROUP: directWorkgroup('direct'), RAGGED: taps % constants.TAPS !== 0 };
      return { kernel: dxKernel.with({ ...constants, ...own }), params, threads: [threads] };
    });
  },
  flops: ({ dx }, { O, K }) => 2 * dx.size * O * K,
});

/** dw, by way of `parts` [S, K, C, O] when too few threads or workgroups would sum over all positions. */
const causalConvDwOp = defineOp<'x' | 'dy', 'dw' | 'parts', Reach & { K: number }>({
  name: 'causalConvDw',
  inputs: { x: 'B T C', dy: 'B T O' },
  outputs: { dw: '*', parts: '*' },
  shape({ x: [B, T, C], dy: [, , O] }, { K, ...attrs }) {
    const S = Math.max(
      directParts(B, T, C, O, K, attrs).S,
      ...[0, WIDE].map((lanes) => quadParts(B, T, C, O, K, lanes)[0].S),
      tiledParts(B, T, C, O, K).S,
    );
    return { dw: [K, C, O], parts: S > 1 ? [S, K, C, O] : [] };
  },
  dispatch(t, { B, T, C, O }, { K, ...attrs }, { family, quads, lanes }) {
    const { dilation, ahead } = reach(T, K, attrs);
    const params = { K, dilation, ahead };
    const launch = (S: number, dispatch: Dispatch) => {
      const complete = (way: Dispatch): Dispatch => ({
        ...way,
        params: { ...params, S, ...way.params },
        bind: { dw: S > 1 ? t.parts : t.dw },
        alternatives: way.alternatives && (() => way.alternatives!().map(complete)),
      });
      return S > 1 ? [complete(dispatch), joinParts(t.parts, t.dw, S)] : complete(dispatch);
    };
    if (family === 'workgroup') {
      const { S, length, TM, TN, units } = tiledParts(B, T, C, O, K);
      const kernel = dwTiledKernel.with({ TM, TN, ALIGNED_C: C % 4 === 0, ALIGNED_O: O % 4 === 0 });
      return launch(S, { kernel, params: { length }, workgroups: [units * K * S] });
    }
    const ALIGNED = O % 4 === 0;
    const ways = sorted<DirectPart | QuadPart>([
      ...(alone(quads, lanes) ? [directParts(B, T, C, O, K, attrs)] : []),
      ...(quads ? quadParts(B, T, C, O, K, lanes) : []),
    ]);
    // All ways make the same parts: those of the first.
    const [{ S }] = ways;
    const launched = launchFirst(ways, (tile) => {
      if ('kind' in tile) {
        const quad = quadLaunch({ ...tile, units: tile.perPart * S }, lanes, 1, { ALIGNED }, dwQuadKernel);
        return { ...quad, params: { length: 4 * Math.ceil((B * T) / S / 4) } };
      }
      const kernel = dwKernel.with({ ...tile.constants, WORKGROUP: directWorkgroup('direct'), ALIGNED });
      return { kernel, params: { length: Math.ceil(tile.runs / S) }, threads: [S * tile.threads] };
    });
    return launch(S, launched);
  },
  flops: ({ x }, { O }, { K }) => 2 * x.size * O * K,
});

/** In how many parts runs are summed. */
function directParts(B: number, T: number, C: number, O: number, K: number, attrs: Reach) {
  const { dilation } = reach(T, K, attrs);
  const tile = convDwTile({ B, T, C, N: O, taps: K, dilation });
  return { ...tile, S: partsOf(tile.runs, splits('direct', tile.threads, tile.runs * tile.constants.STEPS)) };
}

type DirectPart = ReturnType<typeof directParts>;
type QuadPart = ReturnType<typeof quadParts>[number];

/** A launch of a kernel whose neighbouring threads share what they load; `few`: rows at once where lanes are few. */
function quadLaunch(
  { TM, TN, units }: MatmulTile,
  lanes: number,
  few: number,
  switches: Readonly<Record<string, ConstantValue>>,
  kernel = quadKernel,
): Dispatch {
  const GROUP = lanes < WIDE ? few : TM;
  return {
    kernel: kernel.with({ TM, TN, GROUP, WORKGROUP: directWorkgroup('direct'), ...switches }),
    threads: [units],
  };
}

/** S parts of `length` positions each. */
function tiledParts(B: number, T: number, C: number, O: number, K: number) {
  const [tile] = workgroupTiles(C, O, MANY);
  const { SLAB } = dwTiledKernel.with().constants;
  const length = Math.ceil((B * T) / splits('workgroup', tile.units * K, B * T) / SLAB) * SLAB;
  return { S: Math.ceil((B * T) / length), length, ...tile };
}
