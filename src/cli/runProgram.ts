// A command line from its words to the code that the program ends with: what fails is told on standard error, and as an
// object on standard output where --json is asked for.

import { plainly } from '../files/reading.node';
import { SeqgpuError } from '../graph/check';
import { readCommand } from './commands';
import { ending, isEnding, Stopped } from './engine/interruption.node';
import { underCommand } from './underCommand';

/** Does what the words of a command line ask for, and resolves to the code that the program ends with. */
export async function runProgram(words: readonly string[]): Promise<number> {
  const typed = { command: words[0], json: words.includes('--json') };
  try {
    const action = readCommand(words);
    try {
      return await action();
    } catch (error) {
      return report(error, 1, typed);
    }
  } catch (error) {
    return report(error, 2, typed);
  }
}

/** What of a command line decides how a failure is told. */
interface Typed {
  readonly command: string | undefined;
  readonly json: boolean;
}

/** Tells a message for what was foreseen, the stack as well for what was not; gives the program's code. */
function report(error: unknown, failed: number, { command, json }: Typed): number {
  // What else fails on the way out, a device that is gone, is of no interest.
  const reason = isEnding() ? ending() : plainly(error);
  const code = reason instanceof Stopped ? reason.code : failed;
  // Why it ends, that has been told already.
  if (reason instanceof SeqgpuError) console.error(underCommand(command, reason.message));
  else if (!(reason instanceof Stopped)) console.error(reason);
  if (json)
    console.log(
      JSON.stringify({ error: { message: messageOf(command, reason), kind: kindOf(reason) }, code }),
    );
  return code;
}

function messageOf(command: string | undefined, reason: unknown): string {
  if (reason instanceof SeqgpuError) return underCommand(command, reason.message);
  return reason instanceof Error ? reason.message : String(reason);
}

/** Why, in a word, where a program can do something about it. */
function kindOf(reason: unknown): string | undefined {
  if (reason instanceof Stopped) return 'stopped';
  return reason instanceof SeqgpuError ? reason.kind : undefined;
}
