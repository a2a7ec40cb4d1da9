// What is done to the expressions of a traced program. An index goes through `traceIndex`, which notes the access and
// gives the index back; what has no index is handed through `traceValue…`; a call of one of the program's functions
// says from where it was made.

import { fail } from '../../graph/check';
import {
  ArrayIndex,
  BinaryOperator,
  BitcastExpr,
  Call,
  CallExpr,
  CreateExpr,
  StringExpr,
  TypecastExpr,
  UnaryOperator,
  VariableExpr,
  type Expression,
  type Statement,
} from '../tree';
import type { Site } from './site';
import { accessOf, siteOf, type Access, type Shared } from './sites';

/** A piece of WGSL that is put in as it stands. */
export const raw = (text: string): StringExpr => new StringExpr(text);

/** Rewrites expressions, and knows which names mean variables that are traced. */
export class Expressions {
  readonly sites: Site[] = [];
  /** Names of the functions that hand a value through, by its type. */
  readonly passing = new Map<string, string>();
  /** What is to be done before the statement under way; null where a statement has no place of its own. */
  before: StringExpr[] | null = null;
  private readonly scopes: Set<string>[] = [];
  private places = 0;

  constructor(
    private readonly name: string,
    private readonly shared: ReadonlyMap<string, Shared>,
    private readonly functions: ReadonlySet<string>,
  ) {}

  /** A number for a loop or a call. */
  place(): number {
    return ++this.places;
  }

  /** Names that are declared from here on hide others until the scope ends. */
  scoped<T>(body: () => T): T {
    this.scopes.push(new Set());
    const result = body();
    this.scopes.pop();
    return result;
  }

  declare(name: string): void {
    this.scopes.at(-1)?.add(name);
  }

  add(site: Site): number {
    return this.sites.push(site) - 1;
  }

  /** An expression whose value is used. */
  value(node: Expression): Expression {
    if (node instanceof CallExpr) return this.call(node);
    const access = this.accessTo(node);
    this.inside(node);
    return access ? this.noted(access, ['read']) : node;
  }

  /** What an assignment writes to, and reads before where it is more than `=`. */
  target(node: Expression, kinds: readonly Site['kind'][]): void {
    const access = this.accessTo(node);
    this.inside(node);
    if (!access) return;
    if (access.path.steps.length) {
      this.noted(access, kinds);
      return;
    }
    if (!this.before) {
      fail(`${this.name}.wgsl:${node.line}: ${access.text} is written in the head of a loop.`, {
        fix: 'write it in the body, where the tracer can note it.',
      });
    }
    for (const kind of kinds) {
      const site = this.add(siteOf(access, kind));
      this.before.push(raw(`traceNote(tracePath, ${site}u, ${access.path.offset}u)`));
    }
  }

  /** The arguments of a call, of a function of the program with where it is called from. */
  args(name: string, given: readonly Expression[] | null): Expression[] {
    const args = (given ?? []).map((arg) => this.value(arg));
    if (this.functions.has(name)) args.push(raw(`traceMix(tracePath, ${this.place()}u)`));
    return args;
  }

  /** A call for its own sake. */
  statement(node: Call): Statement {
    const made = this.call(Object.assign(new CallExpr(node.name, node.args), { line: node.line }));
    return made instanceof CallExpr && made.name === node.name ? new Call(made.name, made.args ?? []) : made;
  }

  /** An atomic operation on something without an index notes it by its second argument, or by its result. */
  call(node: CallExpr): Expression {
    const [first, second] = node.args ?? [];
    this.indices(node.postfix);
    if (node.name === 'arrayLength') return node;
    const pointed = first instanceof UnaryOperator && first.operator === '&' ? first.right : null;
    const access = pointed && this.accessTo(pointed);
    if (!access || !/^(atomic|workgroupUniformLoad)/.test(node.name)) {
      node.args = this.args(node.name, node.args);
      return node;
    }
    const kind = node.name.startsWith('atomic') ? 'atomic' : 'read';
    this.inside(access.node);
    const others = node.args!.slice(1).map((arg) => this.value(arg));
    node.args = [first, ...others];
    if (access.path.steps.length) {
      this.noted(access, [kind]);
      return node;
    }
    if (!second) return this.passed(node, access, kind);
    node.args[1] = this.passed(others[0], access, kind);
    return node;
  }

  private inside(node: Expression): void {
    this.indices(node.postfix);
    if (node instanceof UnaryOperator) {
      const pointed = node.operator === '&' ? this.accessTo(node.right) : undefined;
      if (pointed) this.refusePointer(pointed.node);
      node.right = this.value(node.right);
    } else if (node instanceof BinaryOperator) {
      node.left = this.value(node.left);
      node.right = this.value(node.right);
    } else if (node instanceof BitcastExpr) {
      node.value = this.value(node.value);
    } else if (node instanceof CreateExpr || node instanceof TypecastExpr) {
      node.args = node.args && node.args.map((arg) => this.value(arg));
    }
  }

  private indices(postfix: Expression | null): void {
    for (let at = postfix; at; at = at.postfix) {
      if (at instanceof ArrayIndex) at.index = this.value(at.index);
    }
  }

  private accessTo(node: Expression): Access | undefined {
    if (!(node instanceof VariableExpr)) return undefined;
    if (this.scopes.some((names) => names.has(node.name))) return undefined;
    const shared = this.shared.get(node.name);
    return shared && accessOf(node, shared);
  }

  private noted(access: Access, kinds: readonly Site['kind'][]): Expression {
    const { steps, offset } = access.path;
    if (!steps.length) return this.passed(access.node, access, kinds[0]);
    for (const site of kinds.map((kind) => this.add(siteOf(access, kind)))) {
      steps.forEach(({ index, stride }, i) => {
        const where = [raw(`${site}u`), raw(`${stride}u`)];
        const after = raw(String(i > 0));
        const given = new CallExpr('u32', [index.index]);
        const last = i === steps.length - 1;
        index.index = last
          ? new CallExpr('traceIndex', [raw('tracePath'), ...where, raw(`${offset}u`), after, given])
          : new CallExpr('tracePart', [...where, after, given]);
      });
    }
    return access.node;
  }

  private passed(node: Expression, access: Access, kind: Site['kind']): Expression {
    const { layout, offset } = access.path;
    const site = this.add(siteOf(access, kind));
    const name = this.passing.get(layout.text) ?? `traceValue${this.passing.size}`;
    this.passing.set(layout.text, name);
    return new CallExpr(name, [raw('tracePath'), raw(`${site}u`), raw(`${offset}u`), node]);
  }

  private refusePointer({ line, name }: VariableExpr): never {
    fail(`${this.name}.wgsl:${line}: a pointer to ${name} is handed on.`, {
      fix: 'name the variable where it is read: the tracer does not follow pointers to shared memory.',
    });
  }
}
