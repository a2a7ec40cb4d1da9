// Classes of the built package without the fields that they only declare: what a constructor sets needs no line before
// it, and no bundler may leave one out by itself.

import type { Plugin } from 'vite';

/** What is used of an ESTree node. */
interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly static?: boolean;
  readonly computed?: boolean;
  readonly value?: unknown;
  readonly key?: Node;
}

/** Blanks these fields, and drops imports that nothing is left of. */
export function members(): Plugin {
  return {
    name: 'members',
    apply: 'build',
    renderChunk(code, { fileName }) {
      if (!/^(graph|plan|gpu|ops|nn|optim)\//.test(fileName)) return null;
      const bare = nodesOf(this.parse(code)).filter(
        (node) =>
          node.type === 'PropertyDefinition' &&
          !node.value &&
          !node.static &&
          !node.computed &&
          // A #private name has to be declared.
          node.key?.type !== 'PrivateIdentifier',
      );
      // In their lines nothing else moves, so the map still holds.
      return { code: bare.reduce((text, { start, end }) => blanked(text, start, end), code), map: null };
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

const blanked = (text: string, start: number, end: number): string =>
  text.slice(0, start) + ' '.repeat(end - start) + text.slice(end);
