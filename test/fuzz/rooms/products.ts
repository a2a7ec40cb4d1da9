// Products: of matrices, convolutions, recurrent layers, and rows of tables.

import * as seqgpu from '../../../src/index';
import { type Bounded, filled, plus } from '../bounded';
import {
  activated,
  causalConv,
  joined,
  matmul,
  repeated,
  reshaped,
  rowsOf,
  scanned,
  sliced,
  weightNorm,
  type Form,
} from '../functions';
import type { Drawer, Options, Room } from '../program';

const FORMS = ['relu', 'tanh', 'sigmoid'] as const;
type Activation = 'none' | (typeof FORMS)[number];

/** Multiplications of one product: more would take long in doubles. */
const MOST_PRODUCTS = 300_000;

/** A bias or none, an activation or none. */
function epilogue(d: Drawer, N: number): { bias: number[]; options: Options } {
  const bias = d.random.chance(0.4) ? [d.like([N])] : [];
  const options = d.random.chance(0.3) ? { activation: d.usual(FORMS) } : {};
  return { bias, options };
}

const finish = (y: Bounded, bias: Bounded | undefined, { activation }: Options): Bounded =>
  activated(bias ? plus(y, repeated(bias, y.shape)) : y, (activation as Form) ?? 'none');

const optionsText = (list: Readonly<Record<string, unknown>>): string => {
  const given = Object.entries(list).filter(([, value]) => value !== undefined && value !== false);
  return given.length ? `, { ${given.map(([name, value]) => `${name}: ${String(value)}`).join(', ')} }` : '';
};
const quoted = (activation: Options[string]) => activation && `'${String(activation)}'`;

const product: Room = {
  often: 3,
  draw(d) {
    const a = d.value((shape) => shape.length > 1);
    if (a === null) return null;
    const shape = d.shapeOf(a);
    const transposeA = shape.length === 2 && d.random.chance(0.3);
    const transposeB = d.random.chance(0.4);
    const K = shape.at(transposeA ? -2 : -1)!;
    const lead = shape.length > 2 && d.random.chance(0.3) ? shape.slice(0, -2) : [];
    const N = d.extent();
    const wanted = [...lead, ...(transposeB ? [N, K] : [K, N])];
    const fits = (other: readonly number[]) =>
      other.length >= 2 &&
      other.at(transposeB ? -1 : -2) === K &&
      (other.length === 2 || other.slice(0, -2).join() === shape.slice(0, -2).join());
    const b = (d.random.chance(0.4) ? d.value(fits) : null) ?? d.leaf(wanted);
    const { bias, options } = epilogue(d, d.shapeOf(b).at(transposeB ? -2 : -1)!);
    return { inputs: [a, b, ...bias], options: { transposeA, transposeB, ...options } };
  },
  exact: ([a, b, bias], { transposeA, transposeB, ...options }) =>
    finish(matmul(a, b, Boolean(transposeA), Boolean(transposeB)), bias, options),
  build: ([a, b, bias], { transposeA, transposeB, activation }) =>
    seqgpu.matmul(a, b, {
      transposeA: Boolean(transposeA),
      transposeB: Boolean(transposeB),
      bias,
      activation: activation as Activation,
    }),
  fits: ([a, b], { transposeB }) => a.size * b.shape.at(transposeB ? -2 : -1)! <= MOST_PRODUCTS,
  text: ([a, b, bias], { transposeA, transposeB, activation }) =>
    `matmul(${a}, ${b}${optionsText({ transposeA, transposeB, bias, activation: quoted(activation) })})`,
};

const sequence = (d: Drawer) => d.value((shape) => shape.length === 3);

const convolution: Room = {
  often: 2,
  draw(d) {
    const x = sequence(d);
    if (x === null) return null;
    const [K, O] = [d.usual([2, 3, 4]), d.extent()];
    const { bias, options } = epilogue(d, O);
    const w = d.like([K, d.shapeOf(x)[2], O]);
    return { inputs: [x, w, ...bias], options: { dilation: d.usual([1, 1, 2, 5]), ...options } };
  },
  exact: ([x, w, bias], { dilation, ...options }) =>
    finish(causalConv(x, w, Number(dilation)), bias, options),
  build: ([x, w, bias], { dilation, activation }) =>
    seqgpu.causalConv(x, w, { dilation: Number(dilation), bias, activation: activation as Activation }),
  fits: ([x, w]) => x.size * w.shape[0] * w.shape[2] <= MOST_PRODUCTS,
  text: ([x, w, bias], { dilation, activation }) =>
    `causalConv(${x}, ${w}${optionsText({ dilation, bias, activation: quoted(activation) })})`,
};

