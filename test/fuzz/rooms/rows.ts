// What works on rows: softmax, normalization, gates, norms, and the losses.

import * as seqgpu from '../../../src/index';
import { type Bounded, exactly, map, multiply, plus } from '../bounded';
import {
  activated,
  binaryCrossEntropy,
  crossEntropy,
  curves,
  layerNorm,
  logSoftmax,
  meanSquaredError,
  overRows,
  repeated,
  softmax,
  type Form,
} from '../functions';
import type { Drawer, Room } from '../program';

const withRows = (d: Drawer) => {
  const x = d.value((shape) => shape.length > 0);
  return x === null ? null : { inputs: [x], options: {} };
};

const SOFT = { softmax: seqgpu.softmax, logSoftmax: seqgpu.logSoftmax };

const soft = (name: 'softmax' | 'logSoftmax', exact: (x: Bounded) => Bounded): Room => ({
  often: 1,
  draw: withRows,
  exact: ([x]) => exact(x),
  build: ([x]) => SOFT[name](x),
  text: ([x]) => `${name}(${x})`,
});

const norm: Room = {
  often: 1.5,
  draw(d) {
    const one = withRows(d);
    if (!one) return null;
    const C = d.shapeOf(one.inputs[0]).at(-1)!;
    const given = d.random.pick(['', 'scale', 'shift', 'scale shift']);
    const more = given
      .split(' ')
      .filter(Boolean)
      .map(() => d.like([C]));
    return { inputs: [...one.inputs, ...more], options: { given, epsilon: d.random.pick([1e-3, 0.1]) } };
  },
  exact([x, ...more], { given, epsilon }) {
    const y = layerNorm(x, Number(epsilon));
    const named = (name: string) => more[String(given).split(' ').indexOf(name)];
    const scaled = named('scale') ? multiply(y, repeated(named('scale'), y.shape)) : y;
    return named('shift') ? plus(scaled, repeated(named('shift'), y.shape)) : scaled;
  },
  build([x, ...more], { given, epsilon }) {
    const names = String(given).split(' ');
    return seqgpu.layerNorm(x, {
      scale: more[names.indexOf('scale')],
      shift: more[names.indexOf('shift')],
      epsilon: Number(epsilon),
    });
  },
  text([x, ...more], { given, epsilon }) {
    const names = String(given).split(' ').filter(Boolean);
    return `layerNorm(${x}, { ${names.map((name, i) => `${name}: ${more[i]}, `).join('')}epsilon: ${epsilon} })`;
  },
};

const gate: Room = {
  often: 1,
  draw(d) {
    const x = d.value((shape) => shape.length > 0 && shape.at(-1)! % 2 === 0);
    return x === null ? null : { inputs: [x], options: { form: d.random.pick(['glu', 'gtu', 'bilinear']) } };
  },
  exact: ([x], { form }) => activated(x, form as Form),
  build: ([x], { form }) => seqgpu.gate(x, form as seqgpu.GateForm),
  text: ([x], { form }) => `gate(${x}, '${String(form)}')`,
};

const rowNorm: Room = {
  often: 0.5,
  blind: true,
  draw(d) {
    const one = withRows(d);
    return one && { ...one, options: { largest: d.random.chance(0.5) } };
  },
  exact([x], { largest }) {
    if (!largest) return map(overRows(multiply(x, x)), curves.sqrt);
    const C = x.shape.at(-1)!;
    const most = (list: Float64Array) =>
      Float64Array.from({ length: list.length / C }, (_, n) =>
        list.subarray(n * C, (n + 1) * C).reduce((top, v) => Math.max(top, Math.abs(v)), 0),
      );
    const y = exactly(x.shape.slice(0, -1), most(x.data));
    y.error.set(most(x.error));
    return y;
  },
  build: ([x], { largest }) => seqgpu.rowNorm(x, { largest: Boolean(largest) }),
  text: ([x], { largest }) => `rowNorm(${x}, { largest: ${largest} })`,
  fits: ([x]) => overRows(multiply(x, x)).data.every((s) => s > 0.01),
};

