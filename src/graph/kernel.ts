// A kernel is one WGSL file plus what reflection found in it: bindings, params layout, workgroup size,
// constants. A variant is the same file with some of its constants changed and its marked loops unrolled.

/** What a kernel binds under a number of group 0. */
export interface Binding {
  readonly name: string;
  readonly binding: number;
  /** The first uniform is the params; another one is a tensor that the host is asked for. */
  readonly access: 'params' | 'uniform' | 'read' | 'read_write';
  /** The numbers in its array, also in vectors; `mixed` where they are of several types. Absent: f32. */
  readonly holds?: 'u32' | 'i32' | 'mixed';
}

/** A scalar in a kernel's params block; `offset` in bytes. */
export interface Param {
  readonly name: string;
  readonly type: 'u32' | 'i32' | 'f32';
  readonly offset: number;
}

/** What `reflect` finds in a WGSL file; plain JSON, so that it can be made at build time. */
export interface Reflection {
  readonly name: string;
  readonly code: string;
  readonly bindings: readonly Binding[];
  readonly params: readonly Param[];
  readonly paramsBytes: number;
  /** The arguments of @workgroup_size as written: numbers or names of constants. */
  readonly workgroupSize: readonly string[];
  /** It finds its place by a linear index, so that a long row of workgroups may be folded into y. */
  readonly folds?: true;
}

/**
 * The same in fewer letters, for a page to download: name, code whose bindings are declared in a short way, one a line
 * (`@%p:Params;`, `@x:vec4f;`, `@*y:vec4f;`), and 0 if it does not fold. See wgsl/pack.ts.
 */
export type Packed = readonly [name: string, code: string, folds?: 0];

/** The reflection that a packed one stands for. */
export function unpack([name, short, folds]: Packed): Reflection {
  const bindings: Binding[] = [];
  let block = '';
  const code = short.replace(/^@([%*]?)(\w+):(.*);$/gm, (_, sign: string, label: string, type: string) => {
    const access = sign === '*' ? 'read_write' : !sign ? 'read' : block ? 'uniform' : 'params';
    const uniform = sign === '%';
    if (uniform) block ||= type;
    const kind = uniform ? 'f' : /^[A-Z]/.test(type) ? 'mixed' : `${/([fiu])(32)?>?$/.exec(type)?.[1]}32`;
    const holds = kind.startsWith('f') ? {} : { holds: kind as Binding['holds'] };
    const binding = bindings.push({ name: label, binding: bindings.length, access, ...holds }) - 1;
    const rest = uniform ? `uniform>${label}:${type}` : `storage,${access}>${label}:array<${type}>`;
    return `@group(0)@binding(${binding})var<${rest};`;
  });
  const within = (pattern: string) => new RegExp(pattern).exec(code)?.[1] ?? '';
  const params = [...within(`struct ${block}{([^}]*)`).matchAll(/(\w+):(\w+)/g)].map(
    ([, label, type], i): Param => ({ name: label, type: type as Param['type'], offset: 4 * i }),
  );
  const workgroupSize = within('@workgroup_size\\(([^)]*)').split(',');
  const found = { name, code, bindings, params, paramsBytes: 4 * params.length, workgroupSize };
  return folds === 0 ? found : { ...found, folds: true };
}

/**
 * A constant's new value: a number, true or false, or the name of another constant of the file. A list of lines takes
 * the place of the line below the mark of its name, `// @steps`: calls of the file's own functions.
 */
export type ConstantValue = number | boolean | string | readonly string[];

/** A kernel with values for its constants. */
export interface Variant {
  readonly kernel: Kernel;
  /** What was changed of the file. */
  readonly changes: Readonly<Record<string, ConstantValue>>;
  /** The whole program: the same code, the same pipeline. */
  readonly code: string;
  /** The same before its marked loops were written out: its lines are those of the file. */
  readonly rolled: string;
  /** Every numeric or boolean constant of the file, evaluated; booleans as 0 and 1. */
  readonly constants: Readonly<Record<string, number>>;
  readonly workgroupSize: readonly [number, number, number];
}

/** The numeric and boolean constants of a program, and what is made of them. */
export interface Known {
  readonly constants: Readonly<Record<string, number>>;
  /** The value of an expression; undefined if it has none. `loop`: the head of the loop whose bound it is. */
  readonly valueOf: (text: string, loop?: string) => number | undefined;
}

/** Two kernels may have one name: they are told apart by their code, which is what a pipeline is found by. */
export class Kernel {
  readonly name: string;
  private readonly variants = new Map<string, Variant>();

  readonly reflection: Reflection;

  constructor(reflection: Reflection | Packed) {
    this.reflection = 'name' in reflection ? reflection : unpack(reflection);
    this.name = this.reflection.name;
  }

  /** The file as it stands, or with other values for some of its constants. */
  with(changes: Readonly<Record<string, ConstantValue>> = {}): Variant {
    const key = JSON.stringify(changes);
    let variant = this.variants.get(key);
    if (!variant) this.variants.set(key, (variant = this.specialise(changes)));
    return variant;
  }

