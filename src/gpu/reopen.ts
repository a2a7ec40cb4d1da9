// A device in place of one that was lost: of the same adapter, which may take a while to come back.

import { fail } from '../graph/check';
import type { Opened } from './engine';

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
export async function openAgain(
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
