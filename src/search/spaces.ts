// Where a search draws settings from, as data: around the preset of a task and model. What a preset does not have is
// not searched, so that every model keeps to the settings that it knows.

import type { Range, Space } from './search';
import type { Training } from '../runs/training';

const factor = (from: number, to: number): Range => ({ kind: 'log factor', from, to });
const uniform = (from: number, to: number): Range => ({ kind: 'uniform', from, to });
const choice = (...of: (number | string)[]): Range => ({ kind: 'choice', of });

/** For every task and model. */
const GENERAL: Space = {
  learningRate: factor(1 / 4, 4),
  clipNorm: factor(1 / 3, 3),
  dropout: uniform(0, 0.6),
  inputDropout: uniform(0, 0.2),
  gain: factor(1 / 2, 2),
  forgetBias: choice(0, 1, 2, 4),
  weightDecay: factor(1 / 4, 4),
};

/** In place of the general ranges, by `task`, `model` or `task/model`, the last of which counts most. */
const SPECIAL: Readonly<Record<string, Space>> = {
  jsb: { hidden: choice(64, 128, 192) },
  'jsb/tcn': { hidden: choice(100, 150, 200), levels: choice(2, 3) },
  nottingham: { hidden: choice(128, 256, 384) },
  'nottingham/tcn': { hidden: choice(100, 150) },
};

/** The settings that are searched, of a base. `fixed` are not, whatever they are. */
export function spaceOf(base: Training, fixed: readonly string[] = []): Space {
  const { task, model } = base;
  const all = { ...GENERAL, ...SPECIAL[task], ...SPECIAL[model], ...SPECIAL[`${task}/${model}`] };
  const given = base as unknown as Readonly<Record<string, number | string | undefined>>;
  const searched = Object.entries(all).filter(([name]) => given[name] && !fixed.includes(name));
  return Object.fromEntries(searched);
}

/** A range in words, for a report. */
export function rangeText(name: string, range: Range, base: Training): string {
  if (range.kind === 'choice') return `one of ${range.of.join(', ')}`;
  if (range.kind === 'uniform') return `${range.from} to ${range.to}`;
  const value = (base as unknown as Readonly<Record<string, number>>)[name];
  const [low, high] = [range.from, range.to].map((by) => Number((by * value).toPrecision(3)));
  return `${low} to ${high}, on a logarithmic scale`;
}
