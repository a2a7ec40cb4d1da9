// A kernel of one's own: nobody has tested it, so it is audited wherever it is used. Every binding has a tensor of its
// type, every param a value, nothing is written but results, every result that is read is written, and a long row of
// workgroups is folded only if the kernel finds its place in a folded row. What WGSL says is known from reflection.
// The library's kernels are such kernels in the tests, and bare ones in the package: a page does not download what the
// tests have checked.

import { boundTo, type Audit, type CompilerMessage } from '../bound';
import { check, fail, shown } from '../check';
import { constantsOf } from './constants';
import {
  CONSTANT,
  Kernel as BareKernel,
  markOf,
  type Binding,
  type ConstantValue,
  type Known,
  type Variant,
} from '../kernel';
import type { Call, Dispatch, Tensor } from '../tensor';
import type { Traits } from '../traits';

/** A kernel of one's own: what is wrong with it is said, whatever it is. */
export class Kernel extends BareKernel {
  readonly audit: Audit = audit;

  protected override specialise(changes: Readonly<Record<string, ConstantValue>>): Variant {
    for (const [name, value] of Object.entries(changes)) this.refuseChange(name, value);
    const variant = super.specialise(changes);
    const { valueOf } = constantsOf(variant.rolled);
    for (const text of this.reflection.workgroupSize) this.checkSize(text, valueOf(text));
    const [, left] = /^ *\/\/ @unroll.*\n *(.*)/m.exec(variant.code) ?? [];
    if (left !== undefined) {
      const fix = 'write `for (var i = 0u; i < CONSTANT; i++) {`.';
      fail(`${this.name}.wgsl: cannot unroll this loop.`, { given: left, fix });
    }
    return variant;
  }

  private refuseChange(name: string, value: ConstantValue): void {
    const { code } = this.reflection;
    if (Array.isArray(value)) {
      if (!markOf(name).test(code)) fail(`${this.name}.wgsl has no line marked // @${name}.`);
      return;
    }
    const known = [...code.matchAll(CONSTANT)].map((match) => match[1]);
    const unknown = [name, value].find((word) => typeof word === 'string' && !known.includes(word));
    if (unknown === undefined) return;
    const there = [...code.matchAll(/\bconst\s+(\w+)/g)].some((match) => match[1] === unknown);
    const fix = there
      ? 'let its declaration begin a line.'
      : (this.overridden(String(unknown)) ?? `it has ${known.join(', ') || 'none'}.`);
    fail(`${this.name}.wgsl has no constant ${String(unknown)}.`, { fix });
  }

  /** What is to be done about an override that `text` names. */
  private overridden(text: string): string | undefined {
    const names = [...this.reflection.code.matchAll(/\boverride\s+(\w+)/g)].map((match) => match[1]);
    const name = text.match(/\w+/g)?.find((word) => names.includes(word));
    return name && `${name} is an override, which a Kernel does not set: write \`const ${name} = …;\`.`;
  }

  private checkSize(text: string, size: number | undefined): void {
    if (Number.isInteger(size) && size! > 0) return;
    fail(`${this.name}.wgsl: its workgroup size ${text} is ${size ?? 'not a number or a constant'}.`, {
      fix: this.overridden(text) ?? 'make it of whole numbers and of constants that are made of these.',
    });
  }

  protected override known(code: string): Known {
    const { constants, valueOf } = constantsOf(code);
    return {
      constants,
      valueOf: (text, loop) => {
        const value = valueOf(text);
        if (value === undefined && loop) this.refuseLoop(loop, text);
        return value;
      },
    };
  }

  private refuseLoop(head: string, bound: string): never {
    const given = head.trim().split('\n').at(-1)!.trim();
    fail(`${this.name}.wgsl: cannot unroll this loop: ${bound} is not a constant.`, { given });
  }
}

const audit: Audit = { launch: auditLaunch, written: auditWritten, told };

function auditLaunch(
  dispatch: Dispatch,
  call: Call,
  params: Readonly<Record<string, unknown>>,
  traits: Traits,
): void {
  const { kernel } = dispatch.kernel;
  const storage = kernel.reflection.bindings.filter(({ access }) => access.startsWith('read'));
  const limit = traits.maxStorageBuffers;
  check(
    storage.length <= limit,
    `${kernel.name}.wgsl binds ${storage.length} buffers, this device at most ${limit}`,
  );
  for (const binding of kernel.reflection.bindings) {
    if (binding.access !== 'params') auditBinding(binding, dispatch, call);
  }
  auditParams(dispatch, params);
  auditRow(dispatch, traits);
}

