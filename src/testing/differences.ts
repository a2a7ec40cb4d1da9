// Derivatives from values that were computed in f32.
//
// A central difference over ±h is wrong by h² times a third derivative, and by the rounding of the values over h. So it
// is taken at several h; Richardson's extrapolation of h and h/2 takes the first error away, and of the results the two
// neighbours are believed that agree best: where h is too large they differ by what is left of the first error, or by a
// kink between x − h and x + h, where it is too small by rounding.

/** ±2⁻³ to ±2⁻⁹, next to numbers of about 1. */
export const STEPS: readonly number[] = [3, 4, 5, 6, 7, 8, 9].map((power) => 2 ** -power);

/** What values rounded to this may be changed by STEPS without rounding, if they are below 2¹². */
const GRID = 2 ** -11;

/** x, rounded so that it and its differences are exact in f32. */
export const onGrid = (x: number): number => Math.round(x / GRID) * GRID;

/** d loss/dt at 0, of `loss` at t = ±h for every h of STEPS. */
export async function derivative(loss: (t: number) => Promise<number>): Promise<number> {
  const differences = await Promise.all(
    STEPS.map(async (h) => {
      const [above, below] = [loss(h), loss(-h)];
      return ((await above) - (await below)) / (2 * h);
    }),
  );
  const extrapolated = differences.slice(1).map((half, k) => (4 * half - differences[k]) / 3);
  let best = { value: NaN, apart: Infinity };
  for (let k = 1; k < extrapolated.length; k++) {
    const apart = Math.abs(extrapolated[k] - extrapolated[k - 1]);
    if (apart < best.apart) best = { value: (extrapolated[k] + extrapolated[k - 1]) / 2, apart };
  }
  return best.value;
}
