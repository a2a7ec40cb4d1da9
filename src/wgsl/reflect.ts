// WGSL text to Kernel. The library's own shaders are reflected when it is built (see plugin.ts), so that the
// reflector is not shipped to browsers and a bad shader breaks the build; a user's kernels are reflected at
// run time by the same function (`import { kernel } from 'seqgpu/reflect'`). What the planner relies on is read
// here: names and types of the bindings, the layout of the params, whether a row of workgroups may be folded.

import { WgslReflect, type StructInfo, type TypeInfo, type VariableInfo } from 'wgsl_reflect';
import { fail } from '../graph/check';
import { withoutComments } from '../graph/own/constants';
import type { Binding, Param, Reflection } from '../graph/kernel';
import { Kernel } from '../graph/own/ownKernel';
import { foldsRows } from './folding';
import { plain } from './plain';
import { explained } from './tree';

/** Reads bindings, params and workgroup size out of WGSL with one entry point, `main`. */
export function reflect(name: string, code: string): Reflection {
  const { text, workgroupSize } = plain(name, code);
  const found = explained(name, code, () => new WgslReflect(text));
  const entry = found.entry.compute.find((candidate) => candidate.name === 'main');
  if (!entry) fail(`${name}.wgsl has no compute entry point called main.`, { fix: 'name it `fn main`.' });
  refuseBindings(name, found);
  const [block] = [...found.uniforms].sort((a, b) => a.binding - b.binding);
  const bindings = [...found.uniforms, ...found.storage]
    .map((variable) => bindingOf(name, variable, block, found.uniforms.includes(variable)))
    .sort((a, b) => a.binding - b.binding);
  const struct = found.structs.find((candidate) => candidate.name === block?.type.name);
  if (block && !struct) {
    fail(`${name}.wgsl: ${block.name}, its first uniform, is ${block.type.name}.`, {
      fix: 'the first uniform holds the params: declare a struct of u32, i32 and f32 scalars.',
    });
  }
  const folds = foldsRows(withoutComments(code), entry.inputs, workgroupSize);
  return {
    name,
    code,
    bindings,
    params: paramsOf(name, struct),
    paramsBytes: struct?.size ?? 0,
    workgroupSize,
    ...(folds && { folds }),
  };
}

/** A kernel of your own, for use in `defineOp`. */
export const kernel = (name: string, code: string): Kernel => new Kernel(reflect(name, code));

/** What no tensor can be bound to. */
function refuseBindings(name: string, { uniforms, storage, textures, samplers }: WgslReflect): void {
  const [strange] = [...textures, ...samplers];
  if (strange) {
    fail(`${name}.wgsl binds ${strange.name}, a ${strange.type.name}.`, {
      fix: 'tensors are storage buffers, and params a uniform.',
    });
  }
  const taken = new Map<number, string>();
  for (const variable of [...uniforms, ...storage]) {
    const { group, binding } = variable;
    if (group !== 0) {
      fail(`${name}.wgsl binds ${variable.name} in group ${group}.`, { fix: 'use @group(0).' });
    }
    const other = taken.get(binding);
    if (other) {
      fail(`${name}.wgsl: ${other} and ${variable.name} both have binding ${binding}.`, {
        fix: 'give each a binding of its own.',
      });
    }
    taken.set(binding, variable.name);
  }
}

function bindingOf(
  name: string,
  variable: VariableInfo,
  block: VariableInfo | undefined,
  uniform: boolean,
): Binding {
  const { binding } = variable;
  if (variable === block) return { name: variable.name, binding, access: 'params' };
  if (uniform) return { name: variable.name, binding, access: 'uniform' };
  const access = variable.access === 'read_write' ? 'read_write' : 'read';
  const holds = scalarOf(variable.type);
  if (holds === 'f32') return { name: variable.name, binding, access };
  if (holds === 'u32' || holds === 'i32' || holds === 'mixed') {
    return { name: variable.name, binding, access, holds };
  }
  fail(`${name}.wgsl: ${variable.name} holds ${holds}.`, {
    fix: 'tensors hold f32 or u32: declare array<f32>, array<u32>, or vectors of these.',
  });
}

/** The type of all numbers in an array, a vector, an atomic or a struct; `mixed` where there are several. */
function scalarOf(type: TypeInfo): string {
  const { name, format, members } = type as TypeInfo & {
    format?: TypeInfo;
    members?: readonly VariableInfo[];
  };
  if (members) {
    const [first, ...others] = new Set(members.map((member) => scalarOf(member.type)));
    return others.length || first === 'f16' ? 'mixed' : first;
  }
  if (format) return scalarOf(format);
  const short = /^(?:vec[234]|mat[234]x[234])([fiuh])$/.exec(name)?.[1];
  return short ? { f: 'f32', i: 'i32', u: 'u32', h: 'f16' }[short]! : name;
}

function paramsOf(name: string, struct: StructInfo | undefined): Param[] {
  return (struct?.members ?? []).map((member): Param => {
    const type = member.type.name;
    if (type !== 'u32' && type !== 'i32' && type !== 'f32') {
      fail(`${name}.wgsl: param ${member.name} is ${type}.`, { fix: 'params are u32, i32 or f32 scalars.' });
    }
    return { name: member.name, type, offset: member.offset };
  });
}