const largest: Room = {
  often: 0.5,
  blind: true,
  draw(d) {
    const one = withRows(d);
    return (
      one && { ...one, options: { k: 1 + d.random.below(Math.min(4, d.shapeOf(one.inputs[0]).at(-1)!)) } }
    );
  },
  exact([x], { k }) {
    const V = x.shape.at(-1)!;
    const y = exactly([...x.shape.slice(0, -1), Number(k)], new Float64Array((x.size / V) * Number(k)));
    for (let n = 0; n < x.size / V; n++) {
      const order = [...x.data.subarray(n * V, (n + 1) * V).keys()];
      order.sort((a, b) => x.data[n * V + b] - x.data[n * V + a]);
      const worst = x.error.subarray(n * V, (n + 1) * V).reduce((a, b) => Math.max(a, b));
      for (let i = 0; i < Number(k); i++) {
        y.data[n * Number(k) + i] = x.data[n * V + order[i]];
        y.error[n * Number(k) + i] = worst;
      }
    }
    return y;
  },
  build: ([x], { k }) => seqgpu.topK(x, Number(k)).values,
  text: ([x], { k }) => `topK(${x}, ${k}).values`,
};

const targetsOf = (d: Drawer, x: number): number => {
  const shape = d.shapeOf(x);
  return d.whole(shape.slice(0, -1), shape.at(-1)!);
};

const crossEntropyRoom: Room = {
  often: 1,
  draw(d) {
    const one = withRows(d);
    if (!one) return null;
    const ignoreIndex = d.random.chance(0.3) ? 0 : undefined;
    const smoothing = d.random.chance(0.3) ? 0.25 : undefined;
    const overAll = d.random.chance(0.2) || undefined;
    return {
      inputs: [...one.inputs, targetsOf(d, one.inputs[0])],
      options: { ignoreIndex, smoothing, overAll },
    };
  },
  exact: ([x, targets], options) => crossEntropy(x, targets, options as object),
  build: ([x, targets], options) => seqgpu.crossEntropy(x, targets, options as object),
  text: ([x, targets], options) => `crossEntropy(${x}, ${targets}, ${JSON.stringify(options)})`,
};

const accuracy: Room = {
  often: 0.4,
  blind: true,
  draw(d) {
    const one = withRows(d);
    return one && { inputs: [...one.inputs, targetsOf(d, one.inputs[0])], options: {} };
  },
  exact([x, targets]) {
    const V = x.shape.at(-1)!;
    const right = targets.data.map((target, n) => {
      const row = x.data.subarray(n * V, (n + 1) * V);
      return Number(row.indexOf(row.reduce((a, b) => Math.max(a, b))) === target);
    });
    const value = right.reduce((total, one) => total + one, 0) / targets.size;
    const y = exactly([], [value]);
    y.error[0] = 2 ** -22;
    return y;
  },
  build: ([x, targets]) => seqgpu.accuracy(x, targets),
  text: ([x, targets]) => `accuracy(${x}, ${targets})`,
  /** The largest of every row is so by more than errors. */
  fits([x]) {
    const V = x.shape.at(-1)!;
    for (let n = 0; n < x.size / V; n++) {
      const order = [...x.data.subarray(n * V, (n + 1) * V)].sort((a, b) => b - a);
      const worst = x.error.subarray(n * V, (n + 1) * V).reduce((a, b) => Math.max(a, b));
      if (order[0] - order[1] <= 8 * worst) return false;
    }
    return true;
  },
};

const binaryLoss: Room = {
  often: 0.7,
  draw(d) {
    const one = withRows(d);
    if (!one) return null;
    const shape = d.shapeOf(one.inputs[0]);
    const weights = d.random.chance(0.4) ? [d.given(shape.slice(0, -1), 0, 2)] : [];
    return { inputs: [...one.inputs, d.given(shape, 0, 1), ...weights], options: {} };
  },
  exact: ([x, targets, weights]) => binaryCrossEntropy(x, targets, weights),
  build: ([x, targets, weights]) => seqgpu.binaryCrossEntropy(x, targets, { weights }),
  text: ([x, targets, weights]) =>
    `binaryCrossEntropy(${x}, ${targets}${weights ? `, { weights: ${weights} }` : ''})`,
};

const squaredError: Room = {
  often: 0.7,
  draw(d) {
    const x = d.value();
    return x === null ? null : { inputs: [x, d.like(d.shapeOf(x))], options: {} };
  },
  exact: ([a, b]) => meanSquaredError(a, b),
  build: ([a, b]) => seqgpu.meanSquaredError(a, b),
  text: ([a, b]) => `meanSquaredError(${a}, ${b})`,
};

export const rows: Readonly<Record<string, Room>> = {
  softmax: soft('softmax', softmax),
  logSoftmax: soft('logSoftmax', logSoftmax),
  layerNorm: norm,
  gate,
  rowNorm,
  topK: largest,
  crossEntropy: crossEntropyRoom,
  accuracy,
  binaryCrossEntropy: binaryLoss,
  meanSquaredError: squaredError,
};
