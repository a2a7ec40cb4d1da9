// The pitch of speech, in frames: lags after which a sound looks like itself by YIN (de Cheveigné & Kawahara 2002), and
// of these, or of none where it is noise or silence, the cheapest path through time (Talkin 1995's RAPT).

import { framesOf, SPEECH_FRAMING, type Framing } from './fourier';

/** How pitch is looked for. */
export interface PitchOptions {
  readonly framing?: Framing;
  /** Hertz, default: 60 and 400. */
  readonly lowest?: number;
  readonly highest?: number;
  /** What a frame without pitch costs: about how far, as a share of their power, periods may differ; default: 0.35. */
  readonly threshold?: number;
  /** Decibels below the loudest frame of a sound, from where on nothing is voiced; default: 35. */
  readonly range?: number;
}

/** A pitch that a frame may have, in hertz, 0: none; and what that costs. */
interface Candidate {
  readonly hertz: number;
  readonly cost: number;
}

/** Hertz of every frame, 0 where it is unvoiced. */
export function pitchOf(samples: ArrayLike<number>, options: PitchOptions = {}): Float64Array {
  const { framing = SPEECH_FRAMING, lowest = 60, highest = 400, threshold = 0.35, range = 35 } = options;
  const { rate, hop, window } = framing;
  const lags = [Math.floor(rate / highest), Math.ceil(rate / lowest)] as const;
  const part = new Float64Array(window + lags[1] + 1);
  const frames = Array.from({ length: framesOf(samples.length, framing) }, (_, f) => {
    const start = f * hop - Math.floor(part.length / 2);
    for (let t = 0; t < part.length; t++) part[t] = samples[start + t] ?? 0;
    const power = part.reduce((sum, x) => sum + x * x, 0);
    const periods = periodsIn(differences(part, window, lags[1] + 1), lags);
    return { power, candidates: periods.map(({ lag, cost }) => ({ hertz: rate / lag, cost })) };
  });
  const loudest = frames.reduce((most, { power }) => Math.max(most, power), 0);
  const quietest = loudest * 10 ** (-range / 10);
  const unvoiced = { hertz: 0, cost: threshold };
  return cheapest(
    frames.map(({ power, candidates }) => (power > quietest ? [unvoiced, ...candidates] : [unvoiced])),
  );
}

/** YIN's d′ of every lag: what a window differs from itself so much later, over the mean of that up to the lag. */
function differences(part: Float64Array, window: number, lags: number): Float64Array {
  const values = new Float64Array(lags + 1).fill(1);
  let sum = 0;
  for (let lag = 1; lag <= lags; lag++) {
    let difference = 0;
    for (let t = 0; t < window && t + lag < part.length; t++) difference += (part[t] - part[t + lag]) ** 2;
    sum += difference;
    values[lag] = sum > 0 ? (difference * lag) / sum : 1;
  }
  return values;
}

/** Every lag at the bottom of a valley, between whole lags too, and its depth: longer ones cost a little more. */
function periodsIn(
  values: Float64Array,
  [shortest, longest]: readonly [number, number],
): { readonly lag: number; readonly cost: number }[] {
  const found: { lag: number; cost: number }[] = [];
  for (let lag = shortest; lag <= longest; lag++) {
    const [before, here, after] = [values[lag - 1], values[lag], values[lag + 1]];
    if (here >= before || here > after || here > DEEPEST_REFUSED) continue;
    const bend = before - 2 * here + after;
    const off = bend > 0 ? (before - after) / (2 * bend) : 0;
    found.push({ lag: lag + off, cost: here + (LONGER * lag) / longest });
  }
  return found;
}

const DEEPEST_REFUSED = 0.7;
/** Twice a period is a period too: what the longest lag costs more than none. */
const LONGER = 0.05;
/** For an octave between two frames, and for a change between voiced and unvoiced. */
const OCTAVE = 1;
const CHANGE = 0.1;

/** The path that is cheapest as a whole: its frames, and its leaps. */
function cheapest(frames: readonly (readonly Candidate[])[]): Float64Array {
  let costs: number[] = [];
  const origins = frames.map((candidates, f) => {
    const before = f ? frames[f - 1] : [];
    const best = candidates.map((candidate) => {
      let [origin, least] = [-1, f ? Infinity : 0];
      before.forEach((one, i) => {
        const cost = costs[i] + leap(one, candidate);
        if (cost < least) [origin, least] = [i, cost];
      });
      return { origin, cost: least + candidate.cost };
    });
    costs = best.map(({ cost }) => cost);
    return best.map(({ origin }) => origin);
  });
  const hertz = new Float64Array(frames.length);
  let place = costs.indexOf(Math.min(...costs));
  for (let f = frames.length - 1; f >= 0; f--) {
    hertz[f] = frames[f][place].hertz;
    place = origins[f][place];
  }
  return hertz;
}

function leap(a: Candidate, b: Candidate): number {
  if (a.hertz && b.hertz) return OCTAVE * Math.abs(Math.log2(a.hertz / b.hertz));
  return a.hertz || b.hertz ? CHANGE : 0;
}

/** The middle of what is looked for, where a sound has no voiced frame. */
const NEUTRAL = Math.log(155);

/** Logarithms of the pitch without gaps: straight lines where it is unvoiced, level at the beginning and the end. */
export function continuousLogPitch(hertz: ArrayLike<number>): Float64Array {
  const voiced = Array.from(hertz, (_, f) => f).filter((f) => hertz[f] > 0);
  return Float64Array.from(hertz, (own, f) => {
    if (own > 0) return Math.log(own);
    const after = voiced.find((one) => one > f);
    const before = voiced.filter((one) => one < f).at(-1);
    if (before === undefined && after === undefined) return NEUTRAL;
    const [a, b] = [before ?? after!, after ?? before!];
    const share = a === b ? 0 : (f - a) / (b - a);
    return (1 - share) * Math.log(hertz[a]) + share * Math.log(hertz[b]);
  });
}
