// Who is who in a function: which variable a name means where it stands, of which type it is, which constants are
// known, and which arrays of its own a thread indexes with numbers that are only known when it runs.

import {
  ArrayIndex,
  Assign,
  BinaryOperator,
  BitcastExpr,
  Break,
  Call,
  CallExpr,
  Const,
  ConstExpr,
  Continuing,
  CreateExpr,
  For,
  FunctionNode,
  If,
  Increment,
  Let,
  LiteralExpr,
  Loop,
  Return,
  Switch,
  TypecastExpr,
  UnaryOperator,
  Var,
  VariableExpr,
  While,
  bodyOf,
  type Expression,
  type Node,
  type Statement,
  type Statements,
} from '../tree';
import { constantOf } from './fold';
import { OTHER, SCALAR, layoutOf, vectorOf, type Layout } from './layout';
import { expressionText } from './print';

/** A variable of a function, or of a thread. */
export interface Local {
  readonly name: string;
  readonly layout: Layout;
  readonly line: number;
  /** It is a thread's own, not shared memory or a constant of the program. */
  readonly own: boolean;
  /** The value of a name that never changes, where it is known. */
  readonly constant?: number;
  /** An index into it that only a run knows: it does not fit in registers then. */
  dynamic?: string;
}

/** What is known of a program's functions. */
export class Locals {
  /** The variable that a name means, or that a declaration makes. */
  readonly of = new Map<Node, Local>();
  /** The arms of an `if` that may be taken. */
  readonly arms = new Map<If, readonly Statements[]>();
  readonly all: Local[] = [];
  private readonly layouts = new Map<Expression, Layout>();
  private readonly scopes: Map<string, Local>[] = [new Map()];
  readonly functions = new Map<string, FunctionNode>();

  constructor(tree: readonly Node[]) {
    for (const node of tree) {
      if (node instanceof FunctionNode) this.functions.set(node.name, node);
      else if (node instanceof Var) this.declare(node, layoutOf(node.type), node.storage !== 'private');
      else if (node instanceof Const) this.declare(node, layoutOf(node.type), true, constantOf(node.value));
    }
    for (const node of this.functions.values()) {
      this.scoped(() => {
        for (const arg of node.args) this.declare(arg, layoutOf(arg.type));
        this.block(bodyOf(node));
      });
    }
  }

  /** The type of a value. */
  layout(node: Expression): Layout {
    let found = this.layouts.get(node);
    if (!found) this.layouts.set(node, (found = behind(this.own(node), node.postfix)));
    return found;
  }

  private scoped(body: () => void): void {
    this.scopes.push(new Map());
    body();
    this.scopes.pop();
  }

  private lookUp = (name: string): Local | undefined =>
    this.scopes.reduceRight<Local | undefined>((found, scope) => found ?? scope.get(name), undefined);

  private declare(node: Node & { name: string }, layout: Layout, shared = false, constant?: number): void {
    const local: Local = { name: node.name, layout, line: node.line, own: !shared, constant };
    this.scopes.at(-1)!.set(node.name, local);
    this.of.set(node, local);
    if (!shared) this.all.push(local);
  }

  private block(statements: Statements): void {
    this.scoped(() => {
      for (const one of statements) {
        if (Array.isArray(one)) this.block(one);
        else this.statement(one as Statement);
      }
    });
  }

  private statement(node: Statement): void {
    if (node instanceof Var || node instanceof Let || node instanceof Const) {
      const { value } = node;
      if (value) this.expression(value);
      const layout =
        node.type && node.type.name !== 'x32' ? layoutOf(node.type) : value ? this.layout(value) : OTHER;
      const known = value && !(node instanceof Var) ? this.known(value) : undefined;
      this.declare(node, layout, false, known);
    } else if (node instanceof Assign) {
      this.expression(node.variable);
      this.expression(node.value);
    } else if (node instanceof Increment) this.expression(node.variable);
    else if (node instanceof Call) node.args.forEach((arg) => this.expression(arg));
    else if (node instanceof Return) this.expression(node.value);
    else if (node instanceof If) this.choice(node);
    else if (node instanceof Break) this.expression(node.condition);
    else this.loop(node);
  }

  private known = (value: Expression): number | undefined =>
    constantOf(value, (name) => this.lookUp(name)?.constant);

