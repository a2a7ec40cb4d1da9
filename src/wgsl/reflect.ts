// WGSL text to Kernel. The library's own shaders are reflected when it is built (see plugin.ts), so that the
// reflector is not shipped to browsers and a bad shader breaks the build; a user's kernels are reflected at
// run time by the same function (`import { kernel } from 'seqgpu/reflect'`).

import { WgslReflect } from 'wgsl_reflect';
import { fail } from '../graph/check';
import { Kernel, type Binding, type Param, type Reflection } from '../graph/kernel';

/** Reads bindings, params and workgroup size out of WGSL with one entry point, `main`. */
export function reflect(name: string, code: string): Reflection {
  const found = parse(name, code);
  const entry = found.entry.compute.find((candidate) => candidate.name === 'main');
  if (!entry) fail(`${name}.wgsl has no compute entry point called main.`, { fix: 'name it `fn main`.' });
  const [block] = [...found.uniforms].sort((a, b) => a.binding - b.binding);
  const accessOf = (variable: typeof block): Binding['access'] => {
    if (variable === block) return 'params';
    if (found.uniforms.includes(variable)) return 'uniform';
    return variable.access === 'read_write' ? 'read_write' : 'read';
  };
  const bindings = [...found.uniforms, ...found.storage]
    .map((variable): Binding => ({
      name: variable.name,
      binding: variable.binding,
      access: accessOf(variable),
    }))
    .sort((a, b) => a.binding - b.binding);
  const struct = found.structs.find((candidate) => candidate.name === block?.type.name);
  const params = (struct?.members ?? []).map((member): Param => {
    const type = member.type.name;
    if (type !== 'u32' && type !== 'i32' && type !== 'f32') {
      fail(`${name}.wgsl: param ${member.name} is ${type}.`, { fix: 'params are u32, i32 or f32 scalars.' });
    }
    return { name: member.name, type, offset: member.offset };
  });
  const size = entry.attributes?.find((attribute) => attribute.name === 'workgroup_size')?.value ?? '1';
  const workgroupSize = [size].flat().map(String);
  return { name, code, bindings, params, paramsBytes: struct?.size ?? 0, workgroupSize };
}

/** A kernel of your own, for use in `defineOp`. */
export const kernel = (name: string, code: string): Kernel => new Kernel(reflect(name, code));

function parse(name: string, code: string): WgslReflect {
  try {
    return new WgslReflect(code);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const [, what, line] = /^(.*?)\.* Line: (\d+)$/s.exec(message) ?? [];
    if (line === undefined) fail(`${name}.wgsl cannot be parsed: ${message}`);
    fail(`${name}.wgsl:${line}: ${what}.`, { given: around(code, Number(line)) });
  }
}

/** The line and the one before it, where a missing semicolon really is. */
function around(code: string, line: number): string {
  const lines = code.split('\n');
  const width = String(line).length;
  const numbered = (at: number) => `${String(at).padStart(width)} | ${lines[at - 1] ?? ''}`;
  return (line > 1 ? [line - 1, line] : [line]).map(numbered).join('\n    ');
}
