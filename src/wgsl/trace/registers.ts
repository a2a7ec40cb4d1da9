// How many 32-bit values of a thread are alive at once, at most: an estimate of the registers it needs. Compilers
// reorder, and keep addresses beside them. Arrays that are indexed at run time are not counted: they lie in memory, and
// are listed.

import {
  Assign,
  Break,
  Call,
  CallExpr,
  Const,
  ConstExpr,
  Continuing,
  For,
  If,
  Increment,
  Let,
  LiteralExpr,
  Loop,
  Return,
  Switch,
  Var,
  While,
  bodyOf,
  treeOf,
  type Expression,
  type FunctionNode,
  type Statement,
  type Statements,
} from '../tree';
import { Locals, operandsOf, type Local } from './locals';

/** An array of a thread that is indexed by what only a run knows: it lies in memory, not in registers. */
export interface PrivateArray {
  readonly name: string;
  readonly line: number;
  readonly bytes: number;
  /** The first such index. */
  readonly index: string;
}

/** What a thread of a program needs. */
export interface ThreadNeeds {
  readonly registers: number;
  readonly privateArrays: readonly PrivateArray[];
  /** Bytes of workgroup memory. */
  readonly workgroupBytes: number;
}

/** What a thread of a program needs, the entry point being `main`. */
export function needsOf(name: string, code: string): ThreadNeeds {
  const tree = treeOf(name, code);
  const locals = new Locals(tree);
  const pressure = new Pressure(locals);
  const kept = tree.flatMap((node) => (node instanceof Var && node.storage === 'private' ? [node] : []));
  const always = kept.reduce((sum, node) => sum + wordsOf(locals.of.get(node)!), 0);
  const shared = tree.flatMap((node) => (node instanceof Var && node.storage === 'workgroup' ? [node] : []));
  return {
    registers: always + pressure.of(locals.functions.get('main')!).peak,
    privateArrays: locals.all
      .filter(({ dynamic }) => dynamic !== undefined)
      .map(({ name: label, line, layout, dynamic }) => ({
        name: label,
        line,
        bytes: layout.bytes,
        index: dynamic!,
      })),
    workgroupBytes: shared.reduce((sum, node) => sum + locals.of.get(node)!.layout.bytes, 0),
  };
}

const wordsOf = ({ layout, dynamic, constant }: Local): number =>
  dynamic === undefined && constant === undefined ? layout.words : 0;

/** The variables that somebody will read. */
type Live = ReadonlySet<Local>;

const sizeOf = (live: Live): number => [...live].reduce((sum, local) => sum + wordsOf(local), 0);

interface Need {
  /** Values that are alive at once, the arguments included. */
  readonly peak: number;
  readonly args: number;
}

class Pressure {
  private readonly known = new Map<FunctionNode, Need>();
  private peak = 0;

  constructor(private readonly locals: Locals) {}

  of(declared: FunctionNode): Need {
    const known = this.known.get(declared);
    if (known) return known;
    const outer = this.peak;
    this.peak = 0;
    this.block(bodyOf(declared), new Set());
    const args = declared.args.reduce((sum, arg) => sum + wordsOf(this.locals.of.get(arg)!), 0);
    const need = { peak: this.peak, args };
    this.peak = outer;
    this.known.set(declared, need);
    return need;
  }

  /** Backwards: what is alive before, from what is alive after. */
  private block(statements: Statements, after: Live): Live {
    return statements.reduceRight<Live>(
      (live, one) => (Array.isArray(one) ? this.block(one, live) : this.statement(one as Statement, live)),
      after,
    );
  }

  private statement(node: Statement, after: Live): Live {
    if (node instanceof Var || node instanceof Let || node instanceof Const) {
      return this.declared(node, after);
    }
    if (node instanceof Assign) return this.assigned(node, after);
    if (node instanceof Increment) return this.uses([node.variable], after);
    if (node instanceof Call) {
      const call = new CallExpr(node.name, node.args);
      return this.uses([call], after);
    }
    if (node instanceof Return) return this.uses(node.value ? [node.value] : [], new Set());
    if (node instanceof Break) return node.condition ? this.uses([node.condition], after) : after;
    if (node instanceof If) {
      const arms = this.locals.arms.get(node) ?? [];
      const before = arms.map((arm) => this.block(arm, after));
      return this.uses([node.condition], joined(...before));
    }
    if (node instanceof Switch) {
      const before = node.cases.map(({ body }) => this.block(body, after));
      return this.uses([node.condition], joined(after, ...before));
    }
    if (node instanceof Continuing) return this.block(node.body, after);
    return node instanceof For || node instanceof While || node instanceof Loop
      ? this.loop(node, after)
      : after;
  }

  private declared(node: Var | Let | Const, after: Live): Live {
    const local = this.locals.of.get(node);
    const before = new Set(after);
    if (local) before.delete(local);
    return node.value ? this.uses([node.value], before, after) : before;
  }

  private assigned({ variable, value, operator }: Assign, after: Live): Live {
    const local = this.locals.of.get(variable);
    const before = new Set(after);
    if (local && !variable.postfix && operator === '=') before.delete(local);
    else if (local?.own) before.add(local);
    return this.uses([value, ...operandsOf(variable)], before, after);
  }

  private loop(node: For | While | Loop, after: Live): Live {
    const condition = node instanceof Loop ? [] : [node.condition].filter((one) => one !== null);
    const turn = (end: Live): Live => {
      const next = node instanceof For && node.increment ? this.statement(node.increment, end) : end;
      return this.uses(condition, joined(after, this.block(node.body, next)));
    };
    const before = turn(turn(after));
    return node instanceof For && node.init ? this.statement(node.init, before) : before;
  }

  /** What is alive before some expressions are evaluated. */
  private uses(nodes: readonly Expression[], live: Live, after: Live = live): Live {
    const before = new Set(live);
    const visit = (node: Expression): void => {
      const local = this.locals.of.get(node);
      if (local?.own) before.add(local);
      operandsOf(node).forEach(visit);
    };
    nodes.forEach(visit);
    // What an expression gives takes the place of what it is assigned to.
    this.peak = Math.max(this.peak, sizeOf(before) + this.temporaries(nodes), sizeOf(after));
    return before;
  }

  /** Registers for what is on the way, the largest part first. */
  private temporaries(nodes: readonly Expression[]): number {
    const needs = nodes.map((node) => ({ need: this.need(node), words: this.held(node) }));
    let [sum, most] = [0, 0];
    for (const { need, words } of needs.sort((a, b) => b.need - a.need)) {
      most = Math.max(most, sum + need);
      sum += words;
    }
    return Math.max(most, sum);
  }

  private held(node: Expression): number {
    const named = this.locals.of.get(node);
    const free = node instanceof LiteralExpr || node instanceof ConstExpr;
    return free || named?.own ? 0 : this.locals.layout(node).words;
  }

  private need(node: Expression): number {
    const parts = operandsOf(node);
    const called = node instanceof CallExpr ? this.locals.functions.get(node.name) : undefined;
    const before = this.temporaries(parts);
    if (!called) return Math.max(before, this.held(node));
    const { peak, args } = this.of(called);
    const given = parts.reduce((sum, part) => sum + this.held(part), 0);
    return Math.max(before, given + Math.max(0, peak - args), this.held(node));
  }
}

function joined(...sets: readonly Live[]): Live {
  return new Set(sets.flatMap((set) => [...set]));
}
