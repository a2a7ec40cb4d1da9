// The program `seqgpu`. Ends with 0 when all went well, 1 when something failed, 2 when the words on the command line
// were wrong, 129, 130 and 143 when it was interrupted, and 141 when nobody read its output to the end.

import { SeqgpuError } from '../graph/check';
import { readCommand } from './commands';
import { endingCode, hearInterruptions, isEnding } from './interruption.node';

hearInterruptions();
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

/** Tells a message for what was foreseen, the stack as well for what was not; gives the program's code. */
function report(error: unknown, code: number): number {
  // What else fails on the way out, a device that is gone, is of no interest.
  if (isEnding()) return endingCode();
  if (error instanceof SeqgpuError) console.error(error.message);
  else console.error(error);
  return code;
}
