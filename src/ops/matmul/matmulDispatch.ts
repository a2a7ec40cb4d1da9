// How a matrix product is launched: which family, which tile, in how many parts.

import matmulKernel from '../../../shaders/matmul/matmul.wgsl';
import matmulQuadKernel from '../../../shaders/matmul/matmulQuad.wgsl';
import matmulTiledKernel from '../../../shaders/matmul/matmulTiled.wgsl';
import type { Dispatch, Tensor } from '../../graph/tensor';
import { sizeOf, type Shape } from '../../graph/shape';
import type { Traits } from '../../graph/traits';
import {
  directWorkgroup,
  launchFirst,
  MANY,
  matmulTiles,
  splits,
  WIDE,
  type Kind,
  type MatmulTile,
} from './tile';
import type { Activation } from '../elementwise/activation';

/** The options of a product that its kernels are told. */
export interface MatmulAttrs {
  readonly transposeA: boolean;
  readonly transposeB: boolean;
  readonly activation: Activation;
}

/** The sizes of S products [M, K]·[K, N]; kB: the K that b has. */
export interface Sizes {
  readonly S: number;
  readonly M: number;
  readonly K: number;
  readonly N: number;
  readonly kB: number;
  readonly shape: Shape;
}

/** S products of [M, K] and [K, N]. One matrix b for all of a's rows makes a single tall product. */
export function sizes(
  a: Shape,
  b: Shape,
  { transposeA, transposeB }: Omit<MatmulAttrs, 'activation'>,
): Sizes {
  const [m, K] = transposeA ? [a.at(-1)!, a.at(-2)!] : [a.at(-2)!, a.at(-1)!];
  const [N, kB] = transposeB ? [b.at(-2)!, b.at(-1)!] : [b.at(-1)!, b.at(-2)!];
  const lead = a.slice(0, -2);
  const shape = [...lead, m, N];
  const flat = b.length === 2;
  return { S: flat ? 1 : sizeOf(lead), M: flat ? m * sizeOf(lead) : m, K, N, kB, shape };
}

/** The tensors of a product. */
export interface Operands {
  readonly a: Tensor;
  readonly b: Tensor;
  readonly bias?: Tensor;
  readonly y: Tensor;
}

/** S parts of a sum over K, `length` terms each. */
export interface Parts {
  readonly S: number;
  readonly length: number;
}

/** In which parts a single product [M, K]·[K, N] is summed, so that all of the device works. */
export function partsOf(kind: Kind, { M, K, N }: Sizes): Parts {
  const [{ units }] = matmulTiles(kind, M, K, N, MANY);
  // A part ends where a slab of the workgroup kernel does.
  const { SLAB } = matmulTiledKernel.with().constants;
  const length = Math.ceil(K / splits(kind.family, units, K) / SLAB) * SLAB;
  return { S: Math.ceil(K / length), length };
}

/** One launch: y = act(a·b + bias), or the parts of a·b. */
export function matmulDispatch(
  operands: Operands,
  attrs: MatmulAttrs,
  traits: Traits,
  parts?: Parts,
): Dispatch {
  const size = sizes(operands.a.shape, operands.b.shape, attrs);
  const { M, K, N } = size;
  const straight = !attrs.transposeA && !attrs.transposeB && K % 4 === 0;
  const tiles = matmulTiles(traits, M, parts?.length ?? K, N, parts?.S ?? size.S, straight);
  return launchFirst(tiles, (tile) => launchTile(operands, attrs, size, tile, traits, parts));
}

function launchTile(
  { a, bias, y }: Operands,
  { transposeA, transposeB, activation }: MatmulAttrs,
  { S, M, K, N }: Sizes,
  { kind, TM, TN, units }: MatmulTile,
  traits: Traits,
  parts?: Parts,
): Dispatch {
  const layers = parts?.S ?? S;
  const alignedA = (transposeA ? M : K) % 4 === 0;
  const switches = {
    TM,
    TN,
    TRANSPOSE_A: transposeA,
    TRANSPOSE_B: transposeB,
    ALIGNED_B: (transposeB ? K : N) % 4 === 0,
    BIAS: bias !== undefined,
    ACTIVATION: activation.toUpperCase(),
  };
  const length = parts?.length ?? K;
  const strides = { strideA: parts ? 0 : M * K, strideB: parts ? 0 : K * N, strideK: parts ? length : 0 };
  const params = { S: layers, M, K, N, length, ...strides };
  const bind = { bias: bias ?? a, y };
  if (kind === 'tiled') {
    const kernel = matmulTiledKernel.with({ ...switches, ALIGNED_A: alignedA });
    return { kernel, bind, params, workgroups: [units * layers] };
  }
  const WORKGROUP = directWorkgroup(traits.family);
  const launch = { bind, params, threads: [units * layers] };
  if (kind === 'quad') {
    const own = quadSwitches(traits, TM, transposeA, K, length);
    const kernel = matmulQuadKernel.with({ ...switches, ...own, WORKGROUP });
    return { ...launch, kernel, bind: { ...bind, a4: a } };
  }
  const own = { ALIGNED_A: alignedA && (!transposeA || TM % 4 === 0), RAGGED: K % 4 !== 0, WORKGROUP };
  return { ...launch, kernel: matmulKernel.with({ ...switches, ...own }) };
}

/** How a quad loads a. The last of several parts of K may be shorter than `length`. */
const quadSwitches = ({ lanes }: Traits, TM: number, transposeA: boolean, K: number, length: number) => ({
  ALIGNED_A: !transposeA && K % 4 === 0,
  GROUP: lanes < WIDE ? 2 : TM,
  RAGGED: K % 4 !== 0 || K % length !== 0,
});
