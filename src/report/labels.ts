// Where names stand beside a picture so that none covers another: each as near to its own height as the others let it.

/**
 * Heights, in pixels from the top, of names that are wanted at `wanted`: in the same order, at least `gap` apart and
 * within [0, room], with the least sum of squared distances from where they are wanted. What does not fit stands
 * closer.
 */
export function spreadLabels(wanted: readonly number[], gap: number, room: number): number[] {
  const order = wanted.map((_, i) => i).sort((a, b) => wanted[a] - wanted[b]);
  const step = Math.min(gap, order.length > 1 ? room / (order.length - 1) : gap);
  // Less a gap for each name above, heights must not fall: pools of names that push each other move as one.
  const pools: { sum: number; count: number }[] = [];
  for (const [rank, i] of order.entries()) {
    pools.push({ sum: wanted[i] - rank * step, count: 1 });
    while (pools.length > 1 && meanOf(pools.at(-2)!) > meanOf(pools.at(-1)!)) {
      const last = pools.pop()!;
      const before = pools.at(-1)!;
      pools[pools.length - 1] = { sum: before.sum + last.sum, count: before.count + last.count };
    }
  }
  const most = room - (order.length - 1) * step;
  const levels = pools.flatMap((pool) => Array<number>(pool.count).fill(meanOf(pool)));
  const places: number[] = [];
  order.forEach((i, rank) => (places[i] = Math.min(most, Math.max(0, levels[rank])) + rank * step));
  return places;
}

const meanOf = ({ sum, count }: { sum: number; count: number }): number => sum / count;
