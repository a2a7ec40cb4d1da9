// The program `seqgpu`. Ends with 0 when all went well, 1 when something failed, 2 when the words on the
// command line were wrong, and 130 when interrupted.

import { SeqgpuError } from '../graph/check';
import { closeEngines } from './adapter.node';
import { readCommand } from './commands';

// Files are written whole or not at all (runFolder.node.ts), so stopping at once is safe.
process.on('SIGINT', () => void stop(130));
process.on('SIGTERM', () => void stop(143));

let stopping = false;

/** Ends the program when the device has come to rest: while it still computes, Dawn crashes on the way out. */
async function stop(code: number): Promise<never> {
  stopping = true;
  await closeEngines();
  process.exit(code);
}

// `seqgpu help | head` closes the pipe: nobody reads on, and that is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));

process.exitCode = await main(process.argv.slice(2));

async function main(words: readonly string[]): Promise<number> {
  try {
    const action = readCommand(words);
    try {
      return await action();
    } catch (error) {
      return report(error, 1);
    }
  } catch (error) {
    return report(error, 2);
  }
}

/** A message for what was foreseen; the stack as well for what was not. */
function report(error: unknown, code: number): number {
  if (stopping) return code;
  if (error instanceof SeqgpuError) console.error(error.message);
  else console.error(error);
  return code;
}
