// What the reader of command lines has to say against one.

import { readCommand } from '../../src/cli/commands';
import { messageOf } from './message';

/** The message about a command line, or `no complaint`. */
export const complaint = (line: string): string => messageOf(() => readCommand(line.split(' ')));
