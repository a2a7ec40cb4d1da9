// Recurrent layers: over all steps, over sequences of different lengths, from their end.

import * as seqgpu from '../../../src/index';
import { type Bounded, filled } from '../bounded';
import { joined, recurrent, sliced, type CellName } from '../functions';
import type { Drawer, Options, Room } from '../program';

const { rnn, gru, lstm } = seqgpu;
const LAYERS = { rnn, gru, lstm };
const UNITS = { rnn: 1, gru: 3, lstm: 4 } as const;
const NAMES = ['x', 'wx', 'wh', 'bx', 'bh', 'h0', 'c0'] as const;

/** Lengths for some, of which one may be 0 and one more than there are; a way back for some. */
function order(d: Drawer, [B, T]: readonly number[]): Options {
  if (!d.usual([false, true])) return {};
  const lengths = Array.from({ length: B }, () => d.random.below(T + 1));
  return { reverse: d.random.chance(0.5), ...(d.random.chance(0.8) && { lengths }) };
}

const isOrdered = ({ lengths, reverse }: Options): boolean => !!lengths || !!reverse;

type Given = readonly Bounded[];

/** Every sequence alone, without its padding; a sequence of no steps keeps its states. */
function apart(kind: CellName, [x, wx, wh, bx, bh, ...states]: Given, { lengths, reverse }: Options) {
  const [B, T] = x.shape;
  const [, H] = states[0].shape;
  const turned = (y: Bounded) => {
    if (!reverse) return y;
    const steps = Array.from({ length: y.shape[1] }, (_, t) => sliced(y, 1, t, t + 1));
    return joined(steps.reverse(), 1);
  };
  const rows = Array.from({ length: B }, (_, b) => {
    const length = lengths ? (lengths as readonly number[])[b] : T;
    const [h0, c0] = states.map((state) => sliced(state, 0, b, b + 1));
    const padding = length < T ? [filled([1, T - length, H], 0)] : [];
    if (length === 0) return { y: padding[0], hN: h0, cN: c0 ?? h0 };
    const own = turned(sliced(sliced(x, 0, b, b + 1), 1, 0, length));
    const { y, hN, cN } = recurrent(kind, { x: own, wx, wh, bx, bh, h0, c0 });
    return { y: joined([turned(y), ...padding], 1), hN, cN };
  });
  const all = (name: 'y' | 'hN' | 'cN') =>
    joined(
      rows.map((row) => row[name]),
      0,
    );
  return { y: all('y'), hN: all('hN'), cN: all('cN') };
}

const cell = (kind: CellName): Room => ({
  often: 0.8,
  draw(d) {
    const x = d.value(([B, T, I, ...more]) => T > 0 && I > 0 && T <= 12 && B <= 70 && !more.length);
    if (x === null) return null;
    const [B, T, I] = d.shapeOf(x);
    const H = d.extent(65);
    const G = UNITS[kind] * H;
    const states = kind === 'lstm' ? [d.like([B, H]), d.like([B, H])] : [d.like([B, H])];
    const inputs = [
      x,
      d.leaf([I, G], -0.6, 0.6),
      d.leaf([H, G], -0.4, 0.4),
      d.like([G]),
      d.like([G]),
      ...states,
    ];
    return {
      inputs,
      options: order(d, [B, T]),
      result: d.random.pick(kind === 'lstm' ? ['y', 'y', 'hN', 'cN'] : ['y', 'y', 'hN']),
    };
  },
  exact(inputs, options) {
    if (isOrdered(options)) return apart(kind, inputs, options);
    const [x, wx, wh, bx, bh, h0, c0] = inputs;
    return { ...recurrent(kind, { x, wx, wh, bx, bh, h0, c0 }) };
  },
  build([x, wx, wh, bx, bh, h0, c0], options) {
    const { lengths, reverse } = options as seqgpu.SequenceOptions;
    const sequences = isOrdered(options) ? seqgpu.sequences({ lengths, reverse }) : undefined;
    return { ...LAYERS[kind]({ x, wx, wh, bx, bh, h0, c0, sequences }) };
  },
  text(names, { lengths, reverse }) {
    const inputs = names.map((name, i) => `${NAMES[i]}: ${name}`);
    const parts = [
      ...(lengths ? [`lengths: [${String(lengths)}]`] : []),
      ...(reverse ? ['reverse: true'] : []),
    ];
    const over = parts.length ? [`sequences: sequences({ ${parts.join(', ')} })`] : [];
    return `${kind}({ ${[...inputs, ...over].join(', ')} })`;
  },
});

export const cells: Readonly<Record<CellName, Room>> = {
  rnn: cell('rnn'),
  gru: cell('gru'),
  lstm: cell('lstm'),
};
