// Names inside the library's kernels, as short as they can be: of functions, of their arguments and of what they
// declare. What TypeScript knows by name stays: bindings, params, constants, members, and all of a kernel whose lines
// are put together when it runs (`chain`). A name becomes the same one wherever it stands, so kernels that were alike
// still are, and compress as before.

/** Keywords and reserved words of two letters. */
const RESERVED = ['as', 'do', 'fn', 'if', 'of', 'or'];

const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'.split('');
const PAIRS = LETTERS.flatMap((a) => LETTERS.map((b) => a + b)).filter((name) => !RESERVED.includes(name));

/** A word that is no member (`p.size`), attribute (`@builtin`) or part of a number (`1u`). */
const NAME = /(?<![.@\w])[A-Za-z_]\w*/g;
const FUNCTION = /^fn (\w+)/gm;
/** What a function declares, and its arguments. A local constant keeps its name: constants are looked for by it. */
const LOCAL = /\b(?:let|var) (\w+)|[(,\n)](?!default)(\w+):/g;

/** A function's text, short names for its kernel's functions, the names that it declares, and all others in it. */
interface Room {
  readonly text: string;
  readonly functions: ReadonlyMap<string, string>;
  readonly locals: ReadonlySet<string>;
  readonly taken: Set<string>;
}

/** The same programs. They have been shrunk: a declaration begins a line. */
export function shortNames(codes: readonly string[]): string[] {
  const functions = functionNames(codes);
  const cut = codes.map((code) => (isOpen(code) ? [code] : roomsOf(code, functions)));
  const locals = localNames(cut.flat().filter((part) => typeof part !== 'string'));
  const shortened = ({ text, functions: near, locals: own }: Room) =>
    text.replace(NAME, (name) => (own.has(name) ? locals.get(name)! : (near.get(name) ?? name)));
  return cut.map((parts) =>
    parts.map((part) => (typeof part === 'string' ? part : shortened(part))).join(''),
  );
}

/** For every function of the kernels a name that means nothing else in any of them. */
function functionNames(codes: readonly string[]): ReadonlyMap<string, string> {
  const namesOf = (some: readonly string[]) =>
    some.flatMap((code) => [...code.matchAll(FUNCTION)].map(([, name]) => name));
  const taken = new Set(wordsOf(codes.join('\n')));
  const fresh = PAIRS.filter((name) => !taken.has(name));
  const kept = new Set(['main', ...namesOf(codes.filter(isOpen))]);
  const found = new Set(namesOf(codes).filter((name) => !kept.has(name)));
  return new Map([...found].map((name, i) => [name, fresh[i]]));
}

/** Lines are put into it when it runs, which know its names. */
const isOpen = (code: string): boolean => /^\/\/ @(?!unroll)/m.test(code);

const wordsOf = (text: string): readonly string[] => text.match(/[A-Za-z_]\w*/g) ?? [];

/** The functions of a kernel, and what stands between them. */
function roomsOf(code: string, functions: ReadonlyMap<string, string>): (Room | string)[] {
  const parts = code.split(/^(?=(?:@compute|fn |@group|const |struct |var<))/m);
  const isFunction = (part: string) => /^(@compute|fn )/.test(part);
  const outside = new Set(wordsOf(parts.filter((part) => !isFunction(part)).join('\n')));
  const own = new Map([...code.matchAll(FUNCTION)].map(([, name]) => [name, functions.get(name) ?? name]));
  return parts.map((text) => {
    if (!isFunction(text)) return text;
    const builtins = [...text.matchAll(/@\w+\(([^)]*)\)/g)].flatMap(([, inner]) => wordsOf(inner));
    const kept = new Set([...outside, ...builtins, ...own.keys()]);
    const declared = [...text.matchAll(LOCAL)].map(([, variable, argument]) => variable ?? argument);
    const locals = new Set(declared.filter((name) => !kept.has(name)));
    const others = wordsOf(text).filter((name) => !locals.has(name));
    return { text, functions: own, locals, taken: new Set([...others, ...functions.values()]) };
  });
}

/** The most frequent first: the shortest that is free in all functions where the name is. */
function localNames(rooms: readonly Room[]): ReadonlyMap<string, string> {
  const places = new Map<string, number>();
  for (const { text, locals } of rooms) {
    for (const [name] of text.matchAll(NAME)) {
      if (locals.has(name)) places.set(name, (places.get(name) ?? 0) + 1);
    }
  }
  const byPlaces = [...places].sort(([, a], [, b]) => b - a);
  return new Map(
    byPlaces.map(([name]) => {
      const its = rooms.filter(({ locals }) => locals.has(name));
      const short = [...LETTERS, ...PAIRS].find((one) => its.every(({ taken }) => !taken.has(one)))!;
      its.forEach(({ taken }) => taken.add(short));
      return [name, short];
    }),
  );
}
