// A kernel whose buffers hold halves: the same text, in which every load from such a buffer is widened to f32 and every
// store to it is narrowed to f16. Words are put in and none is moved, so a compiler's message names the right line, and
// a page needs no parser. A buffer that is used other than by an index (a pointer to it, an atomic) stays as it is.

import { Scopes, tokensOf, type Token } from './wgslTokens';

/** What is put in, in front of the character at that place. */
interface Insertion {
  readonly buffer: string;
  readonly at: number;
  readonly text: string;
}

/** The type of a buffer's elements: so many numbers of a kind, f, i or u. Tensors hold f32: others see its bits. */
interface Element {
  readonly width: number;
  readonly kind: string;
}

const BUFFER = /\bvar\s*<\s*storage\b[^>]*>\s*(\w+)\s*:\s*array\s*<\s*(\w+(?:<\s*\w+\s*>)?)\s*>\s*;/g;
const ELEMENT = /^(?:vec([234])(?:([fiu])|<\s*([fiu])32\s*>)|([fiu])32)$/;
const COMPOUND = /^(?:[-+*/%&|^]|<<|>>)=$|^\+\+$|^--$/;
const WORD_OR_CLOSED = /^[\w)\]]/;

/** The buffers of a program that can hold halves, by name. */
export const halvable = (code: string): ReadonlySet<string> => new Accesses(code).fit;

/** The program with halves in these buffers, all of them `halvable`. */
export function halved(code: string, buffers: ReadonlySet<string>): string {
  const { insertions, elements } = new Accesses(code);
  const wanted = insertions.filter(({ buffer }) => buffers.has(buffer));
  // What is put in at one place stays in the order in which it was found, the outer before the inner.
  wanted.sort((a, b) => a.at - b.at);
  const pieces = wanted.map(({ at, text }, i) => code.slice(wanted[i - 1]?.at ?? 0, at) + text);
  const text = pieces.join('') + code.slice(wanted.at(-1)?.at ?? 0);
  const declared = text.replace(BUFFER, (all: string, name: string, type: string) =>
    buffers.has(name) ? all.replace(`${type}`, halfType(elements.get(name)!)) : all,
  );
  const widths = new Set([...buffers].flatMap((name) => [1, elements.get(name)!.width]));
  return `enable f16; ${declared}\n${[...widths].map(narrowing).join('\n')}\n`;
}

const floatType = (width: number): string => (width > 1 ? `vec${width}f` : 'f32');
const halfType = ({ width }: Pick<Element, 'width'>): string => (width > 1 ? `vec${width}h` : 'f16');

/**
 * What narrows a value. Beyond the largest half it becomes infinite, also where an adapter rounds towards 0. In a
 * function: a constant that is out of range would be refused.
 */
function narrowing(width: number): string {
  const [whole, half] = [floatType(width), halfType({ width })];
  const finite = `select(v, v * 1e38, abs(v) > ${whole}(65504.0))`;
  return `fn narrowed${width}(v : ${whole}) -> ${half} { return ${half}(${finite}); }`;
}

function elementOf(type: string): Element | undefined {
  const [all, width = 1, short, long, scalar] = ELEMENT.exec(type) ?? [];
  return all === undefined ? undefined : { width: Number(width), kind: short ?? long ?? scalar };
}

/** All uses of a program's buffers. */
class Accesses {
  readonly insertions: Insertion[] = [];
  readonly elements = new Map<string, Element>();
  readonly fit = new Set<string>();
  private readonly tokens: readonly Token[];

  constructor(private readonly code: string) {
    for (const [, name, type] of code.matchAll(BUFFER)) {
      const element = elementOf(type);
      if (element) this.elements.set(name, element);
    }
    this.tokens = tokensOf(code);
    this.elements.forEach((_, name) => this.fit.add(name));
    const scopes = new Scopes();
    this.tokens.forEach((token, i) => {
      scopes.pass(this.tokens, i);
      const { text } = token;
      const used = this.elements.has(text) && this.textAt(i - 1) !== '.' && scopes.isGlobal(token, i);
      if (used && !this.use(i)) this.fit.delete(text);
    });
  }

  /** Whether this use can be rewritten; then how. */
  private use(at: number): boolean {
    const { text: buffer, at: start } = this.tokens[at];
    // The one of a pointer has no left side.
    if (this.textAt(at - 1) === '&' && !WORD_OR_CLOSED.test(this.textAt(at - 2))) {
      return this.textAt(at - 2) === '(' && this.textAt(at - 3) === 'arrayLength';
    }
    if (this.textAt(at + 1) !== '[') return false;
    const element = this.elements.get(buffer)!;
    const indexed = this.closing(at + 1);
    const component = this.component(indexed + 1);
    const end = component ?? indexed;
    const one = { ...element, width: component === undefined ? element.width : 1 };
    const next = this.textAt(end + 1);
    if (COMPOUND.test(next)) return false;
    const put = (place: number, text: string) => this.insertions.push({ buffer, at: place, text });
    if (next === '=') {
      const { at: behind, text } = this.tokens[end + 1];
      const bits = element.kind === 'f' ? '' : `bitcast<${floatType(one.width)}>(`;
      put(behind + text.length, ` narrowed${one.width}(${bits}`);
      put(this.endOfValue(end + 2), bits ? '))' : ')');
      return true;
    }
    const bits = element.kind === 'f' ? '' : `bitcast<${bitsType(one)}>(`;
    put(start, `${bits}${floatType(one.width)}(`);
    put(this.tokens[end].at + this.tokens[end].text.length, bits ? '))' : ')');
    return true;
  }

  private textAt(i: number): string {
    return this.tokens[i]?.text ?? '';
  }

  /** The token that closes the bracket at `open`. */
  private closing(open: number): number {
    let depth = 0;
    for (let i = open; i < this.tokens.length; i++) {
      if (/^[([]$/.test(this.textAt(i))) depth++;
      if (/^[)\]]$/.test(this.textAt(i)) && --depth === 0) return i;
    }
    return open;
  }

  /** The last token of a single component of a vector, `.x` or `[…]`, where one begins at `at`. */
  private component(at: number): number | undefined {
    if (this.textAt(at) === '[') return this.closing(at);
    return this.textAt(at) === '.' && this.textAt(at + 1).length === 1 ? at + 1 : undefined;
  }

  /** Where the value that begins at the token `from` ends: in front of a semicolon, or at the end of a loop's head. */
  private endOfValue(from: number): number {
    let i = from;
    while (i < this.tokens.length && !/^[;)]$/.test(this.textAt(i)))
      i = /^[([]$/.test(this.textAt(i)) ? this.closing(i) + 1 : i + 1;
    return this.tokens[i]?.at ?? this.code.length;
  }
}

const bitsType = ({ width, kind }: Element): string => (width > 1 ? `vec${width}${kind}` : `${kind}32`);
