// The plugin of seqgpu/vite: what becomes of a shader when a page is built.

import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { shrink } from '../../src/wgsl/shrink';

const shaders = readdirSync('shaders').filter((name) => name.endsWith('.wgsl'));
const read = (name: string) => readFileSync(`shaders/${name}`, 'utf8');

/** Words, numbers and signs, the longest first: the order in which WGSL is read. */
const TOKENS =
  /\/\/ @.*|\d[\w.]*(?:(?<=\de)[+-]\d+\w*)?|\w+|<<=|>>=|->|\+\+|--|&&|\|\||[-+*/%&|^<>=!]=|<<|>>|[^\s\w]/g;
const tokensOf = (text: string) => text.replace(/\/\/(?! @).*/g, '').match(TOKENS) ?? [];

describe('a shader made short', () => {
  test('has the same tokens in the same lines, all of them', () => {
    for (const name of shaders) {
      const [text, short] = [read(name), shrink(read(name))];
      expect(tokensOf(short), name).toEqual(tokensOf(text));
      const [lines, shortLines] = [text, short].map((one) => one.split('\n').map(tokensOf));
      expect(shortLines, name).toEqual(lines);
    }
  });

  test('keeps apart what would be one sign or one word', () => {
    expect(shrink('  let a = b - -c; // why')).toBe('let a=b- -c;');
    expect(shrink('let a = b / *p & &q;')).toBe('let a=b/ *p& &q;');
    expect(shrink('return select(a, b, c < d);')).toBe('return select(a,b,c<d);');
    expect(shrink('fn f(x : f32) -> f32 {')).toBe('fn f(x:f32)->f32{');
  });

  test('keeps the marks of the preprocessor, and the lines that it looks for below them', () => {
    const text = '  // @unroll\n  for (var i = 0u; i < N; i++) {\n    // sum\n    s += x[i];\n  }';
    expect(shrink(text)).toBe('// @unroll\nfor (var i = 0u; i < N; i++) {\n\ns+=x[i];\n}');
  });
});
