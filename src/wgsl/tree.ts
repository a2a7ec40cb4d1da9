// The syntax tree of a WGSL text, by wgsl_reflect's parser, whose complaints become ours with the line they are about.

import { WgslParser, type Function as FunctionNode, type Node, type Statement } from 'wgsl_reflect';
import { fail } from '../graph/check';

export {
  Alias,
  Argument,
  ArrayIndex,
  ArrayType,
  Assign,
  BinaryOperator,
  BitcastExpr,
  Break,
  Call,
  CallExpr,
  Case,
  Const,
  ConstExpr,
  Continue,
  Continuing,
  CreateExpr,
  DefaultSelector,
  Diagnostic,
  Discard,
  Enable,
  Expression,
  For,
  Function as FunctionNode,
  If,
  Increment,
  Let,
  LiteralExpr,
  Loop,
  Override,
  PointerType,
  Requires,
  Return,
  StaticAssert,
  StringExpr,
  Struct,
  Switch,
  TemplateType,
  Type,
  TypecastExpr,
  UnaryOperator,
  Var,
  VariableExpr,
  While,
  type Attribute,
  type Node,
  type Statement,
} from 'wgsl_reflect';

/** A block inside a block is a list in a list. */
export type Statements = readonly (Statement | Statements)[];

/** The declarations of a program, each function with its statements. */
export const treeOf = (name: string, code: string): Node[] =>
  explained(name, code, () => new WgslParser().parse(code));

/** The statements of a function. */
export const bodyOf = (declared: FunctionNode): Statements => declared.body;

/** What `read` makes of a program; where it cannot, an error that shows the line. */
export function explained<T>(name: string, code: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const [, what, line] = /^(.*?)\.* Line: (\d+)$/s.exec(message) ?? [];
    if (line === undefined) fail(`${name}.wgsl cannot be parsed: ${message}`);
    fail(`${name}.wgsl:${line}: ${what}.`, { given: around(code, Number(line)) });
  }
}

/** The line and the one before it, where a missing semicolon really is. */
function around(code: string, line: number): string {
  const lines = code.split('\n');
  const width = String(line).length;
  const numbered = (at: number) => `${String(at).padStart(width)} | ${lines[at - 1] ?? ''}`;
  return (line > 1 ? [line - 1, line] : [line]).map(numbered).join('\n    ');
}
