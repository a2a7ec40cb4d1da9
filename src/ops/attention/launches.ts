// The kernels of attention, as its ops launch them: queries, keys and values may be tensors of their own, or stand side
// by side in the rows of one.

import attentionKernel from '../../../shaders/attention/attention.wgsl';
import attentionQuadKernel from '../../../shaders/attention/attentionQuad.wgsl';
import attentionDkvKernel from '../../../shaders/attention/attentionDkv.wgsl';
import attentionDkvQuadKernel from '../../../shaders/attention/attentionDkvQuad.wgsl';
import attentionDqKernel from '../../../shaders/attention/attentionDq.wgsl';
import attentionDqQuadKernel from '../../../shaders/attention/attentionDqQuad.wgsl';
import { check } from '../../graph/check';
import type { Dispatch, Tensor } from '../../graph/tensor';
import type { Traits } from '../../graph/traits';
import { attentionBackTiles, attentionTiles, fitsTiles } from './tiles';

/** The sizes of an attention. */
export interface Sizes {
  readonly B: number;
  readonly Q: number;
  readonly T: number;
  readonly C: number;
  readonly heads: number;
  /** Scores are multiplied with it; default: 1 / √(C / heads). */
  readonly scale?: number;
}

/** Columns in a row of queries, of keys and of values, and where in theirs keys and values begin. */
export interface Places {
  readonly stride: readonly [queries: number, keys: number, values: number];
  readonly keys: number;
  readonly values: number;
}

/** Queries, keys and values as tensors of their own. */
export const apart = (C: number): Places => ({ stride: [C, C, C], keys: 0, values: 0 });
/** All three side by side in the rows of one. */
export const packed = (C: number): Places => ({ stride: [3 * C, 3 * C, 3 * C], keys: C, values: 2 * C });
/** Queries of their own, and keys and values side by side. */
export const ring = (C: number): Places => ({ stride: [C, 2 * C, 2 * C], keys: 0, values: C });

/** Widest head: a thread keeps some rows of it. */
const WIDEST = 1024;

/** Refuses numbers of heads that C columns cannot be cut into. */
export function checkHeads(C: number, heads: number): void {
  const d = C / heads;
  check(
    Number.isInteger(heads) && heads > 0 && Number.isInteger(d) && d % 4 === 0 && d > 0 && d <= WIDEST,
    `${heads} heads of ${C} columns have ${d} each`,
    `give heads that cut the columns into multiples of 4, at most ${WIDEST}`,
  );
}

/**
 * Queries, or keys, of one thread, which share what it loads: several where loads decide, but one of the widest heads,
 * which take seconds to compile. And whether a quad shares a head.
 */
function tileOf({ family, quads }: Traits, D4: number, most: number): { rows: number; shared: boolean } {
  if (family === 'workgroup') return { rows: 1, shared: false };
  const shared = quads && D4 % 4 === 0 && D4 <= 32;
  return { rows: D4 > (shared ? 16 : 32) ? 1 : Math.min(4, most), shared };
}

/** Threads of a GPU that read the same query at a time: the lanes of most subgroups. CPU adapters gain nothing. */
const SPAN = 32;

/** The bits of −∞. */
const MINUS_INFINITY = 0xff800000;

/** Pairs of a query and a key that it sees. */
export const pairs = (Q: number, T: number, causal: boolean): number =>
  !causal ? Q * T : Q <= T ? Q * (T - Q) + (Q * (Q + 1)) / 2 : (T * (T + 1)) / 2;

type Switches = Readonly<Record<string, boolean>>;

const paramsOf = ({ B, Q, T, C, heads, scale }: Sizes, { stride, keys, values }: Places) => {
  const [qStride, kStride, vStride] = stride.map((columns) => columns / 4);
  const at = { kAt: keys / 4, vAt: values / 4, scale: scale ?? 1 / Math.sqrt(C / heads) };
  return { B, Q, T, H: heads, qStride, kStride, vStride, ...at };
};

/** The kernel of the forward pass. */
export function attentionLaunch(sizes: Sizes, traits: Traits, places: Places, switches: Switches): Dispatch {
  const { B, Q, T, C, heads } = sizes;
  const D4 = C / heads / 4;
  const params = { ...paramsOf(sizes, places), never: MINUS_INFINITY };
  if (!switches.CACHED && fitsTiles(traits, Q, T)) {
    return { ...attentionTiles({ B, heads, D4 }, Q, switches), params: { ...params, D4 } };
  }
  const { rows, shared } = tileOf(traits, D4, Q);
  return {
    kernel: (shared ? attentionQuadKernel : attentionKernel).with({ D4, ROWS: rows, ...switches }),
    params,
    threads: [B * heads * Math.ceil(Q / rows) * (shared ? 4 : 1)],
  };
}

/** The two of the way back: of queries, then of keys and values, which are `PACKED` where all are one tensor. */
export function attentionBack(
  sizes: Sizes,
  traits: Traits,
  places: Places,
  switches: Readonly<Record<'CAUSAL' | 'LENGTHS' | 'PACKED', boolean>>,
  bind: Readonly<Record<string, Tensor>>,
): Dispatch[] {
  const { B, Q, T, C, heads } = sizes;
  const D4 = C / heads / 4;
  const params = paramsOf(sizes, places);
  if (fitsTiles(traits, Q, T)) {
    const launches = attentionBackTiles({ B, heads, D4 }, Q, T, switches);
    return launches.map((tiles) => ({ ...tiles, bind, params: { ...params, D4 } }));
  }
  const { CAUSAL, PACKED } = switches;
  const ofRows = (extent: number) => {
    const { rows, shared } = tileOf(traits, D4, extent);
    const threads = [B * heads * Math.ceil(extent / rows) * (shared ? 4 : 1)];
    return { constants: { D4, ROWS: rows }, shared, launch: { bind, params, threads } };
  };
  const [q, kv] = [ofRows(Q), ofRows(T)];
  const dq = (q.shared ? attentionDqQuadKernel : attentionDqKernel).with(q.constants);
  const dkv = kv.shared
    ? attentionDkvQuadKernel.with({ ...kv.constants, CAUSAL, PACKED })
    : attentionDkvKernel.with({
        ...kv.constants,
        SPAN: traits.family === 'workgroup' ? SPAN : 1,
        CAUSAL,
        PACKED,
      });
  return [
    { kernel: dq, ...q.launch },
    { kernel: dkv, ...kv.launch },
  ];
}
