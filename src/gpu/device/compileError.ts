// A shader's compile error with file, line and the line's text, and a fix where one can be guessed.

import { SeqgpuError } from '../../graph/check';
import type { Variant } from '../../graph/kernel';

/** What the compiler says of a kernel, as an error with the lines that it means; `otherwise` where it says nothing. */
export async function annotate(
  variant: Variant,
  module: GPUShaderModule,
  otherwise: string,
): Promise<SeqgpuError> {
  const { messages } = await module.getCompilationInfo();
  const first = messages.find(({ type }) => type === 'error');
  const name = variant.kernel.name;
  if (!first) return new SeqgpuError(`${name}.wgsl: ${otherwise}`);
  const lines = variant.code.split('\n');
  const text = lines[first.lineNum - 1] ?? '';
  // An unrolled variant has other line numbers than the file; find the file's line by its text.
  const original = variant.kernel.reflection.code
    .split('\n')
    .findIndex((line) => line.trim() === text.trim());
  const at = original >= 0 ? original + 1 : first.lineNum;
  const marker = ' '.repeat(Math.max(0, first.linePos - 1)) + '^'.repeat(Math.max(1, first.length));
  const shown = [
    `${name}.wgsl:${at}: ${firstLine(first.message)}`,
    first.lineNum > 1 ? `    ${at - 1} | ${lines[first.lineNum - 2]}` : '',
    `    ${at} | ${text}`,
    `    ${' '.repeat(String(at).length)} | ${marker}`,
  ];
  return new SeqgpuError(shown.filter(Boolean).join('\n'));
}

/** wgpu's messages begin with an empty line and repeat the source behind the first one. */
const firstLine = (message: string): string => message.split('\n').find((line) => line.trim()) ?? message;
