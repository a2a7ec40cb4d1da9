// A reflection in fewer letters, as a built page holds it: a fifth of what its kernels are compressed to.

import { ACCESS, unpack, type Packed, type Reflection } from '../graph/kernel';

/** Packed where nothing is lost by it, as with every kernel whose bindings are numbered from 0 without gaps. */
export function pack(reflection: Reflection): Packed | Reflection {
  const { name, code, bindings, params, workgroupSize, folds } = reflection;
  const signs = Object.entries(ACCESS);
  const lists = [
    bindings.map(({ name: label, access, holds }) => {
      const [sign] = signs.find(([, one]) => one === access)!;
      return label + sign + (holds ? `:${holds}` : '');
    }),
    params.map(({ name: label, type }) => label + (type === 'u32' ? '' : `:${type}`)),
    workgroupSize,
    folds ? ['folds'] : [],
  ];
  const packed = [name, code, lists.map((list) => list.join(' ')).join('|')] as const;
  return JSON.stringify(unpack(packed)) === JSON.stringify(reflection) ? packed : reflection;
}
