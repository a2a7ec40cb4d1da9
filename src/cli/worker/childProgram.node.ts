// The program that a trial's process runs, whoever starts it: this command line, as the child of a worker.

import type { ChildProgram } from '../../queue/trialProcess.node';

/** The program of a child with the flags that it is given. */
export function childProgram({
  data,
  family,
}: {
  readonly data?: unknown;
  readonly family?: unknown;
}): ChildProgram {
  const words = ['worker', '--child'];
  if (data !== undefined) words.push('--data', String(data));
  if (family !== undefined) words.push('--family', String(family));
  return { module: process.argv[1], words };
}
