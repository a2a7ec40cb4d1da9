// The program `seqgpu`. Ends with 0 when all went well, 1 when something failed, 2 when the words on the command line
// were wrong, 129, 130 and 143 when it was interrupted, and 141 when nobody read its output to the end.

import { hearInterruptions } from './engine/interruption.node';
import { runProgram } from './runProgram';

hearInterruptions();
process.exitCode = await runProgram(process.argv.slice(2));
