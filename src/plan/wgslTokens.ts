// The words and signs of a WGSL program, and which names are declared where: enough to tell a buffer from a variable
// of the same name.

/** A word or a sign, and the place of its first character. */
export interface Token {
  readonly text: string;
  readonly at: number;
}

const TOKEN =
  /\/\/.*|\/\*[^]*?\*\/|[A-Za-z_]\w*|\d[\w.]*|&&|\|\||<<=|>>=|[-+*/%&|^<>=!]=|\+\+|--|->|\s+|[^]/g;
const NOTHING = /^(?:\s|\/\/|\/\*)/;

/** All tokens of a program, without blanks and comments. */
export const tokensOf = (code: string): Token[] =>
  [...code.matchAll(TOKEN)]
    .filter(([text]) => !NOTHING.test(text))
    .map(({ 0: text, index: at }) => ({ text, at }));

/** Follows the declarations of a program, token by token. */
export class Scopes {
  private readonly names: Set<string>[] = [];
  /** For every open brace, the scopes that end with it: those of a function or a loop begin in its head. */
  private readonly braces: number[] = [];
  private heads = 0;
  private inArguments = false;
  private inStruct = false;
  /** The token that is a name being declared. */
  private named = -1;
  /** A name is known behind its declaration: what it is made of may be another of that name. */
  private declared: string[] = [];

  /** Whether the name at token `i`, which was passed last, means a variable of the whole program. */
  isGlobal({ text }: Token, i: number): boolean {
    const declared = this.inArguments || this.inStruct || this.named === i;
    return this.braces.length > 0 && !declared && !this.names.some((some) => some.has(text));
  }

  /** Takes note of token `i`. */
  pass(tokens: readonly Token[], i: number): void {
    const { text } = tokens[i];
    if (text === 'struct') this.inStruct = true;
    else if (text === 'fn' || text === 'for') this.openHead(text === 'fn');
    else if (text === '{') this.openBody();
    else if (text === '}') this.closeBody();
    else if (text === ';') this.declare();
    else if (text === 'let' || text === 'var' || text === 'const') this.note(tokens, i + 1);
    else if (this.inArguments && tokens[i + 1]?.text === ':') this.names.at(-1)!.add(text);
  }

  private openHead(isFunction: boolean): void {
    this.names.push(new Set());
    this.heads++;
    this.inArguments = isFunction;
  }

  private openBody(): void {
    this.names.push(new Set());
    this.braces.push(this.heads + 1);
    this.heads = 0;
    this.inArguments = false;
  }

  private closeBody(): void {
    this.names.length -= this.braces.pop() ?? 0;
    this.inStruct = false;
  }

  private declare(): void {
    this.declared.forEach((name) => this.names.at(-1)?.add(name));
    this.declared = [];
  }

  /** `var<private> name`: the address space is passed over. */
  private note(tokens: readonly Token[], first: number): void {
    let at = first;
    if (tokens[at]?.text === '<') at = tokens.findIndex(({ text }, i) => i > first && text === '>') + 1;
    this.named = at;
    if (this.names.length) this.declared.push(tokens[at].text);
  }
}
