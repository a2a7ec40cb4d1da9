// Damaged and hostile variants of a file: what a bad disk, a cut connection, a careless editor and a malicious author
// make of it. A seed gives the same variants everywhere.

import type { Random } from '../../src/random';

type Mutation = (bytes: Uint8Array, random: Random) => Uint8Array;

const joined = (...parts: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts));

/** A part [from, to) of it, short parts as likely as long ones. */
function range({ length }: Uint8Array, random: Random): [number, number] {
  const from = random.integer(length + 1);
  const most = Math.min(length - from, 2 ** random.integer(12));
  return [from, from + random.integer(most + 1)];
}

function changed(bytes: Uint8Array, random: Random, times: number, of: (old: number) => number): Uint8Array {
  const copy = bytes.slice();
  for (let i = 0; i < times && copy.length; i++) {
    const at = random.integer(copy.length);
    copy[at] = of(copy[at]);
  }
  return copy;
}

/** Whole numbers at which sizes and signs turn. */
const EXTREMES = [0, 1, 2 ** 7, 2 ** 8 - 1, 2 ** 15, 2 ** 16 - 1, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1];

const extreme: Mutation = (bytes, random) => {
  const copy = bytes.slice();
  const size = [1, 2, 4][random.integer(3)];
  if (copy.length < size) return copy;
  // Sizes stand in front.
  const near = random.integer(2) ? Math.min(copy.length, 64) : copy.length;
  const at = random.integer(near - size + 1);
  const value = EXTREMES[random.integer(EXTREMES.length)];
  const little = random.integer(2) === 1;
  for (let i = 0; i < size; i++) copy[at + (little ? i : size - 1 - i)] = Math.floor(value / 256 ** i) % 256;
  return copy;
};

/** Texts that mean something to who reads them carelessly. */
const WORDS = [
  ...['__proto__', 'constructor', 'toString', 'null', 'NaN', '1e999', '-0', '"', '\\u0000', '\u{1b}[2J'],
  ...['[[[[[[[[', '{"a":{"a":{"a":', '../../etc/passwd', '\u{feff}', '\u{d7ff}', '9'.repeat(400)],
];

const MUTATIONS: readonly Mutation[] = [
  (bytes, random) => changed(bytes, random, 1, (old) => old ^ (1 << random.integer(8))),
  (bytes, random) => changed(bytes, random, 1 + random.integer(20), () => random.integer(256)),
  (bytes, random) => bytes.slice(0, random.integer(bytes.length + 1)),
  (bytes, random) => bytes.slice(random.integer(bytes.length + 1)),
  (bytes, random) => {
    const [from, to] = range(bytes, random);
    return joined(bytes.subarray(0, from), bytes.subarray(to));
  },
  (bytes, random) => {
    const [from, to] = range(bytes, random);
    return joined(bytes.subarray(0, to), bytes.subarray(from, to), bytes.subarray(to));
  },
  (bytes, random) => {
    const at = random.integer(bytes.length + 1);
    const noise = Uint8Array.from({ length: 2 ** random.integer(8) }, () => random.integer(256));
    return joined(bytes.subarray(0, at), noise, bytes.subarray(at));
  },
  (bytes, random) => {
    const [from, to] = range(bytes, random);
    const word = new TextEncoder().encode(WORDS[random.integer(WORDS.length)]);
    return joined(bytes.subarray(0, from), word, bytes.subarray(to));
  },
  extreme,
  (bytes, random) => extreme(extreme(bytes, random), random),
];

/** A variant of the file: one kind of damage, sometimes two. */
export function mutated(bytes: Uint8Array, random: Random): Uint8Array {
  const once = MUTATIONS[random.integer(MUTATIONS.length)](bytes, random);
  return random.integer(4) ? once : MUTATIONS[random.integer(MUTATIONS.length)](once, random);
}
