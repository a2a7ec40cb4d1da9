// What is said of a shader that does not compile.

import { auditOf } from '../../graph/bound';
import { SeqgpuError } from '../../graph/check';
import type { Variant } from '../../graph/kernel';

/** What a compiler said of a shader; of one's own with file, line and the line's text. */
export async function compileError(
  variant: Variant,
  module: GPUShaderModule,
  otherwise: string,
): Promise<SeqgpuError> {
  const { messages } = await module.getCompilationInfo();
  const told = auditOf(variant.kernel)?.told(variant, messages);
  return new SeqgpuError(told ?? `${variant.kernel.name}.wgsl: ${otherwise}`);
}
