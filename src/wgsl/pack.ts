// A kernel in fewer letters, as a built page holds it: what reflection found is read again from short declarations.

import { unpack, type Packed, type Reflection } from '../graph/kernel';

/** A declaration as `shrink` leaves it. */
const BINDING = /^@group\(0\)@binding\(\d+\)var<(uniform|storage,read|storage,read_write)>(\w+):(.*);$/gm;

/** Packed where nothing is lost by it, as with every kernel whose bindings stand in their order, numbered from 0. */
export function pack(reflection: Reflection): Packed | Reflection {
  const { name, code, folds } = reflection;
  const short = code.replace(BINDING, (_, space: string, label: string, type: string) => {
    if (space === 'uniform') return `@%${label}:${type};`;
    return `@${space === 'storage,read' ? '' : '*'}${label}:${/^array<(.*)>$/.exec(type)?.[1]};`;
  });
  const packed: Packed = folds ? [name, short] : [name, short, 0];
  return JSON.stringify(unpack(packed)) === JSON.stringify(reflection) ? packed : reflection;
}
