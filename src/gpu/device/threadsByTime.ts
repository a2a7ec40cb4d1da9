// How many threads run at once, from how long a few take and how long all: bounds, since clocks are coarse and machines
// busy. No device here, so that clocks of every kind can be tried.

/** How many threads run at once: at least, at most. */
export interface Bounds {
  readonly least: number;
  readonly most: number;
}

/** Milliseconds in which a workgroup whose first `threads` threads have `rounds` to go is done. */
export type Time = (threads: number, rounds: number) => Promise<number>;

/** Every register has as many lanes. */
const FEW = 4;
const FIRST_ROUNDS = 512;
const MOST_ROUNDS = 2 ** 17;
/** Milliseconds that all threads must take; more, up to eight times as many, where a launch hides them. */
const LONG = 0.5;
const LAUNCHES = 8;
/** Turns before which nothing is said; after them the work is made longer, as long as that goes. */
const TURNS = 5;
const LAST_TURNS = 16;
/** The difference between few and all must be so many times what times of the same work differ by. */
const MARGIN = 8;
/** Milliseconds after which a measurement ends with what it has. */
const PATIENCE = 1000;

/**
 * Bounds that say whether it is more than `many`, of `all` threads, if that can be known. `step`: the smallest
 * difference that the clock shows, in milliseconds.
 */
export async function threadsByTime(time: Time, step: number, all: number, many: number): Promise<Bounds> {
  let spent = 0;
  const timed = async (threads: number, rounds: number) => {
    const taken = await time(threads, rounds);
    spent += taken;
    return taken;
  };
  let bounds: Bounds = { least: 0, most: Infinity };
  const none: number[] = [];
  for (let rounds = FIRST_ROUNDS; rounds <= MOST_ROUNDS; rounds *= 4) {
    const last = rounds === MOST_ROUNDS;
    const times: Times = { none, few: [], all: [] };
    // In turns: what else the machine does delays each kind alike.
    for (let turn = 1; turn <= (last ? LAST_TURNS : TURNS); turn++) {
      none.push(await timed(0, 0));
      times.few.push(await timed(FEW, rounds), await timed(FEW, rounds));
      times.all.push(await timed(all, rounds));
      if (!last && tooShort(times)) break;
      if (turn < TURNS) continue;
      bounds = boundsOf(times, step, all);
      if (bounds.most < many || bounds.least > many || spent > PATIENCE) return bounds;
    }
  }
  return bounds;
}

interface Times {
  readonly none: number[];
  readonly few: number[];
  readonly all: number[];
}

function tooShort({ none, all }: Times): boolean {
  return Math.min(...all) < Math.max(LONG, Math.min(LAUNCHES * Math.min(...none), LAUNCHES * LONG));
}

/**
 * The best of several is what the work takes, the middle what may come on top. Whether all threads take longer than a
 * few is only known where they take longer by far than times of the same work differ.
 */
function boundsOf({ none, few, all }: Times, step: number, count: number): Bounds {
  const [best, middle] = [Math.min, median];
  const noise = step + middle(none) - best(...none) + middle(few) - best(...few);
  const fewMost = middle(few) - best(...none) + step;
  const fewLeast = best(...few) - middle(none) - step;
  const allMost = middle(all) - best(...none) + step;
  const allLeast = best(...all) - middle(none) - step;
  const clear = allLeast > MARGIN * noise;
  return {
    least: Math.max(0, Math.min(count, (count * fewLeast) / allMost)),
    most: clear ? Math.min(count, (count * fewMost) / allLeast) : Infinity,
  };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}
