// Initial values, as PyTorch draws them (its distributions, not its random numbers). Each parameter has a
// stream of its own, so that its values do not depend on when or in what order others are drawn.

import { Parameter, type Initial, type TorchLayout } from '../graph/state';
import type { Shape } from '../graph/shape';
import { Stream } from '../random';

let source = new Stream(0);
let drawn = 0;

/** Starts the initial values anew: the same seed and the same layers give the same numbers. */
export function seed(value: number): void {
  source = new Stream(value);
  drawn = 0;
}

function draw(next: (random: Stream) => number): (size: number) => Float32Array {
  const seeded = source;
  const name = `parameter ${drawn++}`;
  return (size) => {
    const stream = seeded.fork(name);
    return Float32Array.from({ length: size }, () => next(stream));
  };
}

/** U(-bound, bound). */
export const uniform = (bound: number): Initial => draw((random) => (2 * random.uniform() - 1) * bound);

/** N(0, deviation²). */
export const normal = (deviation: number): Initial => draw((random) => random.normal() * deviation);

/** Glorot & Bengio 2010: values and gradients keep about the size that they have. */
export const glorot = (inputs: number, outputs: number): Initial =>
  uniform(Math.sqrt(6 / (inputs + outputs)));

/**
 * For classes that are steps of a scale: every channel is a wave over them, of random length and phase, so that classes
 * that are near start near (random Fourier features, Rahimi & Recht 2007). Of [classes, channels], or transposed.
 */
export function waves(classes: number, amplitude: number, transposed = false): Initial {
  const numbers = draw((random) => random.uniform());
  return (size) => {
    const channels = size / classes;
    const random = numbers(2 * channels);
    return Float32Array.from({ length: size }, (_, i) => {
      const [c, v] = transposed
        ? [Math.floor(i / classes), i % classes]
        : [i % channels, Math.floor(i / channels)];
      // From a quarter of a wave over the whole scale to sixteen.
      const length = 64 ** random[2 * c] / 4;
      return amplitude * Math.cos(2 * Math.PI * ((length * v) / classes + random[2 * c + 1]));
    });
  };
}

/** The same value everywhere. */
export const fill =
  (value: number): Initial =>
  (size) =>
    new Float32Array(size).fill(value);

/**
 * A matrix stored [inputs, outputs] that PyTorch stores [outputs, inputs].
 */
export function transposed(inputs: number, outputs: number, initial: Initial): Parameter {
  const torch: TorchLayout = { shape: [outputs, inputs], split: [outputs, inputs], permute: [1, 0] };
  return new Parameter([inputs, outputs], initial, torch);
}

/** Gates as PyTorch stores them, [gates·H, …] block by block, interleaved per unit: […, H·gates]. */
export function interleaved(
  gates: number,
  hidden: number,
  inputs: number | null,
  initial: Initial,
): Parameter {
  const rows = gates * hidden;
  if (inputs === null) {
    return new Parameter([rows], initial, { shape: [rows], split: [gates, hidden], permute: [1, 0] });
  }
  const torch = { shape: [rows, inputs], split: [gates, hidden, inputs], permute: [2, 1, 0] };
  return new Parameter([inputs, rows], initial, torch);
}

/** A parameter of this shape. */
export const parameter = (shape: Shape, initial: Initial): Parameter => new Parameter(shape, initial);

/** gain · ‖v‖ per column of [rows, columns]: with gain 1, weight norm starts where it changes nothing. */
export const columnNorms =
  (v: Initial, rows: number, columns: number, gain: number): Initial =>
  () => {
    const values = v === 'zeros' ? new Float32Array(rows * columns) : v(rows * columns);
    return Float32Array.from({ length: columns }, (_, column) => {
      let sum = 0;
      for (let row = 0; row < rows; row++) sum += values[row * columns + column] ** 2;
      return gain * Math.sqrt(sum);
    });
  };

/** `initial`, but every `stride`th value from `first` on is `value`. */
export const withEvery =
  (initial: Initial, first: number, stride: number, value: number): Initial =>
  (size) => {
    const values = initial === 'zeros' ? new Float32Array(size) : initial(size);
    for (let i = first; i < size; i += stride) values[i] = value;
    return values;
  };
