// How a matrix product is launched: which family, which tile, in how many parts.

import matmulKernel from '../../shaders/matmul.wgsl';
import matmulQuadKernel from '../../shaders/matmulQuad.wgsl';
import matmulTiledKernel from '../../shaders/matmulTiled.wgsl';
import type { Dispatch } from '../graph/op';
import { sizeOf, type Shape, type Tensor } from '../graph/tensor';
import type { Traits } from '../graph/traits';
import { directWorkgroup, MANY, matmulTile, splits, workgroupTile } from './tile';
import type { Activation } from './unary';

export interface MatmulAttrs {
  readonly transposeA: boolean;
  readonly transposeB: boolean;
  readonly activation: Activation;
}

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

export type FamilyTraits = Pick<Traits, 'family' | 'quads'>;

/** In which parts a single product [M, K]·[K, N] is summed, so that all of the device works. */
export function partsOf({ family, quads }: FamilyTraits, { M, K, N }: Sizes): Parts {
  const { units } = family === 'direct' ? matmulTile(M, K, N, MANY, quads) : workgroupTile(M, N, MANY);
  // A part ends where a slab of the workgroup kernel does.
  const { SLAB } = matmulTiledKernel.with().constants;
  const length = Math.ceil(K / splits(family, units, K) / SLAB) * SLAB;
  return { S: Math.ceil(K / length), length };
}

/** One launch: y = act(a·b + bias), or the parts of a·b. */
export function matmulDispatch(
  { a, b, bias, y }: Operands,
  attrs: MatmulAttrs,
  { family, quads }: Traits,
  parts?: Parts,
): Dispatch {
  const { S, M, K, N } = sizes(a.shape, b.shape, attrs);
  const { transposeA, transposeB, activation } = attrs;
  const layers = parts?.S ?? S;
  const aColumns = transposeA ? M : K;
  const bColumns = transposeB ? K : N;
  const switches = {
    TRANSPOSE_A: transposeA,
    TRANSPOSE_B: transposeB,
    ALIGNED_B: bColumns % 4 === 0,
    BIAS: bias !== undefined,
    ACTIVATION: activation.toUpperCase(),
  };
  const length = parts?.length ?? K;
  const strides = parts
    ? { strideA: 0, strideB: 0, strideK: length }
    : { strideA: M * K, strideB: K * N, strideK: 0 };
  const params = { M, K, N, length, ...strides };
  const bind = { bias: bias ?? a, y };
  if (family === 'workgroup') {
    const { TM, TN, units } = workgroupTile(M, N, layers);
    const kernel = matmulTiledKernel.with({ TM, TN, ...switches, ALIGNED_A: aColumns % 4 === 0 });
    return { kernel, bind, params, workgroups: [units, 1, layers] };
  }
  const { TM, TN, units, quad } = matmulTile(M, length, N, layers, quads);
  const WORKGROUP = directWorkgroup(units * layers);
  // The last of several parts may be shorter.
  const RAGGED = K % 4 !== 0;
  const launch = { bind, params: { ...params, S: layers }, threads: [units * layers] };
  if (quad) {
    const ragged = RAGGED || length % 4 !== 0 || (layers > 1 && K % length !== 0);
    return { ...launch, kernel: matmulQuadKernel.with({ TM, TN, ...switches, RAGGED: ragged, WORKGROUP }) };
  }
  const ALIGNED_A = aColumns % 4 === 0 && (!transposeA || TM % 4 === 0);
  return { ...launch, kernel: matmulKernel.with({ TM, TN, ...switches, ALIGNED_A, RAGGED, WORKGROUP }) };
}
