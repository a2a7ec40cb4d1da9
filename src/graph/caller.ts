// Whose line it is: of a stack, the first place outside the library. As modules, in the sources and as they are built,
// the library is known by its folder. A bundler puts it into one file with the page's code: then it lies between two
// marks, because what a module imports comes before it. The first is here, the library's first module to run, and the
// others are at the ends of those that a page imports.

/** Places in the code, as stacks: the beginning of the library, and where a module that pages import ends. */
export const marks: Error[] = [new Error()];

/** What is said of a place that the stack does not show; errors leave it out. */
export const UNKNOWN_LINE = 'an unknown line';

interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** `at name (file:1:2)` and `at file:1:2` of V8; `name@file:1:2` of Firefox and Safari. */
const FRAME = /^(?:\s*at (?:async )?(?:.*? \()?|.*?@)(.+?)(?:\?[^:]*)?:(\d+):(\d+)\)?$/;

/** Without those in the runtime itself. */
function placesOf({ stack = '' }: Error): Place[] {
  return stack.split('\n').flatMap((text) => {
    const [, file, line, column] = FRAME.exec(text) ?? [];
    return file ? [{ file, line: Number(line), column: Number(column) }] : [];
  });
}

const LIMIT = 'stackTraceLimit';

/** The stack as it is now, deep enough to leave the library. Cheap: it is turned into text only on demand. */
export function hereStack(): Error {
  const before: unknown = Reflect.get(Error, LIMIT);
  Reflect.set(Error, LIMIT, 40);
  const stack = new Error();
  Reflect.set(Error, LIMIT, before);
  return stack;
}

/**
 * `file:line` of the first place outside this library, with the column where the file is a bundle. Of a bundle that
 * keeps modules apart, in any order, nothing is known: each begins somewhere else in the stack.
 */
export function callerLine(stack: Error): string {
  const [[first], ...ends] = marks.map(placesOf);
  const folder = /^(.*\/)graph\/caller\.[jt]s$/.exec(first?.file ?? '')?.[1];
  const depth = placesOf(marks[0]).length;
  const apart = !folder && ends.some((end) => end[0]?.file === first?.file && end.length !== depth);
  const within = (place: Place): boolean => {
    if (folder) return place.file.startsWith(folder);
    const begins = place.file !== first?.file || isBefore(first, place);
    return begins && ends.some(([end]) => end?.file === place.file && isBefore(place, end));
  };
  const foreign = (place: Place) => !/node_modules|^node:/.test(place.file) && !within(place);
  const found = apart ? undefined : placesOf(stack).find(foreign);
  if (!found) return UNKNOWN_LINE;
  return `${readable(found.file)}:${found.line}${folder ? '' : `:${found.column}`}`;
}

const isBefore = (a: Place, b: Place): boolean =>
  a.line < b.line || (a.line === b.line && a.column <= b.column);

const readable = (path: string): string =>
  path.replace(/^(file:\/\/|https?:\/\/[^/]+\/)/, '').replace(/^.*\/(?=(examples|test|src)\/)/, '');