  private choice(node: If): void {
    const tests = [{ condition: node.condition, body: node.body as Statements }, ...(node.elseif ?? [])];
    const arms: Statements[] = [];
    let open = true;
    for (const { condition, body } of tests) {
      if (!open) break;
      const known = this.known(condition);
      this.expression(condition);
      if (known !== 0) arms.push(body);
      open = !known;
    }
    if (open) arms.push(node.else ?? []);
    arms.forEach((arm) => this.block(arm));
    this.arms.set(node, arms);
  }

  private loop(node: Statement): void {
    this.scoped(() => {
      if (node instanceof For) {
        if (node.init) this.statement(node.init);
        if (node.condition) this.expression(node.condition);
        if (node.increment) this.statement(node.increment);
      }
      if (node instanceof While || node instanceof Switch) this.expression(node.condition);
      if (node instanceof Switch) node.cases.forEach(({ body }) => this.block(body));
      if (node instanceof For || node instanceof While || node instanceof Loop || node instanceof Continuing)
        this.block(node.body);
    });
  }

  private expression(node: Expression | null): void {
    if (!node) return;
    for (const inner of operandsOf(node)) this.expression(inner);
    const local = node instanceof VariableExpr ? this.lookUp(node.name) : undefined;
    if (local) this.of.set(node, local);
    let layout = local?.layout;
    for (let at = node.postfix; at; at = at.postfix) {
      if (!(at instanceof ArrayIndex)) layout = layout && behind(layout, at, 1);
      else {
        const spills = layout?.kind === 'array' || layout?.kind === 'matrix';
        if (local && spills && this.known(at.index) === undefined) local.dynamic ??= expressionText(at.index);
        layout = layout?.element;
      }
    }
    this.layout(node);
  }

  /** Without what stands behind it. */
  private own(node: Expression): Layout {
    if (node instanceof LiteralExpr || node instanceof CreateExpr) return layoutOf(node.type);
    if (node instanceof TypecastExpr || node instanceof BitcastExpr) return layoutOf(node.type);
    if (node instanceof VariableExpr) return this.lookUp(node.name)?.layout ?? SCALAR;
    if (node instanceof ConstExpr) return this.layout(node.initializer);
    if (node instanceof UnaryOperator) return this.layout(node.right);
    const parts = operandsOf(node).map((part) => this.layout(part));
    if (node instanceof CallExpr) {
      const called = this.functions.get(node.name);
      if (called) return layoutOf(called.returnType);
      return TO_SCALAR.test(node.name) ? SCALAR : widest(parts);
    }
    const matrix = parts.find(({ kind }) => kind === 'matrix');
    const vector = parts.find(({ kind }) => kind === 'vector');
    if (node instanceof BinaryOperator && matrix && vector) {
      return parts[0] === matrix ? matrix.element! : vectorOf(matrix.words / matrix.element!.words, SCALAR);
    }
    return widest(parts);
  }
}

const TO_SCALAR = /^(dot|length|distance|determinant|any|all)$/;

const widest = (layouts: readonly Layout[]): Layout =>
  layouts.reduce((a, b) => (b.words > a.words ? b : a), SCALAR);

/** What members, components and indices pick; so many of them. */
function behind(layout: Layout, postfix: Expression | null, most = Infinity): Layout {
  let found: Layout = layout;
  for (let at = postfix; at && most > 0; at = at.postfix, most--) {
    if (at instanceof ArrayIndex) found = found.element ?? OTHER;
    else {
      const { value } = at as Expression & { value: string };
      const member = found.members?.get(value)?.layout;
      const component = found.element ?? OTHER;
      found = member ?? (value.length === 1 ? component : vectorOf(value.length, component));
    }
  }
  return found;
}

/** The expressions that an expression is made of, indices behind it included. */
export function operandsOf(node: Expression): Expression[] {
  const parts: Expression[] = [];
  if (node instanceof UnaryOperator) parts.push(node.right);
  else if (node instanceof BinaryOperator) parts.push(node.left, node.right);
  else if (node instanceof BitcastExpr) parts.push(node.value);
  else if (node instanceof CallExpr || node instanceof CreateExpr || node instanceof TypecastExpr)
    parts.push(...(node.args ?? []));
  for (let at = node.postfix; at; at = at.postfix) if (at instanceof ArrayIndex) parts.push(at.index);
  return parts;
}
