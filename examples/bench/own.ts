// Cases of your own: what stands in this list comes first on the page, is checked and measured like the library's.

import { add, array, div, sqrt, square } from '../../src/index';
import { caseOf, type Case } from '../../src/bench/index';

const SIZE = 2 ** 20;
const x = array(
  [SIZE],
  Float32Array.from({ length: SIZE }, (_, i) => Math.sin(i)),
);

export const OWN: readonly Case[] = [
  caseOf({
    name: 'x over its length',
    about: 'x / √(1 + x²) of 2²⁰ values, by ops',
    body: (x) => div(x, sqrt(add(square(x), 1))),
    args: [x],
    wanted: Float64Array.from(x.data, (value) => value / Math.hypot(1, value)),
  }),
];
