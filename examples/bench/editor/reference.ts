// Runs a reader's reference. It is a worker made of its text, not code made of text in the page: the page's policy allows
// no eval, and a worker sees nothing of the page, inherits a policy that lets it load and send nothing, and can be
// ended when it does not end.

import type { OwnKernel } from '../../../src/bench/index';

const SECONDS = 30;
/** Lines of the program above the reader's own. */
const ABOVE = 2;

/** What a worker answers. */
interface Answer {
  readonly values?: Record<string, Float64Array>;
  readonly failed?: string;
  readonly line?: number;
}

const programOf = (text: string, buffers: readonly string[], uniform: string): string => `"use strict";
const reference = async ({ ${buffers.join(', ')} }, ${uniform}) => {
${text}
};
onmessage = async ({ data: { values, params } }) => {
  try {
    await reference(values, params);
    postMessage({ values });
  } catch (error) {
    const line = Number(/blob:[^\\n]*?:(\\d+):\\d+/.exec(String(error?.stack))?.[1] ?? 0);
    postMessage({ failed: String(error), line });
  }
};
`;

/** A reference as `kernelCase` takes it. `uniform`: what the kernel calls its params. */
export function referenceFrom(text: string, uniform: string): NonNullable<OwnKernel['reference']> {
  return async (values, params) => {
    const program = programOf(text, Object.keys(values), uniform);
    const url = URL.createObjectURL(new Blob([program], { type: 'text/javascript' }));
    const worker = new Worker(url);
    let timer = 0;
    try {
      const answer = await new Promise<Answer>((resolve) => {
        const late = `it took more than ${SECONDS} s: make the sizes smaller`;
        timer = window.setTimeout(() => resolve({ failed: late }), SECONDS * 1000);
        worker.onmessage = ({ data }: MessageEvent<Answer>) => resolve(data);
        worker.onerror = ({ message, lineno }) => resolve({ failed: message, line: lineno });
        worker.postMessage({ values, params });
      });
      if (!answer.values) throw new Error(`The reference failed${placeOf(answer)}: ${answer.failed}.`);
      Object.assign(values, answer.values);
    } finally {
      clearTimeout(timer);
      worker.terminate();
      URL.revokeObjectURL(url);
    }
  };
}

const placeOf = ({ line = 0 }: Answer): string => (line > ABOVE ? ` in line ${line - ABOVE}` : '');
