// Integers and truth values that are known before a program runs.

import {
  BinaryOperator,
  ConstExpr,
  CreateExpr,
  LiteralExpr,
  UnaryOperator,
  VariableExpr,
  type Expression,
} from '../tree';

/** The values of names that are constant where the expression stands. */
export type Known = (name: string) => number | undefined;

const nothing: Known = () => undefined;

/** The value of an expression, true as 1; undefined where only a run can tell. */
export function constantOf(node: Expression, known: Known = nothing): number | undefined {
  if (node.postfix) return undefined;
  if (node instanceof LiteralExpr) return node.isScalar ? Number(node.scalarValue) : undefined;
  if (node instanceof ConstExpr) return constantOf(node.initializer, known);
  if (node instanceof VariableExpr) return known(node.name);
  if (node instanceof CreateExpr) return castOf(node, known);
  if (node instanceof UnaryOperator) {
    const right = constantOf(node.right, known);
    if (right === undefined) return undefined;
    return { '-': -right, '!': Number(!right) }[node.operator];
  }
  if (!(node instanceof BinaryOperator)) return undefined;
  const [left, right] = [constantOf(node.left, known), constantOf(node.right, known)];
  const { operator } = node;
  if (operator === '&&' && (left === 0 || right === 0)) return 0;
  if (operator === '||' && (left || right)) return 1;
  return left === undefined || right === undefined ? undefined : OPERATORS[operator]?.(left, right);
}

const castOf = ({ type, args }: CreateExpr, known: Known): number | undefined =>
  type && args?.length === 1 && /^[uif]32$/.test(type.name) ? constantOf(args[0], known) : undefined;

const OPERATORS: Readonly<Record<string, (left: number, right: number) => number>> = {
  '+': (left, right) => left + right,
  '-': (left, right) => left - right,
  '*': (left, right) => left * right,
  '/': (left, right) =>
    Number.isInteger(left) && Number.isInteger(right) ? Math.trunc(left / right) : left / right,
  '%': (left, right) => left % right,
  '<<': (left, right) => (left << right) >>> 0,
  '>>': (left, right) => left >>> right,
  '&': (left, right) => (left & right) >>> 0,
  '|': (left, right) => (left | right) >>> 0,
  '^': (left, right) => (left ^ right) >>> 0,
  '==': (left, right) => Number(left === right),
  '!=': (left, right) => Number(left !== right),
  '<': (left, right) => Number(left < right),
  '<=': (left, right) => Number(left <= right),
  '>': (left, right) => Number(left > right),
  '>=': (left, right) => Number(left >= right),
  '&&': (left, right) => Number(left && right),
  '||': (left, right) => Number(left || right),
};
