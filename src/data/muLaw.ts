// Companding by the μ-law (ITU-T G.711, with μ = 255): 256 codes that lie close together where sound is quiet.
//
//   f(x) = sign(x) · ln(1 + 255·|x|) / ln 256          code = ⌊(f(x) + 1)/2 · 255 + ½⌋          x in [-1, 1]
//
// As WaveNet uses it (van den Oord et al. 2016, section 2.2).

const MU = 255;
/** How many codes there are. */
export const CODES = MU + 1;

/** The code of no sound. */
export const SILENCE = muLawCode(0);

/** The code of a sample, which is taken as the nearest of [-1, 1]. */
export function muLawCode(x: number): number {
  const size = Math.min(1, Math.abs(x));
  const f = (Math.sign(x) * Math.log1p(MU * size)) / Math.log(CODES);
  return Math.floor(((f + 1) / 2) * MU + 0.5);
}

/** What a code stands for, in [-1, 1]. */
export function muLawSample(code: number): number {
  const f = (2 * code) / MU - 1;
  return (Math.sign(f) * (CODES ** Math.abs(f) - 1)) / MU;
}

/** The codes of samples in [-1, 1]. */
export function muLawEncode(samples: Float32Array): Uint8Array {
  const codes = new Uint8Array(samples.length);
  for (let t = 0; t < codes.length; t++) codes[t] = muLawCode(samples[t]);
  return codes;
}

/** The samples, in [-1, 1], that codes stand for. */
export const muLawDecode = (codes: ArrayLike<number>): Float32Array => Float32Array.from(codes, muLawSample);
