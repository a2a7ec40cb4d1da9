// Functions of one tensor, arithmetic of two with broadcasting, and dropout.

import * as seqgpu from '../../../src/index';
import { exactly, map, multiply, times } from '../bounded';
import {
  CURVES,
  binary,
  broadcast,
  clampTo,
  curves,
  rangeOf,
  type BinaryName,
  type CurveName,
} from '../functions';
import type { Drawer, Room } from '../program';
import { pcg4d } from '../../reference/dropout';

const anyValue = (d: Drawer) => {
  const x = d.value();
  return x === null ? null : { inputs: [x], options: {} };
};

const { add, sub, mul, div } = seqgpu;
/** The library's functions of one tensor. */
const UNARY: Readonly<Record<CurveName, (x: seqgpu.Tensor) => seqgpu.Tensor>> = seqgpu;
const BINARY = { add, sub, mul, div };

const unary = (name: CurveName): Room => ({
  often: name === 'log' || name === 'sqrt' ? 3 : 1,
  draw: anyValue,
  exact: ([x]) => map(x, curves[name]),
  build: ([x]) => UNARY[name](x),
  text: ([x]) => `${name}(${x})`,
  fits([x]) {
    const [low, high] = rangeOf(name);
    return x.data.every((v) => v >= low && v <= high);
  },
});

/** Few numbers, so that graphs differ in what they do and seldom in constants. */
const FACTORS = [0.5, -1.25, 0.1, 2];
const SHIFTS = [0, 0.75, -0.3];

const scale: Room = {
  often: 1.5,
  draw(d) {
    const one = anyValue(d);
    return one && { ...one, options: { factor: d.random.pick(FACTORS), shift: d.random.pick(SHIFTS) } };
  },
  exact: ([x], { factor, shift }) => times(x, Number(factor), Number(shift)),
  build: ([x], { factor, shift }) => seqgpu.scale(x, Number(factor), Number(shift)),
  text: ([x], { factor, shift }) => `scale(${x}, ${factor}, ${shift})`,
};

const clamp: Room = {
  often: 1,
  draw: anyValue,
  exact: ([x]) => map(x, clampTo(-0.75, 0.5)),
  build: ([x]) => seqgpu.clamp(x, -0.75, 0.5),
  text: ([x]) => `clamp(${x}, -0.75, 0.5)`,
};

const fitsBeside = (a: readonly number[]) => (b: readonly number[]) => {
  try {
    return broadcast(a, b).length <= 4;
  } catch {
    return false;
  }
};

/** A shape that broadcasts with another: some axes are 1, or missing. */
function beside(d: Drawer, shape: readonly number[]): number[] {
  const from = d.random.chance(0.5) ? d.random.below(shape.length + 1) : 0;
  return shape.slice(from).map((n) => (d.random.chance(0.3) ? 1 : n));
}

const binaryRoom = (name: BinaryName): Room => ({
  often: 1.5,
  draw(d) {
    const a = d.value();
    if (a === null) return null;
    const shape = d.shapeOf(a);
    const same = d.random.chance(0.5);
    const fits = same ? (other: readonly number[]) => other.join() === shape.join() : fitsBeside(shape);
    const found = d.random.chance(0.6) ? d.value(fits) : null;
    const range = name === 'div' ? ([0.5, 2] as const) : ([-1, 1] as const);
    const b = found ?? d.leaf(same ? shape : beside(d, shape), ...range);
    return { inputs: d.random.chance(0.5) && name !== 'div' ? [b, a] : [a, b], options: {} };
  },
  exact: ([a, b]) => binary(name, a, b),
  build: ([a, b]) => BINARY[name](a, b),
  text: ([a, b]) => `${name}(${a}, ${b})`,
  fits: ([, b]) => name !== 'div' || b.data.every((v) => Math.abs(v) > 0.1),
});

const dropout: Room = {
  often: 1,
  draw(d) {
    const x = d.value();
    if (x === null) return null;
    const spatial = d.shapeOf(x).length > 1 && d.random.chance(0.3);
    return { inputs: [x], options: { rate: 0.25, spatial } };
  },
  exact([x], { rate, spatial }, { training, key: [seed, step], draw }) {
    if (!training) return x;
    const call = draw();
    const C = x.shape.at(-1) ?? 1;
    const R = spatial ? x.shape.slice(1, -1).reduce((product, n) => product * n, 1) : 1;
    const kept = x.data.map((_, i) => {
      const place = Math.floor(i / (R * C)) * C + (i % C);
      const bits = pcg4d([place >>> 2, call, step, seed])[place & 3];
      return Number(bits >= Math.round(Number(rate) * 2 ** 32));
    });
    return multiply(times(x, 1 / (1 - Number(rate))), exactly(x.shape, kept));
  },
  build: ([x], { rate, spatial }, recording) => recording.dropout(x, Number(rate), Boolean(spatial)),
  text: ([x], { rate, spatial }) => `dropout(${x}, { rate: ${rate}, spatial: ${spatial}, generator })`,
};

export const elementwise: Readonly<Record<string, Room>> = {
  ...Object.fromEntries(CURVES.map((name) => [name, unary(name)])),
  scale,
  clamp,
  add: binaryRoom('add'),
  sub: binaryRoom('sub'),
  mul: binaryRoom('mul'),
  div: binaryRoom('div'),
  dropout,
};
