// A device in place of one that was lost: of the same adapter, which may take a while to come back.

import { fail } from '../graph/check';
import { Flat, type State } from '../graph/state';
import type { TypedArray } from '../graph/shape';
import type { Beginning } from './device/buffers';
import { placeOf, type Engine } from './engine';
import type { Opened } from './workplace';

/** What states go back to on another device. */
const kept = new WeakMap<State, TypedArray>();

/**
 * Reads the values of all states, to which `reopen` takes them back if the device is lost; call it between two steps.
 * States that came to be later go back to their initial values. `fit` calls it whenever it saves, and every minute.
 */
export async function keepStates(engine: Engine): Promise<void> {
  const values: [State, TypedArray][] = [];
  for (const ref of placeOf(engine).buffers.living.values()) {
    const state = ref.deref();
    if (state) values.push([state, await engine.read(state)]);
  }
  // All or none: the device may have been lost in the middle.
  for (const [state, value] of values) kept.set(state, value);
}

const reopening = new WeakMap<Engine, Promise<void>>();

/**
 * Opens a device of the same adapter in place of one that was lost (a driver that was reset or updated, a GPU that
 * was asleep or taken away, a crashed GPU process); waits up to half a minute for the adapter to come back. Models,
 * optimizers and steps go on as they are: states have the values of the last `keepStates`, and a step is compiled again
 * at its next call. What the host counts is the caller's to set back: an optimizer's count of updates, the generator of
 * dropout, the order of the data; `fit` does all of it. Does nothing where the device is there.
 */
export async function reopen(engine: Engine): Promise<void> {
  if (engine.isLost) {
    const now = reopening.get(engine) ?? replace(engine).finally(() => void reopening.delete(engine));
    reopening.set(engine, now);
    await now;
  }
  placeOf(engine).counted.rethrow();
}

async function replace(engine: Engine): Promise<void> {
  const place = placeOf(engine);
  if (!place.find) place.counted.rethrow();
  const opened = await openAgain(place.find!, place.opened);
  const destroyed = !engine.isLost;
  place.counted.free();
  if (destroyed && opened.adapter) opened.device.destroy();
  if (!destroyed) Object.assign(place, place.workOn(opened, beginning));
}

/** What was kept of a state, or of its members before they came together. */
const beginning: Beginning = (owner) => {
  const own = kept.get(owner);
  if (own) return own;
  const values = owner.initialValues();
  const members = owner instanceof Flat ? owner.members : [];
  for (const member of members) values!.set(kept.get(member) ?? [], member.home!.offset);
  return values;
};

/** Before each try: half a minute together, which a driver that is updated takes. */
const WAITS_MS = [0, 250, 500, 1000, 2000, 4000, 8000, 16_000];

const nameOf = ({ adapter, device }: Opened): string => {
  const info = adapter?.info ?? device.adapterInfo;
  return info ? [info.vendor, info.architecture, info.device, info.description].join(' ').trim() : '';
};

/**
 * What `open` gives as soon as it is of the adapter of `before`: another one would round otherwise. Fails when the time
 * is up, with what came of the last try.
 */
async function openAgain(
  open: () => Promise<Opened>,
  before: Opened,
  waits: readonly number[] = WAITS_MS,
): Promise<Opened> {
  const wanted = nameOf(before);
  let why = '';
  for (const ms of waits) {
    await new Promise<void>((resolve) => void setTimeout(resolve, ms));
    try {
      const opened = await open();
      if (nameOf(opened) === wanted) return opened;
      why = `${nameOf(opened)} is there now, not ${wanted}`;
      if (opened.adapter) opened.device.destroy();
    } catch (error) {
      why = String(error).split('\n')[0];
    }
  }
  const seconds = Math.round(waits.reduce((sum, ms) => sum + ms, 0) / 1000);
  return fail('reopen: the GPU that was lost did not come back.', {
    given: `after ${seconds} s: ${why}`,
    fix: 'bring it back, and go on from the last checkpoint.',
    kind: 'lost',
  });
}
