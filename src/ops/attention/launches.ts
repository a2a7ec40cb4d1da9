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

/** Queries, or keys, of one thread, likeliest first, and whether a quad shares a head. */
interface Rows {
  readonly ways: readonly [number, ...number[]];
  readonly shared: boolean;
}

/** Queries, or keys, that a thread of a quad may have, and the vec4s of them that it may keep. */
const QUAD_ROWS = [4, 8, 12] as const;
const MOST_KEPT = 32;

/**
 * Several where loads decide, which they share, but one of the widest heads, which take seconds to compile. More than
 * four compile for twice as long, and are for measurements to choose; `likely`: but where eight are the likeliest.
 */
function rowsOf({ family, quads }: Traits, D4: number, most: number, likely = false): Rows {
  const shared = family !== 'workgroup' && quads && D4 % 4 === 0 && D4 <= 32;
  if (family === 'workgroup' || D4 > (shared ? 16 : 32)) return { ways: [1], shared };
  const [few, ...more] = QUAD_ROWS;
  const others = more.filter((rows) => shared && rows <= most && (rows * D4) / 4 <= MOST_KEPT);
  if (likely && others.length) return { ways: [others[0], few, ...others.slice(1)], shared };
  return { ways: [Math.min(few, most), ...others], shared };
}

/** Narrow heads compile fast, and gain where there are queries enough to share their keys. */
const isLong = (D4: number, Q: number): boolean => D4 <= 8 && Q >= 64;

/** The launch with the likeliest number of rows, the others as its alternatives. */
function launchRows({ ways, shared }: Rows, launch: (rows: number, shared: boolean) => Dispatch): Dispatch {
  const [first, ...others] = ways.map((rows) => launch(rows, shared));
  return others.length ? { ...first, alternatives: () => others } : first;
}

/** Threads of a GPU that read the same query at a time: the lanes of most subgroups. CPU adapters gain nothing. */
const LANES = 32;

/** The bits of −∞. */
const MINUS_INFINITY = 0xff800000;

/** Pairs of a query and a key that it sees. */
export const pairs = (Q: number, T: number, causal: boolean): number =>
  !causal ? Q * T : Q <= T ? Q * (T - Q) + (Q * (Q + 1)) / 2 : (T * (T + 1)) / 2;

type Switches = Readonly<Record<string, boolean>>;
type Bind = Readonly<Record<string, Tensor>>;

const paramsOf = ({ B, Q, T, C, heads, scale }: Sizes, { stride, keys, values }: Places) => {
  const [qStride, kStride, vStride] = stride.map((columns) => columns / 4);
  const at = { kAt: keys / 4, vAt: values / 4, scale: scale ?? 1 / Math.sqrt(C / heads) };
  return { B, Q, T, H: heads, qStride, kStride, vStride, ...at };
};

/** The kernel of the forward pass. */
export function attentionLaunch(
  sizes: Sizes,
  traits: Traits,
  places: Places,
  switches: Switches,
  bind: Bind,
): Dispatch {
  const { B, Q, T, C, heads } = sizes;
  const D4 = C / heads / 4;
  const params = { ...paramsOf(sizes, places), never: MINUS_INFINITY };
  if (!switches.CACHED && fitsTiles(traits, Q, T)) {
    return { ...attentionTiles({ B, heads, D4 }, Q, switches), bind, params: { ...params, D4 } };
  }
  return launchRows(rowsOf(traits, D4, Q, isLong(D4, Q)), (ROWS, shared) => ({
    kernel: (shared ? attentionQuadKernel : attentionKernel).with({ D4, ROWS, ...switches }),
    bind,
    params,
    threads: [B * heads * Math.ceil(Q / ROWS) * (shared ? 4 : 1)],
  }));
}

/** The two of the way back: of queries, then of keys and values, which are `PACKED` where all are one tensor. */
export function attentionBack(
  sizes: Sizes,
  traits: Traits,
  places: Places,
  switches: Readonly<Record<'CAUSAL' | 'LENGTHS' | 'PACKED', boolean>>,
  bind: Bind,
): Dispatch[] {
  const { B, Q, T, C, heads } = sizes;
  const D4 = C / heads / 4;
  const params = paramsOf(sizes, places);
  if (fitsTiles(traits, Q, T)) {
    const launches = attentionBackTiles({ B, heads, D4 }, Q, T, switches);
    return launches.map((tiles) => ({ ...tiles, bind, params: { ...params, D4 } }));
  }
  const { CAUSAL, PACKED } = switches;
  const SPAN = traits.family === 'workgroup' ? LANES : 1;
  const launch = (extent: number, ROWS: number, shared: boolean) => {
    return { bind, params, threads: [B * heads * Math.ceil(extent / ROWS) * (shared ? 4 : 1)] };
  };
  return [
    launchRows(rowsOf(traits, D4, Q), (ROWS, shared) => ({
      kernel: (shared ? attentionDqQuadKernel : attentionDqKernel).with({ D4, ROWS }),
      ...launch(Q, ROWS, shared),
    })),
    launchRows(rowsOf(traits, D4, T), (ROWS, shared) => {
      const constants = { D4, ROWS, CAUSAL, PACKED };
      const kernel = shared
        ? attentionDkvQuadKernel.with(constants)
        : attentionDkvKernel.with({ ...constants, SPAN });
      return { kernel, ...launch(T, ROWS, shared) };
    }),
  ];
}
