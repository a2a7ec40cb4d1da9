// Colours and marks of all pictures, and the size of those with axes.

/** Size of a figure in pixels. */
export const [WIDTH, HEIGHT] = [860, 380];

/** The fonts of all figures. */
export const FONT = 'system-ui, -apple-system, Segoe UI, DejaVu Sans, sans-serif';
/** The colour of what is read. */
export const INK = '#3b4252';
/** The colour of axes. */
export const PALE = '#8a93a3';
/** The colour of grids. */
export const GRID = '#e8ebf0';

// Told apart with any kind of colour vision (Okabe & Ito); the last three by their darkness.
const COLORS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#b8a800', INK].concat([
  '#7b2d8b',
  '#8c5a2b',
]);

// From dark to light, as far as it can be seen on white (viridis).
const SHADES = [
  [0x44, 0x01, 0x54],
  [0x3b, 0x52, 0x8b],
  [0x21, 0x91, 0x8c],
  [0x5e, 0xc9, 0x62],
  [0xd9, 0xc8, 0x1e],
];

/** The colour of a series, the `index`-th of its picture. */
export function color(series: { readonly color?: number; readonly shade?: number }, index: number): string {
  if (series.shade !== undefined) return shadeOf(series.shade);
  return COLORS[(series.color ?? index) % COLORS.length];
}

/** From 0 (dark) to 1 (light). */
export function shadeOf(share: number): string {
  const at = Math.min(1, Math.max(0, share)) * (SHADES.length - 1);
  const i = Math.min(SHADES.length - 2, Math.floor(at));
  const mixed = SHADES[i].map((from, channel) =>
    Math.round(from + (at - i) * (SHADES[i + 1][channel] - from)),
  );
  return `rgb(${mixed.join(',')})`;
}

/** Ends of an axis around these values, at round numbers. */
export function roundedRange(low: number, high: number): { min: number; max: number } {
  const span = Math.max(high - low, 1e-3 * Math.abs(high), 1e-12);
  const power = 10 ** Math.floor(Math.log10(span / 4));
  const step = [1, 2, 5, 10].map((by) => by * power).find((one) => span / one <= 6)!;
  const [min, max] = [Math.floor(low / step) * step, Math.ceil(high / step) * step];
  return { min: Number(min.toPrecision(9)), max: Number(max.toPrecision(9)) };
}

/** The power of ten that ticks of a logarithmic axis are apart by, so that there are at most eight. */
export const decadesBase = (min: number, max: number): number =>
  10 ** Math.max(1, Math.ceil(Math.log10(max / min) / 7));

const RAISED = '⁰¹²³⁴⁵⁶⁷⁸⁹';

/** A tick of a logarithmic axis: 0.001, 10⁻⁸. */
export function powerOfTen(value: number): string {
  const exponent = Math.round(Math.log10(value));
  const exact = Math.abs(value / 10 ** exponent - 1) < 1e-9;
  if (!exact || Math.abs(exponent) <= 4) return String(Number(value.toPrecision(6)));
  const digits = [...String(Math.abs(exponent))].map((digit) => RAISED[Number(digit)]);
  return `10${exponent < 0 ? '⁻' : ''}${digits.join('')}`;
}
