// Work that comes in many pieces, of which a few are under way at once.

const navigator: { hardwareConcurrency?: number } | undefined = Reflect.get(globalThis, 'navigator');

/** So many: more would not be done sooner, and a device that is given up waits for all that are under way. */
const LANES = navigator?.hardwareConcurrency || 4;

/** Does work on every item, as many at once as there are cores; the first failure is thrown. */
export async function inLanes<T>(
  items: IterableIterator<T>,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const lane = async () => {
    for (const item of items) await work(item);
  };
  await Promise.all(Array.from({ length: LANES }, lane));
}
