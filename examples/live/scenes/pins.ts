// Runs that a reader has pinned, to see others beside them; they stay while the page is open.

import { signal } from '@preact/signals';
import type { Curve, Trainer } from '../shell/trainer';
import type { Begun, Ended } from '../work/messages';

/** A run as it was when it was pinned. */
export interface Pin {
  readonly name: string;
  readonly begun: Begun;
  readonly curve: Curve;
  readonly step: number;
  readonly ended: Ended | null;
}

/** All of them, in their order. */
export const pins = signal<readonly Pin[]>([]);

/** How many there can be: as many as there are colours beside that of the run. */
export const MOST_PINS = 3;

/** A run as it is now; null before it has begun. */
export function pinOf(trainer: Trainer, name: string): Pin | null {
  const begun = trainer.begun.value;
  if (!begun) return null;
  const { loss, validation } = trainer.curve.value;
  return {
    name,
    begun,
    curve: { loss, validation },
    step: trainer.progress.value?.step ?? 0,
    ended: trainer.ended.value,
  };
}

/** Pins a run: with points of its own, since those of a run grow. */
export function pin(run: Pin): void {
  const copy = ({ steps, values }: Curve['loss']) => ({ steps: [...steps], values: [...values] });
  const { loss, validation } = run.curve;
  const taken = new Set(pins.value.map(({ name }) => name));
  let name = run.name;
  for (let i = 2; taken.has(name); i++) name = `${run.name} ${i}`;
  pins.value = [...pins.value, { ...run, name, curve: { loss: copy(loss), validation: copy(validation) } }];
}
