// Access sites: the places of a program that read or write a buffer or workgroup memory, and how an access finds its
// address: constant offsets of members and components, and indices that are known when it runs.

import { ArrayIndex, StringExpr, VariableExpr, type Expression } from '../tree';
import type { Layout } from './layout';
import { expressionText } from './print';
import type { Site } from './site';

/** A variable of the whole program that is traced. */
export interface Shared {
  readonly space: 'storage' | 'workgroup';
  readonly layout: Layout;
}

/** An access taken apart. */
export interface Path {
  /** The indices, outermost first, with the bytes between two elements. */
  readonly steps: readonly { readonly index: ArrayIndex; readonly stride: number }[];
  /** Bytes of members and components. */
  readonly offset: number;
  /** What is read or written. */
  readonly layout: Layout;
}

/** Follows what stands behind the name of a variable. */
function pathOf({ postfix }: VariableExpr, from: Layout): Path {
  const steps: { index: ArrayIndex; stride: number }[] = [];
  let [offset, layout] = [0, from];
  for (let at: Expression | null = postfix; at; at = at.postfix) {
    if (at instanceof ArrayIndex) {
      steps.push({ index: at, stride: layout.stride ?? 0 });
      layout = layout.element!;
    } else if (layout.members) {
      const member = layout.members.get((at as StringExpr).value)!;
      offset += member.offset;
      layout = member.layout;
    } else {
      [offset, layout] = swizzled((at as StringExpr).value, offset, layout);
    }
  }
  return { steps, offset, layout };
}

/** Components by name, `yz`: from the first to the last that is asked for. */
function swizzled(names: string, offset: number, vector: Layout): [number, Layout] {
  const places = [...names].map((name) => 'xyzwrgba'.indexOf(name) % 4);
  const first = Math.min(...places);
  const count = Math.max(...places) - first + 1;
  const component = vector.element!;
  const at = offset + first * component.bytes;
  if (count === 1) return [at, component];
  const text = `vec${names.length}<${component.text}>`;
  return [at, { ...vector, text, words: count, bytes: count * component.bytes }];
}

/** An access before anything was done to it. */
export interface Access {
  readonly node: VariableExpr;
  readonly text: string;
  readonly shared: Shared;
  readonly path: Path;
}

/** Takes an access to a variable apart. */
export const accessOf = (node: VariableExpr, shared: Shared): Access => ({
  node,
  text: expressionText(node),
  shared,
  path: pathOf(node, shared.layout),
});

/** The site of an access. */
export const siteOf = ({ node, text, shared, path }: Access, kind: Site['kind']): Site => ({
  line: node.line,
  text,
  variable: node.name,
  space: shared.space,
  kind,
  bytes: path.layout.bytes,
});