  /** What a program says of its constants; one may stand before those that it is made of. */
  protected known(code: string): Known {
    const constants: Record<string, number> = Object.create(null);
    const valueOf = (text: string) => evaluate(text, constants);
    for (let more = true; more;) {
      more = false;
      for (const [, name, text] of code.matchAll(CONSTANT)) {
        const value = valueOf(text);
        if (name in constants || value === undefined) continue;
        constants[name] = value;
        more = true;
      }
    }
    return { constants, valueOf };
  }

  protected specialise(changes: Readonly<Record<string, ConstantValue>>): Variant {
    let code = this.reflection.code;
    for (const [name, value] of Object.entries(changes)) {
      code = Array.isArray(value)
        ? setLines(code, name, value)
        : setConstant(code, name, value as Exclude<typeof value, readonly string[]>);
    }
    const { constants, valueOf } = this.known(code);
    const [x = 1, y = 1, z = 1] = this.reflection.workgroupSize.map((text) => valueOf(text)!);
    return {
      kernel: this,
      changes,
      code: unroll(code, valueOf),
      rolled: code,
      constants,
      workgroupSize: [x, y, z],
    };
  }
}

/** A declaration of a constant: its name, and what it is made of. */
export const CONSTANT = /^const\s+(\w+)\s*(?::\s*\w+\s*)?=\s*([^;]+);/gm;

/** The line below the mark of a name. */
export const markOf = (name: string): RegExp => new RegExp(`^( *)// @${name}\\n.*$`, 'm');

const setLines = (code: string, name: string, lines: readonly string[]): string =>
  code.replace(markOf(name), (_, indent: string) => lines.map((line) => `${indent}${line}`).join('\n'));

function setConstant(code: string, name: string, value: Exclude<ConstantValue, readonly string[]>): string {
  const declaration = new RegExp(`^(const\\s+${name}\\s*(?::\\s*\\w+\\s*)?=\\s*)([^;]+);`, 'm');
  return code.replace(declaration, (_, start: string, before: string) => {
    const suffix = typeof value === 'number' && /\b\d\w*u$/.test(before.trim()) ? 'u' : '';
    return `${start}${String(value)}${suffix};`;
  });
}

const TRUTH: Readonly<Record<string, number | undefined>> = { true: 1, false: 0 };

/**
 * Arithmetic of names and integers, or of numbers alone, with + - * / ( ); undefined for anything else. It does for the
 * library's kernels; those of others may have more, see constants.ts.
 */
function evaluate(text: string, names: Readonly<Record<string, number>>): number | undefined {
  const words = text.match(/\d+(?:\.\d+)?|\w+|\S/g)!;
  const whole = !text.includes('.');
  let at = 0;
  const atom = (): number => {
    const word = words[at++];
    if (word === '(') {
      const inner = sum();
      at++;
      return inner;
    }
    const value = TRUTH[word] ?? names[word] ?? parseFloat(word);
    if (/^[uf]$/.test(words[at])) at++;
    return value;
  };
  /** What is left of these signs and right of each, from left to right. */
  const joined = (signs: string, operand: () => number): number => {
    let value = operand();
    while (signs.includes(words[at])) {
      const sign = words[at++];
      const other = operand();
      if (sign === '*') value *= other;
      else if (sign === '/') value = whole ? (value / other) | 0 : value / other;
      else value += sign === '+' ? other : -other;
    }
    return value;
  };
  const product = () => joined('*/', atom);
  const sum = (): number => joined('+-', product);
  const value = sum();
  return Number.isNaN(value) || at < words.length ? undefined : value;
}

/** The head of a loop that is to be written out. */
const MARKED = /\/\/ @unroll.*\s*for ?\(var (\w+) ?= ?0u; ?\1 ?< ?([^;]+); ?\1\+\+\) ?\{/;

/**
 * The preprocessor: a loop `for (var i = 0u; i < CONSTANT; i++) { … }` under the comment `// @unroll` is
 * written out, once per value of i, so that arrays indexed by i can live in registers. Nothing else is
 * rewritten; without it the file means the same.
 */
function unroll(code: string, valueOf: Known['valueOf']): string {
  for (;;) {
    const loop = MARKED.exec(code);
    if (!loop) return code;
    const [head, index, bound] = loop;
    const start = loop.index + head.length;
    const end = closingBrace(code, start);
    const body = code.slice(start, end);
    // `.i` is a component or a field, not the index.
    const name = new RegExp(`(?<![.\\w])${index}\\b`, 'g');
    const length = valueOf(bound, head)!;
    const copies = Array.from({ length }, (_, i) => `{${body.replace(name, `${i}u`)}}`);
    code = code.slice(0, loop.index) + copies.join('\n') + code.slice(end + 1);
  }
}

function closingBrace(code: string, from: number): number {
  let depth = 1;
  for (let i = from; i < code.length; i++) {
    if (code.startsWith('//', i)) i = code.indexOf('\n', i);
    if (code[i] === '{') depth++;
    if (code[i] === '}' && --depth === 0) return i;
  }
  return code.length;
}
