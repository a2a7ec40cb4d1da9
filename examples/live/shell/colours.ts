// The page's colours for canvases: read from its style sheet, so that they follow the theme of the system.

import { signal } from '@preact/signals';
import { rgbOf, type Rgb } from './hex';

const dark = matchMedia('(prefers-color-scheme: dark)');
/** Counts changes of the theme: what draws reads it, and draws anew. */
export const theme = signal(0);
dark.addEventListener('change', () => theme.value++);

/** The value of a colour of the style sheet, as `#rrggbb` or `#rgb`. */
export function colour(name: string): string {
  void theme.value;
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

/** The same as numbers. */
export const rgb = (name: string): Rgb => rgbOf(colour(name));

/** From one colour to another, by parts. */
export const between = (a: Rgb, b: Rgb, part: number): Rgb =>
  [0, 1, 2].map((i) => a[i] + (b[i] - a[i]) * part) as [number, number, number];

const STEPS = 256;

/** A scale of 256 colours from 0 to 1, as bytes r g b, through the given colours. */
export function scale(names: readonly string[]): Uint8ClampedArray {
  const stops = names.map(rgb);
  const table = new Uint8ClampedArray(STEPS * 3);
  for (let i = 0; i < STEPS; i++) {
    const at = (i / (STEPS - 1)) * (stops.length - 1);
    const low = Math.min(Math.floor(at), stops.length - 2);
    table.set(between(stops[low], stops[low + 1], at - low), i * 3);
  }
  return table;
}

/** The page's scale from nothing to much. */
export const heat = (): Uint8ClampedArray => scale(['heat0', 'heat1', 'heat2', 'heat3', 'heat4']);
