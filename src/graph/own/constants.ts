// What the constants of a kernel of one's own are worth. The library's kernels make do with less, see kernel.ts; here
// is what WGSL allows in an expression of numbers: its literals, its operators, and the functions that sizes are made
// with. Whole numbers and others are told apart, since they are divided in two ways.

import type { Known } from '../kernel';

interface Value {
  readonly value: number;
  /** An integer or a boolean. */
  readonly whole: boolean;
}

/** The first is what binds least. */
const LEVELS = ['||', '&&', '|', '^', '&', '== != < <= > >=', '<< >>', '+ -', '* / %'].map((signs) =>
  signs.split(' '),
);

const bits =
  (join: (a: bigint, b: bigint) => bigint) =>
  (a: number, b: number): number =>
    Number.isInteger(a) && Number.isInteger(b) ? Number(join(BigInt(a), BigInt(b))) : NaN;

const OPERATORS: Readonly<Record<string, (a: number, b: number) => number>> = {
  '||': (a, b) => a || b,
  '&&': (a, b) => a && b,
  '|': bits((a, b) => a | b),
  '^': bits((a, b) => a ^ b),
  '&': bits((a, b) => a & b),
  '==': (a, b) => Number(a === b),
  '!=': (a, b) => Number(a !== b),
  '<': (a, b) => Number(a < b),
  '<=': (a, b) => Number(a <= b),
  '>': (a, b) => Number(a > b),
  '>=': (a, b) => Number(a >= b),
  '<<': (a, b) => a * 2 ** b,
  '>>': (a, b) => Math.floor(a / 2 ** b),
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
  '%': (a, b) => a % b,
};

const FUNCTIONS: Readonly<Record<string, (...given: number[]) => number>> = {
  u32: Math.trunc,
  i32: Math.trunc,
  f32: Math.fround,
  abs: Math.abs,
  min: Math.min,
  max: Math.max,
  clamp: (x, least, most) => Math.min(Math.max(x, least), most),
  select: (no, yes, which) => (which ? yes : no),
};

const WORD =
  /0x[\da-f]+[iu]?|(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?[iufh]?|[\p{L}_][\p{L}\p{N}_]*|<<|>>|[=!<>]=|&&|\|\||\S/giu;
const UNKNOWN: Value = { value: NaN, whole: false };

/** Reads one expression, from left to right. */
class Expression {
  private readonly words: readonly string[];
  private at = 0;

  constructor(
    text: string,
    private readonly names: ReadonlyMap<string, Value>,
  ) {
    this.words = text.match(WORD) ?? [];
  }

  /** Undefined where it is made of anything else, or has no end. */
  read(): Value | undefined {
    const found = this.level(0);
    return Number.isFinite(found.value) && this.at === this.words.length ? found : undefined;
  }

  private take(word: string): boolean {
    if (this.words[this.at] !== word) return false;
    this.at++;
    return true;
  }

  private level(depth: number): Value {
    if (depth === LEVELS.length) return this.signed();
    let left = this.level(depth + 1);
    for (;;) {
      const sign = LEVELS[depth].find((one) => this.take(one));
      if (!sign) return left;
      const right = this.level(depth + 1);
      const whole = (left.whole && right.whole) || /[=<>]/.test(sign);
      const value = OPERATORS[sign](left.value, right.value);
      left = { whole, value: whole && sign === '/' ? Math.trunc(value) : value };
    }
  }

  private signed(): Value {
    for (const sign of ['-', '!']) {
      if (!this.take(sign)) continue;
      const { value, whole } = this.signed();
      return { value: sign === '-' ? -value : Number(!value), whole };
    }
    return this.atom();
  }

  private atom(): Value {
    if (this.take('(')) {
      const inner = this.level(0);
      return this.take(')') ? inner : UNKNOWN;
    }
    const word = this.words[this.at++] ?? '';
    if (word === 'true' || word === 'false') return { value: Number(word === 'true'), whole: true };
    if (/^0x/i.test(word)) return { value: parseInt(word, 16), whole: true };
    if (/^\.?\d/.test(word)) return { value: parseFloat(word), whole: !/[.efh]/i.test(word) };
    return this.take('(') ? this.called(word) : (this.names.get(word) ?? UNKNOWN);
  }

  private called(name: string): Value {
    const given: Value[] = [];
    while (!this.take(')')) {
      if (this.at >= this.words.length || !Object.hasOwn(FUNCTIONS, name)) return UNKNOWN;
      given.push(this.level(0));
      if (!this.take(',') && this.words[this.at] !== ')') return UNKNOWN;
    }
    const value = FUNCTIONS[name]?.(...given.map((one) => one.value)) ?? NaN;
    return { value, whole: name !== 'f32' && (/32$/.test(name) || given.every(({ whole }) => whole)) };
  }
}

/** The program with blanks for its comments, and the lines that it had. */
export function withoutComments(code: string): string {
  let depth = 0;
  let line = false;
  return code.replace(/\/\*|\*\/|\/\/|[^]/g, (sign) => {
    if (sign === '\n') line = false;
    else if (sign === '//' && !depth) line = true;
    else if (sign === '/*' && !line) depth++;
    else if (sign === '*/' && depth) {
      depth--;
      return ' ';
    }
    return sign !== '\n' && (line || depth) ? '' : sign;
  });
}

/** A constant of the whole program, wherever it stands: what it is called, and what it is made of. */
const DECLARED = /\bconst\s+([\p{L}_][\p{L}\p{N}_]*)\s*(?::[^=;]*)?=([^;]*);/gu;

/** What a program says of its constants; one may stand before those that it is made of. */
export function constantsOf(code: string): Known {
  let program = withoutComments(code);
  for (let before = ''; before !== program;) {
    before = program;
    program = program.replace(/\{[^{}]*\}/g, ' ');
  }
  const names = new Map<string, Value>();
  for (let before = -1; names.size > before;) {
    before = names.size;
    for (const [, name, text] of program.matchAll(DECLARED)) {
      const found = new Expression(text, names).read();
      if (found) names.set(name, found);
    }
  }
  const constants: Record<string, number> = Object.create(null);
  for (const [name, { value }] of names) constants[name] = value;
  return { constants, valueOf: (text) => new Expression(text, names).read()?.value };
}

/** A formula of names; those that are whole numbers are divided as such. Undefined where it is none. */
export function formula(text: string, names: Readonly<Record<string, number>>): number | undefined {
  const known = Object.entries(names).map(
    ([name, value]) => [name, { value, whole: Number.isInteger(value) }] as const,
  );
  return new Expression(text, new Map(known)).read()?.value;
}