/** Refuses a binding that is not of this call, has another type, or is written where it is no result. */
function auditBinding({ name, access, holds }: Binding, dispatch: Dispatch, call: Call): void {
  const { op, inputs, outputs } = call;
  const file = `${dispatch.kernel.kernel.name}.wgsl`;
  const bound = boundTo(name, dispatch, call);
  check(bound, `${file} binds ${name}, which ${op.name} does not have`, `bind: { ${name}: … }`);
  const x = bound.tensor;
  const result = Object.values(outputs).includes(x);
  const taken = Object.values(op.inPlace ?? {}).some((input) => inputs[input!] === x);
  const computed = x.source.kind === 'call' || x.source.kind === 'input';
  check(
    !computed || result || Object.values(inputs).includes(x),
    `${file} binds ${name} to a tensor that is neither an input nor a result of ${op.name}`,
    `make it an input of ${op.name}`,
  );
  check(
    access !== 'read_write' || result || taken,
    `${file} may write ${name}, but that is an input of ${op.name}, which others read`,
    `declare ${name} as var<storage, read>, or name it in inPlace`,
  );
  // What an op binds itself may move bits, or stand in for what this variant does not read.
  const byName = !op.anyType && !dispatch.bind?.[name];
  const wanted = holds === 'i32' ? 'u32' : (holds ?? 'f32');
  check(
    !byName || wanted === 'mixed' || wanted === x.dtype,
    `${file} declares ${name} as ${holds ?? 'f32'}, but it holds ${x.dtype}`,
    `declare ${name} as array<${x.dtype}>, or correct \`integers\` of ${op.name}`,
  );
  check(
    access !== 'uniform' || x.source.kind === 'feed',
    `${file} binds ${name} as a uniform, but the host is not asked for it`,
    'declare it as var<storage, read>; a uniform is what the host gives at every replay, as a learning rate',
  );
}

function auditParams({ kernel: { kernel } }: Dispatch, values: Readonly<Record<string, unknown>>): void {
  for (const { name, type } of kernel.reflection.params) {
    const value = values[name];
    check(typeof value === 'number', `${kernel.name}.wgsl has a param ${name} that is not given`);
    const fits = type === 'f32' ? !Number.isNaN(value) : value === (type === 'u32' ? value >>> 0 : value | 0);
    check(fits, `${kernel.name}.wgsl: param ${name} : ${type} is ${value}`);
  }
}

/** Workgroups are counted, there are some, and a row of more than the device allows can be folded. */
function auditRow({ kernel, threads, workgroups }: Dispatch, traits: Traits): void {
  const { name, reflection } = kernel.kernel;
  const launch = `a launch of ${name}.wgsl has`;
  const fix = 'give one of them, as threads: [y.size]';
  check(threads ?? workgroups, `${launch} neither threads nor workgroups`, fix);
  check(
    !threads || !workgroups,
    `${launch} threads ${shown(threads)} and workgroups ${shown(workgroups)}`,
    fix,
  );
  const given = threads ?? workgroups;
  check(
    Array.isArray(given) &&
      [1, 2, 3].includes(given.length) &&
      given.every((n) => Number.isSafeInteger(n) && n > 0),
    `${launch} ${threads ? 'threads' : 'workgroups'} ${shown(given)}`,
    'give one to three whole numbers of at least 1, for x, y and z',
  );
  const [x, y = 1] = workgroups ?? given.map((n, axis) => Math.ceil(n / kernel.workgroupSize[axis]));
  const most = traits.maxWorkgroupsPerAxis;
  check(
    reflection.folds || x <= most || y > 1,
    `${name}.wgsl needs a row of ${x} workgroups, ${most} are allowed, and it cannot be folded into y`,
    'ask for the place as `wid.y * groups.x + wid.x` or `gid.y * groups.x * WORKGROUP + gid.x`, where groups is ' +
      '@builtin(num_workgroups), and in no other way; or launch fewer workgroups',
  );
}

/** A result that somebody reads, or that takes over an input's memory, must be written by one of the launches. */
function auditWritten(
  { op, inputs, outputs }: Call,
  list: readonly Dispatch[],
  written: ReadonlySet<Tensor>,
  read: ReadonlySet<Tensor>,
): void {
  for (const [name, y] of Object.entries(outputs)) {
    const taken = op.inPlace?.[name];
    const done = written.has(y) || (taken !== undefined && written.has(inputs[taken]));
    if (done || !(read.has(y) || taken)) continue;
    const files = new Set(list.map(({ kernel }) => `${kernel.kernel.name}.wgsl`));
    check(
      false,
      `no launch writes ${name}: ${[...files].join(', ')} does not bind it`,
      `declare var<storage, read_write> ${name}, or give it another name with bind: { …: ${name} }`,
    );
  }
}

/** The first error of a compiler, with file, line and the line's text. */
function told({ code, kernel }: Variant, messages: readonly CompilerMessage[]): string | undefined {
  const first = messages.find(({ type }) => type === 'error');
  if (!first) return undefined;
  const lines = code.split('\n');
  const text = lines[first.lineNum - 1] ?? '';
  // An unrolled variant has other line numbers than the file; find the file's line by its text.
  const original = kernel.reflection.code.split('\n').findIndex((line) => line.trim() === text.trim());
  const at = original >= 0 ? original + 1 : first.lineNum;
  const marker = ' '.repeat(Math.max(0, first.linePos - 1)) + '^'.repeat(Math.max(1, first.length));
  const shown = [
    `${kernel.name}.wgsl:${at}: ${firstLine(first.message)}`,
    first.lineNum > 1 ? `    ${at - 1} | ${lines[first.lineNum - 2]}` : '',
    `    ${at} | ${text}`,
    `    ${' '.repeat(String(at).length)} | ${marker}`,
  ];
  return shown.filter(Boolean).join('\n');
}

/** Messages of wgpu begin with an empty line and repeat the source behind the first one. */
const firstLine = (message: string): string => message.split('\n').find((line) => line.trim()) ?? message;
