// Walls that are seen in the syntax: how long functions are, what is spread, what is documented, `any`.

import { below, lineAt, nodesOf, parse, rootOf, type SourceFile, type Syntax, type Wall } from './tree';

const FUNCTION = /^(FunctionDeclaration|FunctionExpression|ArrowFunctionExpression)$/;
const NAMING = /^(VariableDeclarator|MethodDefinition|PropertyDefinition|Property|AssignmentExpression)$/;
const FUNCTION_LINES = 40;

interface Named {
  readonly id?: { readonly name?: string } | null;
  readonly key?: { readonly name?: string };
}

/** The name of a function, which it has itself or by what it is assigned to; none for a callback. */
function nameOf(node: Syntax, [parent]: readonly Syntax[]): string | undefined {
  const own = (node as Syntax & Named).id?.name;
  if (own || !parent || !NAMING.test(parent.type)) return own ?? undefined;
  const { id, key } = parent as Syntax & Named;
  return id?.name ?? key?.name ?? 'function';
}

/** Lines of a function without those of the named functions in it. */
function linesIn(file: SourceFile, node: Syntax): number {
  const lines = (one: Syntax) => lineAt(file, one.end) - lineAt(file, one.start) + 1;
  const inner = (one: Syntax, above: readonly Syntax[]): number =>
    below(one).reduce((sum, child) => {
      const path = [one, ...above];
      const named = FUNCTION.test(child.type) && nameOf(child, path);
      return sum + (named ? lines(child) : inner(child, path));
    }, 0);
  return lines(node) - inner(node, []);
}

/** Functions of more than forty lines; a named function inside another counts on its own. */
export const longFunctions: Wall = (tree) =>
  tree.flatMap((file) =>
    nodesOf(file).flatMap(({ node, above }) => {
      if (!FUNCTION.test(node.type)) return [];
      const length = linesIn(file, node);
      const name = nameOf(node, above) ?? 'a function';
      return length > FUNCTION_LINES ? [`${file.path}:${lineAt(file, node.start)} ${name}: ${length}`] : [];
    }),
  );

/** `...{ a, b }` in an object and `...[a, b]` in a list, which only hold lines together. */
export const idleSpreads: Wall = (tree) =>
  tree.flatMap((file) =>
    nodesOf(file).flatMap(({ node, above: [parent] }) => {
      const inside = { ObjectExpression: 'ObjectExpression', ArrayExpression: 'ArrayExpression' }[
        parent?.type
      ];
      const { argument } = node as Syntax & { argument?: Syntax };
      const idle = node.type === 'SpreadElement' && inside && argument?.type === inside;
      return idle ? [`${file.path}:${lineAt(file, node.start)}`] : [];
    }),
  );

/** `any`, but for the marked ones in one file. */
export const anys =
  (home: string): Wall =>
  (tree) =>
    tree.flatMap((file) =>
      nodesOf(file).flatMap(({ node }) => {
        if (node.type !== 'TSAnyKeyword') return [];
        const line = lineAt(file, node.start);
        const marked = /no-explicit-any/.test(file.text.split('\n')[line - 2] ?? '');
        return marked && file.path === home ? [] : [`${file.path}:${line}`];
      }),
    );

/** The names that a file declares and exports, with the places of their declarations. */
function exportedIn(file: SourceFile): { name: string; start: number }[] {
  return below(rootOf(file)).flatMap((statement) => {
    const { declaration } = statement as Syntax & { declaration?: Syntax & Named };
    if (!/^Export(Named|Default)Declaration$/.test(statement.type) || !declaration) return [];
    const { declarations } = declaration as { declarations?: Named[] };
    const name = declaration.id?.name ?? declarations?.[0].id?.name ?? 'default';
    return [{ name, start: statement.start }];
  });
}

/** Exported names that no docstring stands above. */
export const undocumented: Wall = (tree) =>
  tree.flatMap((file) => {
    const docs = parse(file).comments.filter(({ type, value }) => type === 'Block' && value.startsWith('*'));
    const gap = (end: number, start: number) =>
      file.text.slice(end, start).replace(/\/\*[^]*?\*\/|\/\/.*/g, '');
    const seen = new Set<string>();
    return exportedIn(file).flatMap(({ name, start }) => {
      if (seen.has(name)) return [];
      seen.add(name);
      const found = docs.some(({ end }) => end <= start && !gap(end, start).trim());
      return found ? [] : [`${file.path}: ${name}`];
    });
  });

/** Docstrings that begin with `Of …` and no noun, or say `unless given` where they mean a default. */
export const vagueDocstrings: Wall = (tree) =>
  tree.flatMap((file) =>
    parse(file).comments.flatMap(({ type, value, start }) => {
      const words = value.replace(/\s*\n\s*\*?\s*/g, ' ').replace(/^\*\s*/, '');
      const vague =
        (type === 'Block' && /^Of\b/.test(words.trim())) || /\bunless\b[^.;]{0,30}\bgiven\b/i.test(words);
      return vague ? [`${file.path}:${lineAt(file, start)}`] : [];
    }),
  );
