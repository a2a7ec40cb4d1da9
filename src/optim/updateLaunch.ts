// How the kernels of all optimizers are launched, over parameters `p`.

import { elementwise } from '../graph/elementwise';
import type { Kernel } from '../graph/kernel';
import type { Attrs, Dispatch, Part, Tensor } from '../graph/tensor';
import { LARGE, WIDE } from '../graph/state';
import type { Traits } from '../graph/traits';
import { bindableParts, type Range } from './parts';

/** What the updates of all optimizers are told. */
export interface UpdateAttrs extends Attrs {
  /** Gradients are scaled down to a norm. */
  readonly clip: boolean;
  /** The whole of p, in order. */
  readonly groups: readonly Group[];
}

/** Neighbours among the parameters that all decay, or of which none does. */
export interface Group extends Range {
  readonly decays: boolean;
}

/**
 * One vec4 of each of so many tensors fills the registers, so a thread takes one after the other: starting a thread,
 * and the numbers that all of them need, are a third of the time on a CPU adapter. Together it is what flat buffers
 * are padded to.
 */
const LONG = { WORKGROUP: 64, EACH: WIDE / 4 / 64 };
/** Four times as many, where a few threads at once are all that there are and enough to do is left for every core. */
const LONGER = { ...LONG, EACH: 4 * LONG.EACH };
const LONGER_FROM = 64 * 4 * WIDE;

/** `t`: everything that the op has; what is as long as p is taken part by part, where it is too long for a binding. */
export function updateLaunch(
  kernel: Kernel,
  t: { readonly p: Tensor } & Readonly<Record<string, Tensor>>,
  { clip: CLIP, groups }: UpdateAttrs,
  traits: Traits,
): Dispatch[] {
  const launch = ({ offset, size, long }: Launch, decays: boolean): Dispatch => {
    const part = (tensor: Tensor): Part => ({ tensor, offset, size });
    const parts = Object.entries(t).flatMap(([name, x]) => (x.size === t.p.size ? [[name, part(x)]] : []));
    return {
      ...elementwise(kernel, size, { ...long, CLIP }),
      bind: Object.fromEntries(parts),
      params: { size, decays: Number(decays) },
    };
  };
  return groups.flatMap(({ offset: from, size: all, decays }) =>
    launchesOf(all, traits).map((one) => launch({ ...one, offset: from + one.offset }, decays)),
  );
}

interface Launch extends Range {
  readonly long?: typeof LONG;
}

/** What can be bound, and of it what longer threads take evenly, and the rest. */
function launchesOf(all: number, traits: Traits): Launch[] {
  return bindableParts(all, traits).flatMap(({ offset, size }) => {
    if (size < LARGE) return [{ offset, size }];
    if (traits.family !== 'direct' || size < LONGER_FROM) return [{ offset, size, long: LONG }];
    const rest = size % (4 * WIDE);
    const longer = { offset, size: size - rest, long: LONGER };
    return rest ? [longer, { offset: offset + size - rest, size: rest }] : [longer];
  });
}
