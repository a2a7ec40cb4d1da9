// Sequences of different lengths in one batch, and from their end: what recurrent layers do about padding. On the way
// there their time loops compute it like all else, since nothing of it reaches a step that counts; then outputs there
// are overwritten, and the state is taken from the last step that counts. On the way back they select, by the lengths.
// A layer from the end to the beginning is given its steps in reverse. What a page does not import, it does not
// download.

import endsKernel from '../../../shaders/recurrent/ends.wgsl';
import lstmEndsKernel from '../../../shaders/recurrent/lstmEnds.wgsl';
import stepsKernel from '../../../shaders/recurrent/steps.wgsl';
import { check, shapeText } from '../../graph/check';
import { asTyped, isNumbers, type Numbers } from '../../graph/numbers';
import { defineOp, type Op } from '../../graph/op';
import { checked, flag, type Rules } from '../../graph/options';
import { Tensor, type AnyOp } from '../../graph/tensor';
import { reshape } from '../layout/view';
import type { Sequences } from './order';

/** The options of sequences. */
export interface SequenceOptions {
  /**
   * How many steps of every sequence count, from the first on: u32 [B], or B numbers that are known beforehand, which
   * are refused above T; on the device what is above T counts as T. Default: all.
   */
  readonly lengths?: Tensor | Numbers;
  /** Whether layers go from the last step that counts to the first; default: false. */
  readonly reverse?: boolean;
}

const SEQUENCES: Rules<SequenceOptions> = {
  lengths: (value) => value instanceof Tensor || isNumbers(value) || 'u32 [B], or a list of numbers',
  reverse: flag,
};

/**
 * How recurrent layers go through sequences: `lstm({ …, sequences: sequences({ lengths }) })`, so `rnn` and `gru`;
 * `layers.forward(x, sequences({ lengths, reverse: true }))` of `nn`. As with PyTorch's packed sequences outputs behind
 * the end of a sequence are 0, and states are those at its end. What x holds there changes nothing, and has the
 * gradient 0. A sequence of no steps keeps its state.
 */
export function sequences(options: SequenceOptions): Sequences {
  const { lengths, reverse = false } = checked('sequences', options, SEQUENCES);
  const ends = lengths instanceof Tensor ? lengths : lengths && constantOf(lengths);
  if (ends) {
    const fits = ends.dtype === 'u32' && ends.shape.length === 1;
    const text = `sequences: lengths are ${ends.dtype} ${shapeText(ends.shape)}`;
    check(fits, text, 'give u32 [B], one for every sequence: a Uint32Array as an argument of the step');
  }
  const same = (x: Tensor) => x;
  const inOrder = (x: Tensor) => stepsOp({ x, lengths: ends }, { reverse }).y;
  const within: Sequences = {
    get within() {
      return within;
    },
    enter: same,
    loop: (loop) => (ends ? loopOf(loop, ends) : loop),
    leave: same,
  };
  return {
    ...within,
    within,
    enter(x) {
      if (ends) checkLengths(ends, x);
      return ends || reverse ? inOrder(x) : x;
    },
    leave: reverse ? inOrder : same,
  };
}

/** Numbers on the host as the device has them. */
function constantOf(lengths: Numbers): Tensor {
  const data = asTyped(lengths, 'u32', 'lengths of sequences').slice();
  return new Tensor([data.length], 'u32', { kind: 'constant', data });
}

/** Refuses lengths that do not fit x [B, T, N], as far as the host knows them. */
function checkLengths({ shape, source }: Tensor, x: Tensor): void {
  const [B, T] = x.shape;
  check(shape[0] === B, `sequences: ${shape[0]} lengths for ${B} sequences`, `give u32 [${B}]`);
  if (source.kind !== 'constant') return;
  const at = source.data.findIndex((length) => length > T);
  check(at < 0, `sequences: length ${at} is ${source.data[at]} of ${T} steps`, `give 0 to ${T}`);
}

type Loop = Op<string, string, Readonly<Record<string, unknown>>>;

const padded = new Map<AnyOp, Loop>();

/** The loop of a layer over sequences of these lengths; with the same inputs as the one that knows of none. */
function loopOf<L>(loop: L, lengths: Tensor): L {
  const { op } = loop as Loop;
  const own = padded.get(op) ?? withEnds(op);
  padded.set(op, own);
  return ((inputs: Readonly<Record<string, Tensor>>) => own({ ...inputs, lengths }, {})) as L;
}

/** A time loop with one more launch, which puts in order what stands behind the ends. */
const withEnds = (op: AnyOp): Loop =>
  defineOp<string, string, Readonly<Record<string, unknown>>>({
    ...op,
    inputs: { ...op.inputs, lengths: 'B' },
    integers: ['lengths'],
    dispatch(t, d, attrs, traits) {
      const kernel = t.cN ? lstmEndsKernel : endsKernel;
      return [op.dispatch(t, d, attrs, traits)]
        .flat()
        .concat({ kernel: kernel.with(), threads: [d.B * d.H] });
    },

    /** Gradients of the state enter at the last step that counts; where none does, they pass. */
    gradient(t, d, attrs, wanted) {
      const { lengths, dy, dhN, dcN } = t;
      const given = dhN ? stepsOp({ x: dy, last: dhN, lengths }, { T: d.T, N: d.H }).y : dy;
      const seen = (x: Tensor) => stepsOp({ x, lengths }, {}).y;
      const back = { ...t, dy: given, dhN: undefined! };
      const found = op.gradient!(back, d, { ...attrs, lengths, seen }, wanted);
      const state = (x: Tensor | undefined, dN: Tensor | undefined) => {
        if (!x) return x;
        const { y } = stepsOp({ x: reshape(x, [d.B, 1, d.H]), behind: dN, lengths }, {});
        return reshape(y, [d.B, d.H]);
      };
      return { ...found, h0: state(found.h0, dhN), c0: state(found.c0, dcN) };
    },
  });

interface Attrs {
  readonly reverse?: boolean;
  /** The shape of y where there is no x. */
  readonly T?: number;
  readonly N?: number;
}

const stepsOp = defineOp<'x' | 'lengths' | 'behind' | 'last', 'y', Attrs>({
  name: 'steps',
  inputs: { x: 'B T N', lengths: 'B', behind: 'B N', last: 'B N' },
  outputs: { y: '*' },
  optional: ['x', 'lengths', 'behind', 'last'],
  integers: ['lengths'],
  shape: ({ x, last }, { T, N }) => ({ y: x ?? [last[0], T!, N!] }),
  dispatch({ x, lengths, behind, last, y }, _d, { reverse = false }) {
    const switches = { X: !!x, LENGTHS: !!lengths, BEHIND: !!behind, LAST: !!last, REVERSE: reverse };
    const [B, T, N] = y.shape;
    const other = x ?? last;
    return {
      kernel: stepsKernel.with({ ...switches, ALIGNED: N % 4 === 0 }),
      bind: { x: other, lengths: lengths ?? other, behind: behind ?? other, last: last ?? other },
      params: { B, T, N },
      threads: [Math.ceil(y.size / 4)],
    };
  },
  // Turned round twice everything is in its place.
  gradient({ lengths, dy }, _d, { reverse }): { x: Tensor } {
    return { x: stepsOp({ x: dy, lengths }, { reverse }).y };
  },
});
