// What a launch of a call binds, and who checks it.

import type { Kernel, Variant } from './kernel';
import { Tensor, type Call, type Dispatch, type Part } from './tensor';
import type { Traits } from './traits';

/** What the call has for a name of the kernel; undefined where the op has nothing of it. */
export function boundTo(name: string, { bind }: Dispatch, { inputs, outputs }: Call): Part | undefined {
  const bound: Tensor | Part | undefined = bind?.[name] ?? outputs[name] ?? inputs[name];
  return bound instanceof Tensor ? { tensor: bound, offset: 0, size: bound.size } : bound;
}

/**
 * What the WGSL of a kernel and the op that launches it owe each other, and what a compiler says of it in the words of
 * its file. The library's own kernels have it only in the tests, which run all of them: see ownKernel.ts.
 */
export interface Audit {
  /** Refuses a launch, with these params by name, on this device. */
  launch(dispatch: Dispatch, call: Call, params: Readonly<Record<string, unknown>>, traits: Traits): void;
  /** Refuses launches that leave a result unwritten. `read`: what others read; `written`: what the launches write. */
  written(
    call: Call,
    list: readonly Dispatch[],
    written: ReadonlySet<Tensor>,
    read: ReadonlySet<Tensor>,
  ): void;
  /** The message of a compiler with file, line and the line's text. */
  told(variant: Variant, messages: readonly CompilerMessage[]): string | undefined;
}

/** What is used of it. */
export interface CompilerMessage {
  readonly type: string;
  readonly message: string;
  readonly lineNum: number;
  readonly linePos: number;
  readonly length: number;
}

/** Undefined for a kernel that was audited before. */
export const auditOf = (kernel: Kernel & { readonly audit?: Audit }): Audit | undefined => kernel.audit;
