// A syntax tree as WGSL again. Parentheses are where the text had them; a constant keeps its name.

import {
  Alias,
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
  For,
  FunctionNode,
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
  TypecastExpr,
  UnaryOperator,
  Var,
  VariableExpr,
  While,
  bodyOf,
  type Attribute,
  type Expression,
  type Node,
  type Statements,
  type Type,
} from '../tree';
import { fail } from '../../graph/check';

/** A program. */
export const printed = (tree: readonly Node[]): string => tree.map(declaration).join('\n');

/** A type, as in a declaration. */
export function typeText(type: Type): string {
  if (type instanceof ArrayType) {
    // Made of values, which tell it: array(a, b).
    if (!type.format) return 'array';
    const count = type.count ? `, ${type.count}` : '';
    return `array<${typeText(type.format)}${count}>`;
  }
  if (type instanceof PointerType) {
    const access = type.access ? `, ${type.access}` : '';
    return `ptr<${type.storage}, ${typeText(type.type!)}${access}>`;
  }
  if (type instanceof TemplateType && type.format) return `${type.name}<${typeText(type.format)}>`;
  return type.name;
}

function declaration(node: Node): string {
  if (node instanceof FunctionNode) return functionText(node);
  if (node instanceof Struct) {
    const members = node.members.map(
      ({ name, type, attributes }) => `${marks(attributes)}${name} : ${typeText(type!)}`,
    );
    return `struct ${node.name} { ${members.join(', ')} }`;
  }
  if (node instanceof Alias) return `alias ${node.name} = ${typeText(node.type)};`;
  if (node instanceof Enable) return `enable ${node.name};`;
  if (node instanceof Requires) return `requires ${node.extensions.join(', ')};`;
  if (node instanceof Diagnostic) return `diagnostic(${node.severity}, ${node.rule});`;
  if (node instanceof StaticAssert) return `const_assert ${expressionText(node.expression)};`;
  return `${statementText(node)};`;
}

const marks = (attributes: readonly Attribute[] | null): string =>
  (attributes ?? [])
    .map(({ name, value }) => `@${name}${value === null ? '' : `(${[value].flat().join(', ')})`} `)
    .join('');

function functionText(node: FunctionNode): string {
  const args = node.args.map(
    ({ name, type, attributes }) => `${marks(attributes)}${name} : ${typeText(type)}`,
  );
  const { returnType } = node;
  const result = returnType ? ` -> ${marks(returnType.attributes)}${typeText(returnType)}` : '';
  return `${marks(node.attributes)}fn ${node.name}(${args.join(', ')})${result} ${blockText(bodyOf(node))}`;
}

function blockText(statements: Statements): string {
  const lines = statements.map((one) => {
    if (Array.isArray(one)) return blockText(one);
    const text = statementText(one as Node);
    return text.endsWith('}') ? text : `${text};`;
  });
  return `{\n${lines.join('\n')}\n}`;
}

/** Without the semicolon. */
function statementText(node: Node): string {
  if (node instanceof Var || node instanceof Let || node instanceof Const || node instanceof Override) {
    return declarationText(node);
  }
  if (node instanceof Assign) {
    return `${expressionText(node.variable)} ${node.operator} ${expressionText(node.value)}`;
  }
  if (node instanceof Increment) return `${expressionText(node.variable)}${node.operator}`;
  if (node instanceof Call) return `${node.name}(${list(node.args)})`;
  if (node instanceof Return) return returnText(node);
  if (node instanceof Break) return node.condition ? `break if ${expressionText(node.condition)}` : 'break';
  if (node instanceof Continue) return 'continue';
  if (node instanceof Discard) return 'discard';
  if (node instanceof StringExpr) return node.value;
  return compoundText(node);
}

function returnText({ value }: Return): string {
  // The parser has an expression of nothing there.
  const nothing = !value || (value instanceof CreateExpr && !value.type);
  return nothing ? 'return' : `return ${expressionText(value)}`;
}

