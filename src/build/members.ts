// Classes of the built package. What is private in the sources is private when it runs, too (`#name`): nobody reaches
// it, no field of somebody's subclass meets it, and bundlers give it a name of one letter. Fields that are only
// declared are left out: what a constructor sets needs no line before it, and no bundler may leave one out by itself.

import type { Plugin } from 'vite';

/** What is used of an ESTree node; of those of TypeScript, too. */
interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly static?: boolean;
  readonly computed?: boolean;
  readonly value?: unknown;
  readonly accessibility?: string;
  readonly body?: readonly Node[];
  /** The name of a member. */
  readonly key?: Node;
  /** `object.property`. */
  readonly object?: Node;
  readonly property?: Node;
  /** A parameter that is a field, with its default on the right. */
  readonly parameter?: Node;
  readonly left?: Node;
  readonly name?: string;
}

/** Hides private members and drops bare fields, and imports that nothing is left of. */
export function members(): Plugin {
  const hidden = new Map<string, ReadonlySet<string>>();
  return {
    name: 'members',
    apply: 'build',
    enforce: 'pre',
    transform(code, id) {
      if (!id.endsWith('.ts')) return;
      // A layer finds its parameters among its fields, so in nn these stay what they are.
      hidden.set(id, privatesOf(nodesOf(this.parse(code, { lang: 'ts' })), !id.includes('/src/nn/')));
    },
    renderChunk(code, { fileName, facadeModuleId }, _options, { magicString }) {
      if (!/^(graph|plan|gpu|ops|nn|optim|random)\b/.test(fileName)) return null;
      const nodes = nodesOf(this.parse(code));
      const found = reachedByThis(nodes, hidden.get(facadeModuleId!) ?? new Set());
      for (const { start, end, text } of edits(nodes, found)) magicString!.overwrite(start, end, text);
      return { code: magicString! };
    },
    // Of what has become a number there is nothing to import; esbuild warns of an import of nothing.
    generateBundle(_options, bundle) {
      for (const chunk of Object.values(bundle)) {
        if (chunk.type !== 'chunk' || chunk.fileName.startsWith('cli')) continue;
        chunk.code = chunk.code.replace(/^import "\.\.?\/.*";$/gm, '');
      }
    },
  };
}

function nodesOf(value: unknown): Node[] {
  if (Array.isArray(value)) return value.flatMap(nodesOf);
  if (typeof value !== 'object' || value === null) return [];
  const inner = Object.values(value).flatMap(nodesOf);
  return 'type' in value ? [value as Node, ...inner] : inner;
}

const isMember = ({ type }: Node): boolean => /^(Property|Method)Definition$/.test(type);

/** The names of members (of methods alone, or of fields, too) that are private in every class that has them. */
function privatesOf(nodes: readonly Node[], withFields: boolean): ReadonlySet<string> {
  const fields = nodes.filter((node) => isMember(node) || node.type === 'TSParameterProperty');
  const nameOf = ({ key, parameter }: Node) => (key ?? parameter!.left ?? parameter!).name;
  const isPrivate = ({ type, accessibility }: Node) =>
    accessibility === 'private' && (withFields || type === 'MethodDefinition');
  const others = new Set(fields.filter((node) => !isPrivate(node)).map(nameOf));
  const names = fields.filter(isPrivate).map(nameOf);
  return new Set(names.filter((name) => name !== undefined && !others.has(name)) as string[]);
}

/** Those of the names that a module says of nothing but `this`; whose another one is, only the types would know. */
function reachedByThis(nodes: readonly Node[], names: ReadonlySet<string>): ReadonlySet<string> {
  const own = new Set(nodes.filter(isMember).map(({ key }) => key));
  for (const { property, object } of nodes) if (object?.type === 'ThisExpression') own.add(property);
  const others = nodes.flatMap(({ key, property, computed }) => (computed ? [] : (key ?? property ?? [])));
  const elsewhere = new Set(others.filter((node) => !own.has(node)).map(({ name }) => name));
  return new Set([...names].filter((name) => !elsewhere.has(name)));
}

interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** What makes these names private and leaves out bare fields, in the classes among the nodes. */
function edits(nodes: readonly Node[], names: ReadonlySet<string>): Edit[] {
  const isHidden = ({ computed, key, property }: Node) =>
    !computed && names.has((key ?? property)?.name ?? '') && (key ?? property)!.type === 'Identifier';
  const accesses = nodes.filter((node) => node.object?.type === 'ThisExpression' && isHidden(node));
  const bodies = nodes.filter(({ type }) => type === 'ClassBody');
  const declared = bodies.flatMap(({ start, end, body }) => {
    const inside = accesses.filter((node) => node.start > start && node.end < end);
    const there = new Set(body!.filter((node) => node.value && isHidden(node)).map(({ key }) => key!.name));
    const missing = new Set(inside.map(({ property }) => property!.name).filter((name) => !there.has(name)));
    const text = [...missing].map((name) => ` #${name};`).join('');
    return text ? [{ start, end: start + 1, text: `{${text}` }] : [];
  });
  const methods = nodes.filter((node) => isMember(node) && node.value && isHidden(node));
  const renamed = [...accesses, ...methods].map(({ key, property }) => {
    const { start, end, name } = (key ?? property)!;
    return { start, end, text: `#${name}` };
  });
  const bare = nodes.filter(
    ({ type, value, key, ...node }) =>
      type === 'PropertyDefinition' && !value && !node.static && !node.computed && key!.type === 'Identifier',
  );
  return [...declared, ...renamed, ...bare.map(({ start, end }) => ({ start, end, text: '' }))];
}
