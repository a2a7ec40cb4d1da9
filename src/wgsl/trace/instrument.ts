// A program that writes down what it reads and writes. Every index into a buffer or into workgroup memory goes through
// a function that notes site, address and how the thread came there, its path: the calls and the turns of loops that
// lead to the place, so that accesses which a GPU makes at once, one in each lane, are found again by it.

import {
  Argument,
  Assign,
  Break,
  Call,
  Const,
  Continuing,
  For,
  FunctionNode,
  If,
  Increment,
  Let,
  Loop,
  Return,
  Switch,
  Type,
  Var,
  While,
  bodyOf,
  treeOf,
  type Node,
  type Statement,
  type Statements,
} from '../tree';
import { Expressions, raw } from './expressions';
import { harness, type TracedGrid } from './harness';
import { layoutOf } from './layout';
import { printed } from './print';
import type { Site } from './site';
import type { Shared } from './sites';

/** A program that traces itself. */
export interface Instrumented {
  readonly code: string;
  readonly sites: readonly Site[];
}

/** The traced form of a program, which logs to `@binding(grid.binding)`. */
export function instrument(name: string, code: string, grid: TracedGrid): Instrumented {
  const tree = treeOf(name, code);
  const functions = tree.filter((node): node is FunctionNode => node instanceof FunctionNode);
  const expressions = new Expressions(name, sharedIn(tree), new Set(functions.map((one) => one.name)));
  const main = functions.find((one) => one.name === 'main')!;
  const { args } = main;
  for (const one of functions) rewrite(one, expressions);
  // No entry point any more: what the device gave it, the harness gives it.
  main.name = 'traceMain';
  main.attributes = null;
  main.args = main.args.map(({ name: label, type }) => new Argument(label, type, null));
  const { sites, passing } = expressions;
  return { code: `${printed(tree)}\n${harness(args, sites.length, passing, grid)}`, sites };
}

/** The variables that threads share, by name. */
export function sharedIn(tree: readonly Node[]): Map<string, Shared> {
  const shared = new Map<string, Shared>();
  for (const node of tree) {
    if (!(node instanceof Var)) continue;
    const space = node.storage;
    if (space === 'storage' || space === 'workgroup')
      shared.set(node.name, { space, layout: layoutOf(node.type) });
  }
  return shared;
}

function rewrite(declared: FunctionNode, expressions: Expressions): void {
  expressions.scoped(() => {
    for (const { name } of declared.args) expressions.declare(name);
    const body = new Rewriting(expressions).block(bodyOf(declared));
    declared.body = [raw('var tracePath = traceCaller'), ...body] as Statement[];
  });
  declared.args = [...declared.args, new Argument('traceCaller', new Type('u32'), null)];
}

const BARRIERS = new Set(['workgroupBarrier', 'storageBarrier']);

class Rewriting {
  constructor(private readonly expressions: Expressions) {}

  block(statements: Statements): Statements {
    return this.expressions.scoped(() => statements.flatMap((one) => this.placed(one)));
  }

  /** A statement with what stands before it. */
  private placed(node: Statement | Statements): Statements {
    if (Array.isArray(node)) return [this.block(node)];
    const outer = this.expressions.before;
    this.expressions.before = [];
    const loop = node instanceof For || node instanceof While || node instanceof Loop;
    const after = loop ? this.loop(node) : this.plain(node as Statement);
    const all = [...this.expressions.before, ...after];
    this.expressions.before = outer;
    return all;
  }

  private plain(node: Statement): Statements {
    const { expressions } = this;
    if (node instanceof Var || node instanceof Let || node instanceof Const) {
      if (node.value && !(node instanceof Const)) node.value = expressions.value(node.value);
      expressions.declare(node.name);
    } else if (node instanceof Assign) {
      expressions.target(node.variable, node.operator === '=' ? ['write'] : ['read', 'write']);
      node.value = expressions.value(node.value);
    } else if (node instanceof Increment) {
      expressions.target(node.variable, ['read', 'write']);
    } else if (node instanceof Call) {
      return this.call(node);
    } else if (node instanceof Return) {
      if (node.value) node.value = expressions.value(node.value);
    } else if (node instanceof Break) {
      if (node.condition) node.condition = expressions.value(node.condition);
    } else {
      this.branches(node);
    }
    return [node];
  }

  private call(node: Call): Statements {
    const { expressions } = this;
    if (BARRIERS.has(node.name)) {
      const waits = { text: `${node.name}()`, variable: '', bytes: 0 };
      const site = expressions.add({ line: node.line, space: 'barrier', kind: 'barrier', ...waits });
      return [raw(`traceCounts[${site}u]++`), node];
    }
    return [expressions.statement(node)];
  }

  private branches(node: Statement): void {
    const { expressions } = this;
    if (node instanceof If) {
      node.condition = expressions.value(node.condition);
      node.body = this.body(node.body);
      for (const other of node.elseif ?? []) {
        other.condition = expressions.value(other.condition);
        other.body = this.body(other.body);
      }
      if (node.else) node.else = this.body(node.else);
    } else if (node instanceof Switch) {
      node.condition = expressions.value(node.condition);
      for (const one of node.cases) one.body = this.body(one.body);
    } else if (node instanceof Continuing) {
      node.body = this.body(node.body);
    }
  }

  private body(statements: Statement[]): Statement[] {
    return this.block(statements) as Statement[];
  }

  /** Every turn has a path of its own, and what follows the loop has the one from before it. */
  private loop(node: For | While | Loop): Statements {
    const { expressions } = this;
    const place = expressions.place();
    const [saved, turn] = [`traceSaved${place}`, `traceTurn${place}`];
    const body = expressions.scoped(() => {
      if (node instanceof For) this.head(node);
      if (node instanceof While) node.condition = expressions.value(node.condition);
      return this.block(node.body);
    });
    const start = `tracePath = traceMix(traceMix(${saved}, ${place}u), ${turn})`;
    node.body = [raw(start), raw(`${turn}++`), ...body] as Statement[];
    const before = [raw(`let ${saved} = tracePath`), raw(`var ${turn} = 0u`)];
    return [...before, node, raw(`tracePath = ${saved}`)];
  }

  private head(node: For): void {
    const { expressions } = this;
    const outer = expressions.before;
    expressions.before = null;
    if (node.init) this.plain(node.init);
    if (node.condition) node.condition = expressions.value(node.condition);
    if (node.increment) this.plain(node.increment);
    expressions.before = outer;
  }
}
