// The same numbers under another shape, in another order, or some of them; and sums over axes.

import * as seqgpu from '../../../src/index';
import { cut, exactly, multiply, times } from '../bounded';
import { joined, reshaped, shifted, sliced, sum, transposed } from '../functions';
import type { Drawer, Options, Room } from '../program';

const numbers = (value: Options[string]): readonly number[] => value as readonly number[];

const withAxis = (d: Drawer) => {
  const x = d.value((shape) => shape.length > 0);
  return x === null ? null : { x, axis: d.random.below(d.shapeOf(x).length) };
};

const reshape: Room = {
  often: 1.5,
  draw(d) {
    const x = d.value();
    if (x === null) return null;
    const shape = d.shapeOf(x);
    const merge = shape.length > 1 && (shape.length > 3 || d.random.chance(0.6));
    if (!merge) return { inputs: [x], options: { shape: [...shape, 1] } };
    const at = d.random.below(shape.length - 1);
    return {
      inputs: [x],
      options: { shape: [...shape.slice(0, at), shape[at] * shape[at + 1], ...shape.slice(at + 2)] },
    };
  },
  exact: ([x], { shape }) => reshaped(x, numbers(shape)),
  build: ([x], { shape }) => seqgpu.reshape(x, numbers(shape)),
  text: ([x], { shape }) => `reshape(${x}, ${JSON.stringify(shape)})`,
};

const transpose: Room = {
  often: 1.5,
  draw(d) {
    const x = d.value((shape) => shape.length > 1);
    if (x === null) return null;
    const left = [...d.shapeOf(x).keys()];
    const axes = d.shapeOf(x).map(() => left.splice(d.random.below(left.length), 1)[0]);
    return { inputs: [x], options: { axes } };
  },
  exact: ([x], { axes }) => transposed(x, numbers(axes)),
  build: ([x], { axes }) => seqgpu.transpose(x, numbers(axes)),
  text: ([x], { axes }) => `transpose(${x}, ${JSON.stringify(axes)})`,
  fits: ([x], { axes }) => numbers(axes).length === x.shape.length,
};

const slice: Room = {
  often: 1.5,
  draw(d) {
    const one = withAxis(d);
    if (!one) return null;
    const extent = d.shapeOf(one.x)[one.axis];
    const start = d.random.chance(0.4) ? 0 : d.random.below(extent);
    const end = d.random.chance(0.4) ? extent : start + 1 + d.random.below(extent - start);
    return { inputs: [one.x], options: { axis: one.axis, start, end } };
  },
  exact: ([x], { axis, start, end }) => sliced(x, Number(axis), Number(start), Number(end)),
  build: ([x], { axis, start, end }) => seqgpu.slice(x, Number(axis), Number(start), Number(end)),
  text: ([x], { axis, start, end }) => `slice(${x}, ${axis}, ${start}, ${end})`,
};

const shift: Room = {
  often: 1,
  draw(d) {
    const one = withAxis(d);
    if (!one) return null;
    const extent = d.shapeOf(one.x)[one.axis];
    const by =
      (d.random.below(Math.min(extent, 9)) || Math.min(1, extent - 1)) * (d.random.chance(0.3) ? -1 : 1);
    return { inputs: [one.x], options: { axis: one.axis, by } };
  },
  exact: ([x], { axis, by }) => shifted(x, Number(axis), Number(by)),
  build: ([x], { axis, by }) => seqgpu.shift(x, Number(axis), Number(by)),
  text: ([x], { axis, by }) => `shift(${x}, ${axis}, ${by})`,
};

const concat: Room = {
  often: 1.5,
  draw(d) {
    const one = withAxis(d);
    if (!one) return null;
    const shape = d.shapeOf(one.x);
    const fits = (other: readonly number[]) =>
      other.length === shape.length && other.every((n, i) => i === one.axis || n === shape[i]);
    const inputs = [one.x];
    for (let more = 1 + d.random.below(2); more > 0; more--) {
      const found = d.random.chance(0.6) ? d.value(fits) : null;
      inputs.push(found ?? d.leaf(shape.map((n, i) => (i === one.axis ? d.extent(9) : n))));
    }
    return { inputs, options: { axis: one.axis } };
  },
  exact: (list, { axis }) => joined(list, Number(axis)),
  build: (list, { axis }) => seqgpu.concat(list, Number(axis)),
  text: (names, { axis }) => `concat([${names.join(', ')}], ${axis})`,
};

const detach: Room = {
  often: 0.3,
  draw(d) {
    const x = d.value();
    return x === null ? null : { inputs: [x], options: {} };
  },
  exact: ([x]) => cut(x),
  build: ([x]) => seqgpu.detach(x),
  text: ([x]) => `detach(${x})`,
};

const maskPadding: Room = {
  often: 0.5,
  draw(d) {
    const found = d.value((shape) => shape.length === 3);
    const x = found ?? d.leaf([d.extent(5), d.extent(20), d.extent(9)], -2, 2);
    const [B, T] = d.shapeOf(x);
    return { inputs: [x, d.whole([B], T + 1)], options: {} };
  },
  exact([x, lengths]) {
    const [, T, C] = x.shape;
    const there = (i: number) => Math.floor(i / C) % T < lengths.data[Math.floor(i / C / T)];
    return multiply(
      x,
      exactly(
        x.shape,
        Float64Array.from({ length: x.size }, (_, i) => (there(i) ? 1 : 0)),
      ),
    );
  },
  build: ([x, lengths]) => seqgpu.maskPadding(x, lengths),
  text: ([x, lengths]) => `maskPadding(${x}, ${lengths})`,
};

const REDUCTIONS = { sum: seqgpu.sum, mean: seqgpu.mean };

const reduction = (name: 'sum' | 'mean'): Room => ({
  often: 1,
  draw(d) {
    const one = withAxis(d);
    if (!one) return null;
    const options = d.random.chance(0.2) ? {} : { axis: one.axis, keep: d.random.chance(0.4) };
    return { inputs: [one.x], options };
  },
  exact([x], { axis, keep }) {
    const at = axis === undefined ? undefined : Number(axis);
    const total = sum(x, at, Boolean(keep));
    return name === 'sum' ? total : times(total, 1 / (at === undefined ? x.size : x.shape[at]));
  },
  build: ([x], { axis, keep }) =>
    REDUCTIONS[name](x, axis === undefined ? undefined : Number(axis), { keep: Boolean(keep) }),
  text: ([x], { axis, keep }) =>
    axis === undefined ? `${name}(${x})` : `${name}(${x}, ${axis}${keep ? ', { keep: true }' : ''})`,
});

export const views: Readonly<Record<string, Room>> = {
  reshape,
  transpose,
  slice,
  shift,
  concat,
  detach,
  maskPadding,
  sum: reduction('sum'),
  mean: reduction('mean'),
};