const sameConvolution: Room = {
  ...convolution,
  often: 0.7,
  exact([x, w, bias], { dilation, ...options }) {
    const [B, T, C] = x.shape;
    const ahead = Math.ceil(((w.shape[0] - 1) * Number(dilation)) / 2);
    const longer = joined([x, filled([B, Math.max(1, ahead), C], 0)], 1);
    return finish(sliced(causalConv(longer, w, Number(dilation)), 1, ahead, ahead + T), bias, options);
  },
  build: ([x, w, bias], { dilation, activation }) =>
    seqgpu.conv(x, w, { dilation: Number(dilation), bias, activation: activation as Activation }),
  text: (names, options) => convolution.text(names, options).replace('causalConv', 'conv'),
};

const linearScan: Room = {
  often: 0.8,
  draw(d) {
    const found = d.random.chance(0.5) ? d.value((shape) => shape.length === 3) : null;
    const v = found ?? d.leaf([d.extent(5), d.extent(70), d.extent()]);
    const [B, , C] = d.shapeOf(v);
    return { inputs: [d.like(d.shapeOf(v)), v, d.like([B, C])], options: {} };
  },
  exact: ([a, v, h0]) => scanned(a, v, h0),
  build: ([a, v, h0]) => seqgpu.linearScan({ a, v, h0 }),
  text: ([a, v, h0]) => `linearScan({ a: ${a}, v: ${v}, h0: ${h0} })`,
  fits: ([a]) => a.data.every((value) => Math.abs(value) < 1.5),
};

const embedding: Room = {
  often: 1.5,
  draw(d) {
    const found = d.random.chance(0.4) ? d.value((shape) => shape.length === 2) : null;
    const table = found ?? d.leaf([d.random.pick([2, 3, 17, 65]), d.extent()]);
    const shape = d.random.chance(0.7) ? [d.extent(5), d.extent(40)] : [d.extent()];
    return { inputs: [d.whole(shape, d.shapeOf(table)[0]), table], options: {} };
  },
  exact: ([ids, table]) => rowsOf(table, ids),
  build: ([ids, table]) => seqgpu.embedding(ids, table),
  text: ([ids, table]) => `embedding(${ids}, ${table})`,
};

const gathered: Room = {
  often: 0.8,
  draw(d) {
    const x = d.value((shape) => shape.length > 0);
    return x === null ? null : { inputs: [x, d.whole([d.extent(9)], d.shapeOf(x)[0])], options: {} };
  },
  exact([x, rows]) {
    const [N, ...rest] = x.shape;
    return reshaped(rowsOf(reshaped(x, [N, x.size / N]), rows), [rows.size, ...rest]);
  },
  build: ([x, rows]) => seqgpu.gatherRows(x, rows),
  text: ([x, rows]) => `gatherRows(${x}, ${rows})`,
};

const normed: Room = {
  often: 1,
  draw(d) {
    const v = d.random.chance(0.4) ? d.value((shape) => shape.length > 1) : d.leaf([d.extent(), d.extent()]);
    return v === null ? null : { inputs: [v, d.like([d.shapeOf(v).at(-1)!])], options: {} };
  },
  exact: ([v, g]) => weightNorm(v, g),
  build: ([v, g]) => seqgpu.weightNorm(v, g),
  text: ([v, g]) => `weightNorm(${v}, ${g})`,
  fits([v]) {
    const O = v.shape.at(-1)!;
    const squares = new Float64Array(O);
    v.data.forEach((value, i) => (squares[i % O] += value * value));
    return squares.every((s) => s > 0.01);
  },
};

export const products: Readonly<Record<string, Room>> = {
  matmul: product,
  causalConv: convolution,
  conv: sameConvolution,
  linearScan,
  embedding,
  gatherRows: gathered,
  weightNorm: normed,
};
