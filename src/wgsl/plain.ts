// A WGSL text, line for line, in what wgsl_reflect's parser can read: it takes a word for the value of an attribute
// and no expression, and does not know everything that a compiler does. Nothing of this is compiled.

import { fail } from '../graph/check';
import { constantsOf, withoutComments } from '../graph/own/constants';

/** A text for the parser. */
export interface Plain {
  readonly text: string;
  /** The arguments of the @workgroup_size of `main`, as written. */
  readonly workgroupSize: readonly string[];
}

/** Attributes whose arguments are numbers. */
const NUMBERED = /@\s*(group|binding|align|size|location|id|workgroup_size)\s*\(/g;

/** The program without what its parser stumbles over. */
export function plain(name: string, code: string): Plain {
  const program = withoutComments(code);
  const { valueOf } = constantsOf(code);
  let workgroupSize = ['1'];
  let text = '';
  let from = 0;
  for (const { 0: head, 1: attribute, index } of program.matchAll(NUMBERED)) {
    const start = index + head.length;
    const [end, words] = argumentsFrom(program, start);
    const sizes = attribute === 'workgroup_size';
    if (sizes && isOfMain(program.slice(end))) workgroupSize = words;
    const numbers = words.map((word) => (sizes ? 1 : (valueOf(word) ?? unknown(name, attribute, word))));
    text += program.slice(from, start) + numbers.join() + linesOf(program.slice(start, end));
    from = end;
  }
  return { text: withoutOddities(text + program.slice(from)), workgroupSize };
}

function unknown(name: string, attribute: string, word: string): never {
  fail(`${name}.wgsl: @${attribute}(${word}) is not a number or a constant.`, { fix: 'write a number.' });
}

/** The end of a list of arguments, which is before its bracket, and the arguments. */
function argumentsFrom(program: string, start: number): [end: number, words: string[]] {
  const words = [''];
  let depth = 1;
  let end = start;
  for (; end < program.length; end++) {
    const sign = program[end];
    if (/[([]/.test(sign)) depth++;
    if (/[)\]]/.test(sign) && --depth === 0) break;
    if (sign === ',' && depth === 1) words.push('');
    else words[words.length - 1] += sign;
  }
  // The last may have a comma behind it.
  return [end, words.map((word) => word.trim().replace(/\s+/g, ' ')).filter(Boolean)];
}

/** Whether the function whose attribute has `rest` behind it is `main`. */
const isOfMain = (rest: string): boolean => /\bfn\s+(\w+)/.exec(rest)?.[1] === 'main';

/** Whole declarations that say nothing of bindings, and signs that it reads in another way than it should. */
const withoutOddities = (text: string): string =>
  text
    .replace(/\b(?:const_assert|enable|requires)\b[^;]*;/g, linesOf)
    // A minus is taken for a part of the number behind it.
    .replace(/(?<![\d.][ep])-(?=[\d.])/gi, '- ')
    .replace(/\b\d[\w.]*/g, (number) => number.toLowerCase());

const linesOf = (text: string): string => text.replace(/[^\n]+/g, '');
