// Types of WGSL as bytes in a buffer and as 32-bit values in a thread.

import { ArrayType, Struct, TemplateType, type Attribute, type Type } from '../tree';

/** A type: how it lies in memory, and what a thread that holds a value of it needs. */
export interface Layout {
  /** As it is written. */
  readonly text: string;
  readonly kind: 'scalar' | 'vector' | 'matrix' | 'array' | 'struct' | 'other';
  /** 0 of an array whose length is known at run time only. */
  readonly bytes: number;
  readonly align: number;
  /** 32-bit registers that a value fills. */
  readonly words: number;
  /** What an index picks: a component, a column, an element; `stride` bytes apart. */
  readonly element?: Layout;
  readonly stride?: number;
  readonly members?: ReadonlyMap<string, { readonly offset: number; readonly layout: Layout }>;
}

const SCALARS: Readonly<Record<string, number>> = { f32: 4, i32: 4, u32: 4, bool: 4, f16: 2, x32: 4 };
const SHORT: Readonly<Record<string, string>> = {
  f: 'f32',
  i: 'i32',
  u: 'u32',
  h: 'f16',
  b: 'bool',
  '': 'f32',
};

/** A scalar of 32 bits. */
export const SCALAR: Layout = { text: 'f32', kind: 'scalar', bytes: 4, align: 4, words: 1 };

/** What holds nothing that is counted: a pointer, a type that is not known. */
export const OTHER: Layout = { text: '', kind: 'other', bytes: 4, align: 4, words: 1 };

const roundUp = (bytes: number, to: number): number => Math.ceil(bytes / to) * to;

/** `count` components of the same kind. */
export function vectorOf(count: number, element: Layout): Layout {
  const align = element.bytes * (count === 3 ? 4 : count);
  const bytes = element.bytes * count;
  const text = `vec${count}<${element.text}>`;
  return { text, kind: 'vector', bytes, align, words: count, element, stride: element.bytes };
}

/** `count` elements; of an unknown number where that is 0. */
export function arrayOf(count: number, element: Layout): Layout {
  const stride = roundUp(element.bytes, element.align);
  const words = count * element.words;
  const text = `array<${element.text}${count ? `, ${count}` : ''}>`;
  return { text, kind: 'array', bytes: stride * count, align: element.align, words, element, stride };
}

/** The layout of a type as the parser has it, aliases and structs resolved. */
export function layoutOf(type: Type | null): Layout {
  if (!type) return OTHER;
  if (type instanceof ArrayType) return arrayOf(type.count, layoutOf(type.format));
  if (type instanceof Struct) return structLayout(type);
  const { name } = type;
  const inner = type instanceof TemplateType ? type.format : null;
  if (name === 'atomic') return layoutOf(inner);
  const [, size, rows, letter = ''] = /^(?:vec|mat(?=.x))(\d)(?:x(\d))?([fiuhb]?)$/.exec(name) ?? [];
  if (size) {
    const scalar = inner ? layoutOf(inner) : scalarOf(SHORT[letter]);
    return rows ? matrixOf(Number(size), vectorOf(Number(rows), scalar)) : vectorOf(Number(size), scalar);
  }
  return name in SCALARS ? scalarOf(name) : OTHER;
}

const scalarOf = (name: string): Layout => ({
  ...SCALAR,
  text: name,
  bytes: SCALARS[name],
  align: SCALARS[name],
});

function matrixOf(columns: number, element: Layout): Layout {
  const { bytes, align, stride } = arrayOf(columns, element);
  const text = `mat${columns}x${element.words}<${element.element!.text}>`;
  return { text, kind: 'matrix', bytes, align, words: columns * element.words, element, stride };
}

function structLayout({ name: text, members }: Struct): Layout {
  const placed = new Map<string, { offset: number; layout: Layout }>();
  let [end, align, words] = [0, 1, 0];
  for (const { name, type, attributes } of members) {
    const layout = layoutOf(type);
    const own = attribute(attributes, 'align') ?? layout.align;
    const offset = roundUp(end, own);
    placed.set(name, { offset, layout });
    end = offset + (attribute(attributes, 'size') ?? layout.bytes);
    align = Math.max(align, own);
    words += layout.words;
  }
  return { text, kind: 'struct', bytes: roundUp(end, align), align, words, members: placed };
}

function attribute(attributes: readonly Attribute[] | null, name: string): number | undefined {
  const found = attributes?.find((one) => one.name === name)?.value;
  return found === null || found === undefined ? undefined : Number([found].flat()[0]);
}
