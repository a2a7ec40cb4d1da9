// Elements in another order, some of them, or those of several tensors

import { concat, slice, transpose, type Tensor } from '../../src/index';
import { zeros, type Case, type Doubles } from '../harness/reference';

interface Options {
  readonly axes?: readonly number[];
  readonly part?: readonly [number, number, number?];
  readonly join?: number;
}

export function op(list: readonly Tensor[], { part, join, axes }: Options) {
  if (part) return slice(list[0], ...part);
  return join === undefined ? transpose(list[0], axes) : concat(list, join);
}

export function reference(list: readonly Doubles[], { part, join, axes }: Options): Doubles {
  if (part) return sliced(list[0], part);
  return join === undefined ? transposed(list[0], axes) : list.reduce((a, b) => joined(a, b, join));
}

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
  each(
    x.shape,
    (index, place) =>
      (y.data[
        placeOf(
          axes.map((axis) => index[axis]),
          y.shape,
        )
      ] = x.data[place]),
  );
  return y;
}

function sliced(x: Doubles, [axis, start, end]: readonly [number, number, number?]): Doubles {
  const at = axis < 0 ? axis + x.shape.length : axis;
  const [first, last] = [start, end ?? x.shape[at]].map((i) => (i < 0 ? i + x.shape[at] : i));
  const y = zeros(...x.shape.map((n, i) => (i === at ? last - first : n)));
  each(
    y.shape,
    (index, place) =>
      (y.data[place] =
        x.data[
          placeOf(
            index.map((i, j) => (j === at ? i + first : i)),
            x.shape,
          )
        ]),
  );
  return y;
}

function joined(a: Doubles, b: Doubles, axis: number): Doubles {
  const at = axis < 0 ? axis + a.shape.length : axis;
  const y = zeros(...a.shape.map((n, i) => (i === at ? n + b.shape[i] : n)));
  const shifted = (index: number[], by: number) => index.map((i, j) => (j === at ? i + by : i));
  each(a.shape, (index, place) => (y.data[placeOf(index, y.shape)] = a.data[place]));
  each(b.shape, (index, place) => (y.data[placeOf(shifted(index, a.shape[at]), y.shape)] = b.data[place]));
  return y;
}

const one = (options: Options, ...shapes: number[][]): Case => ({
  name: `${shapes.map((shape) => `[${shape}]`).join(' ')} ${JSON.stringify(options)}`,
  shapes,
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
  one({ join: 0 }, [1], [1]),
  one({ join: 0 }, [3], [5]),
  one({ join: 1 }, [3, 2, 4], [3, 5, 4]),
  one({ join: -1 }, [5, 7], [5, 3]),
  one({ join: 1 }, [2, 3], [2, 1], [2, 5], [2, 2], [2, 4]),
  one({ join: 0 }, [2, 3]),
  one({ join: 2 }, [3, 21, 12], [3, 21, 4]),
];
