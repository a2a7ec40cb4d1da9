// Random: a seeded stream of random numbers, the same on every platform, saved and restored bit for bit.
// Generator: sfc32 of Chris Doty-Humphrey's PractRand. Seeding: splitmix32, with the constants of
// Chris Wellons' hash-prospector. Every result uses integer arithmetic, + − · / and √ only: Math.log and
// Math.cos may differ in the last bit between JavaScript engines.

import { fail } from './graph/check';

const TWO_32 = 2 ** 32;
const WARM_UP = 12;

/** One step of splitmix32: a bijection of 32-bit words whose outputs look unrelated. */
function scramble(word: number): number {
  let z = (word + 0x9e3779b9) | 0;
  z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
  z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
  return (z ^ (z >>> 15)) >>> 0;
}

/** ln x for 0 < x ≤ 1 from exactly rounded operations: x = m · 2^-k, ln m = 2 artanh((m-1)/(m+1)). */
function logarithm(x: number): number {
  let m = x;
  let k = 0;
  for (; m < Math.SQRT1_2; k++) m *= 2;
  const s = (m - 1) / (m + 1); // |s| ≤ 0.172, so the series is below one rounding after s^23
  let sum = 0;
  for (let n = 23; n > 0; n -= 2) sum = sum * s * s + 1 / n;
  return 2 * s * sum - k * Math.LN2;
}

/** A stream of numbers, uniform or normal: what initial values are drawn from. */
export class Stream {
  protected a = 0;
  protected b = 0;
  protected c = 0;
  protected counter = 1;
  protected key: readonly [number, number] = [0, 0];

  /** Any safe integer; different seeds give different streams. */
  constructor(seed: number) {
    if (!Number.isSafeInteger(seed)) {
      fail(`Random: the seed is ${seed}.`, { fix: 'give an integer between -2^53 and 2^53.' });
    }
    const low = scramble(seed >>> 0);
    this.start(low, scramble((Math.floor(seed / TWO_32) >>> 0) ^ low));
  }

  /** Uniform in [0, 1), a multiple of 2^-53. Stored as float32 it may round up to 1. */
  uniform(): number {
    const high = this.next() >>> 5;
    return (high * 2 ** 26 + (this.next() >>> 6)) / 2 ** 53;
  }

  /** Normal with mean 0 and variance 1, by Marsaglia's polar method; its second value is not kept. */
  normal(): number {
    for (;;) {
      const u = 2 * this.uniform() - 1;
      const v = 2 * this.uniform() - 1;
      const s = u * u + v * v;
      if (s > 0 && s < 1) return u * Math.sqrt((-2 * logarithm(s)) / s);
    }
  }

  /** Another stream, named; it depends on the seed and the name only, not on what was drawn before. */
  fork(name: string): Stream {
    return this.named(new Stream(0), name);
  }

  protected named<S extends Stream>(child: S, name: string): S {
    let [low, high] = this.key;
    for (const word of [0x10000 + name.length, ...Array.from(name, (letter) => letter.codePointAt(0) ?? 0)]) {
      low = scramble(low ^ word);
      high = scramble(high ^ low);
    }
    child.start(low, high);
    return child;
  }

  private start(low: number, high: number): void {
    [this.a, this.b, this.c, this.counter] = [0, low, high, 1];
    this.key = [low, high];
    for (let i = 0; i < WARM_UP; i++) this.next();
  }

  /** sfc32: 32 bits. */
  protected next(): number {
    const out = (this.a + this.b + this.counter) >>> 0;
    this.counter = (this.counter + 1) >>> 0;
    this.a = (this.b ^ (this.b >>> 9)) >>> 0;
    this.b = (this.c + (this.c << 3)) >>> 0;
    this.c = (((this.c << 21) | (this.c >>> 11)) + out) >>> 0;
    return out;
  }
}

/** Reproducible random numbers on the host: the same seed gives the same numbers everywhere. */
export class Random extends Stream {
  /** One of 0 … n-1, each equally likely: draws beyond the largest multiple of n are thrown away. */
  integer(n: number): number {
    if (!Number.isInteger(n) || n < 1 || n > TWO_32) {
      fail(`Random: integer(${n}) has no range.`, { fix: 'give an integer from 1 to 2^32.' });
    }
    const limit = TWO_32 - (TWO_32 % n);
    let word = this.next();
    while (word >= limit) word = this.next();
    return word % n;
  }

  /** Shuffles in place (Fisher–Yates) and returns the same list. */
  shuffle<T>(list: T[]): T[] {
    for (let last = list.length - 1; last > 0; last--) {
      const chosen = this.integer(last + 1);
      const item = list[last];
      list[last] = list[chosen];
      list[chosen] = item;
    }
    return list;
  }

  /** Six 32-bit words that `restore` continues from; they survive JSON. */
  save(): number[] {
    return [this.a, this.b, this.c, this.counter, ...this.key];
  }

  restore(saved: readonly number[]): void {
    if (!Array.isArray(saved) || saved.length !== 6 || saved.some((word) => word !== word >>> 0)) {
      fail(`Random: ${JSON.stringify(saved)} is no saved state.`, {
        fix: 'give the six words that save() returned.',
      });
    }
    [this.a, this.b, this.c, this.counter] = saved;
    this.key = [saved[4], saved[5]];
  }

  override fork(name: string): Random {
    return this.named(new Random(0), name);
  }
}
