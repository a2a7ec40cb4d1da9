// How long a page kept its own thread busy, by a trace of Chrome.

interface Traced {
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  /** Microseconds of computing. */
  readonly tdur?: number;
  readonly args: { readonly name?: string };
}

/** The tasks of the pages' threads in a trace of the category `toplevel`, and milliseconds of computing in the longest. */
export function longestTask(trace: Uint8Array): { tasks: number; longest: number } {
  const { traceEvents } = JSON.parse(Buffer.from(trace).toString()) as { traceEvents: Traced[] };
  const threads = traceEvents.filter(
    ({ name, args }) => name === 'thread_name' && args.name === 'CrRendererMain',
  );
  const main = new Set(threads.map(({ pid, tid }) => `${pid} ${tid}`));
  const tasks = traceEvents.filter(
    ({ name, pid, tid }) => name.endsWith('RunTask') && main.has(`${pid} ${tid}`),
  );
  return { tasks: tasks.length, longest: Math.max(...tasks.map(({ tdur = 0 }) => tdur / 1000)) };
}