function declarationText(node: Var | Let | Const | Override): string {
  const { name, type, value, attributes } = node;
  const word =
    node instanceof Var ? 'var' : node instanceof Let ? 'let' : node instanceof Const ? 'const' : 'override';
  const space =
    node instanceof Var && node.storage ? `<${[node.storage, node.access].filter(Boolean).join(', ')}>` : '';
  // An integer without a suffix has no type yet, and a local constant none at all.
  const typed =
    type && type.name !== 'x32' && !(node instanceof Const && !node.type) ? ` : ${typeText(type)}` : '';
  return `${marks(attributes)}${word}${space} ${name}${typed}${value ? ` = ${expressionText(value)}` : ''}`;
}

function compoundText(node: Node): string {
  if (node instanceof If) {
    const others = (node.elseif ?? []).map(
      ({ condition, body }) => ` else if ${conditionText(condition)} ${blockText(body)}`,
    );
    const last = node.else ? ` else ${blockText(node.else)}` : '';
    return `if ${conditionText(node.condition)} ${blockText(node.body)}${others.join('')}${last}`;
  }
  if (node instanceof For) {
    const { init, condition, increment } = node;
    const [first, next] = [init, increment].map((one) => (one ? statementText(one) : ''));
    return `for (${first}; ${condition ? expressionText(condition) : ''}; ${next}) ${blockText(node.body)}`;
  }
  if (node instanceof While) return `while ${conditionText(node.condition)} ${blockText(node.body)}`;
  if (node instanceof Loop) return `loop ${blockText(node.body)}`;
  if (node instanceof Continuing) return `continuing ${blockText(node.body)}`;
  if (node instanceof Switch) {
    const cases = node.cases.map((one) => {
      const selectors = one instanceof Case ? `case ${list(one.selectors)}` : 'default';
      return `${selectors}: ${blockText(one.body)}`;
    });
    return `switch ${conditionText(node.condition)} {\n${cases.join('\n')}\n}`;
  }
  fail(`A statement of WGSL is not known here: ${node.astNodeType}.`);
}

/** In parentheses, once. */
const conditionText = (node: Expression): string =>
  node.hasParen && !node.postfix ? expressionText(node) : `(${expressionText(node)})`;

const list = (expressions: readonly Expression[] | null): string =>
  (expressions ?? []).map(expressionText).join(', ');

/** An expression, with what stands behind it: members and indices. */
export function expressionText(node: Expression): string {
  const own = plainText(node);
  return `${node.hasParen ? `(${own})` : own}${postfixText(node.postfix)}`;
}

function postfixText(node: Expression | null): string {
  if (!node) return '';
  const own =
    node instanceof ArrayIndex ? `[${expressionText(node.index)}]` : `.${(node as StringExpr).value}`;
  return own + postfixText(node.postfix);
}

function plainText(node: Expression): string {
  if (node instanceof VariableExpr || node instanceof ConstExpr) return node.name;
  if (node instanceof StringExpr) return node.value;
  if (node instanceof LiteralExpr) return literalText(node);
  if (node instanceof UnaryOperator) return `${node.operator}${expressionText(node.right)}`;
  if (node instanceof BinaryOperator) {
    return `${expressionText(node.left)} ${node.operator} ${expressionText(node.right)}`;
  }
  if (node instanceof CallExpr) return `${node.name}(${list(node.args)})`;
  if (node instanceof BitcastExpr) return `bitcast<${typeText(node.type!)}>(${expressionText(node.value)})`;
  if (node instanceof CreateExpr || node instanceof TypecastExpr) {
    return `${typeText(node.type!)}(${list(node.args)})`;
  }
  if (node instanceof DefaultSelector) return 'default';
  fail(`An expression of WGSL is not known here: ${node.astNodeType || node.constructor.name}.`);
}

function literalText(node: LiteralExpr): string {
  if (!node.isScalar) return `${typeText(node.type)}(${[...node.vectorValue].join(', ')})`;
  const { scalarValue: value } = node;
  const { name } = node.type;
  if (name === 'bool') return String(Boolean(value));
  if (name !== 'f32') return `${value}${{ u32: 'u', i32: 'i', f16: 'h' }[name] ?? ''}`;
  return /[.e]/.test(String(value)) ? String(value) : `${value}.0`;
}
