// Elements in another order, or some of them

import { slice, transpose, type Tensor } from '../../src/index';
import { zeros, type Case, type Doubles } from '../harness/reference';

interface Options {
  readonly axes?: readonly number[];
  readonly part?: readonly [number, number, number?];
}

export const op = ([x]: readonly Tensor[], { part, axes }: Options) =>
  part ? slice(x, ...part) : transpose(x, axes);

export const reference = ([x]: readonly Doubles[], { part, axes }: Options): Doubles =>
  part ? sliced(x, part) : transposed(x, axes);

/** Every index of a shape, with its place. */
function each(shape: readonly number[], body: (index: number[], place: number) => void): void {
  const size = shape.reduce((product, n) => product * n, 1);
  for (let place = 0; place < size; place++) {
    let rest = place;
    const index = [...shape].reverse().map((n) => [rest % n, (rest = Math.floor(rest / n))][0]);
    body(index.reverse(), place);
  }
}

const placeOf = (index: readonly number[], shape: readonly number[]) =>
  index.reduce((sum, i, axis) => sum * shape[axis] + i, 0);

function transposed(x: Doubles, given?: readonly number[]): Doubles {
  const rank = x.shape.length;
  const axes = given ?? [...Array(rank - 2).keys(), rank - 1, rank - 2];
  const y = zeros(...axes.map((axis) => x.shape[axis]));
  each(x.shape, (index, place) => {
    const moved = axes.map((axis) => index[axis]);
    y.data[placeOf(moved, y.shape)] = x.data[place];
  });
  return y;
}

function sliced(x: Doubles, [axis, start, end]: readonly [number, number, number?]): Doubles {
  const at = axis < 0 ? axis + x.shape.length : axis;
  const [first, last] = [start, end ?? x.shape[at]].map((i) => (i < 0 ? i + x.shape[at] : i));
  const y = zeros(...x.shape.map((n, i) => (i === at ? last - first : n)));
  each(y.shape, (index, place) => {
    const moved = index.map((i, j) => (j === at ? i + first : i));
    y.data[place] = x.data[placeOf(moved, x.shape)];
  });
  return y;
}

const one = (options: Options, shape: number[]): Case => ({
  name: `[${shape}] ${JSON.stringify(options)}`,
  shapes: [shape],
  options,
});

export const cases: Case[] = [
  one({}, [1, 1]),
  one({}, [3, 5]),
  one({}, [64, 63]),
  one({}, [2, 4, 65]),
  one({ axes: [1, 0, 2] }, [3, 5, 8]),
  one({ axes: [2, 0, 1] }, [3, 5, 8]),
  one({ axes: [0, 2, 1, 3] }, [2, 3, 5, 4]),
  one({ axes: [3, 1, 2, 0] }, [2, 3, 5, 7]),
  one({ axes: [0, 1] }, [3, 5]),
  one({ axes: [1, 0, 2] }, [1, 5, 3]),
  one({ axes: [3, 0, 1, 2] }, [2, 3, 2, 5]),
  one({ part: [0, 0, 1] }, [1]),
  one({ part: [0, 2] }, [3]),
  one({ part: [1, -1] }, [3, 7, 5]),
  one({ part: [1, 2, 4] }, [3, 7, 8]),
  one({ part: [-1, 1, -1] }, [5, 63]),
  one({ part: [2, 4, 8] }, [3, 5, 12]),
  one({ part: [0, 3, 60] }, [65, 2]),
];
