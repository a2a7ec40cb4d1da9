// Of marked, which only this folder's package has, what is used here: types are checked without it, too.
declare module 'marked' {
  export interface Token {
    readonly type: string;
    readonly raw: string;
    readonly depth?: number;
    readonly text?: string;
    readonly items?: readonly Token[];
  }
  interface Renderer {
    readonly parser: { parseInline(tokens: readonly Token[]): string };
  }
  interface Inline {
    readonly href: string;
    readonly text: string;
    readonly tokens: readonly Token[];
  }
  interface Options {
    readonly renderer: {
      heading(this: Renderer, token: { depth: number; text: string; tokens: readonly Token[] }): string;
      code(token: { text: string; lang?: string }): string;
      link(this: Renderer, token: Inline): string;
      image(token: Inline): string;
    };
  }
  export class Marked {
    constructor(options: Options);
    parse(text: string): string;
  }
  export const lexer: (text: string) => readonly Token[];
}
