// What the reader of command lines has to say against one.

import { readCommand } from '../../src/cli/commands';

/** The message about a command line, or `no complaint`. */
export function complaint(line: string): string {
  try {
    readCommand(line.split(' '));
  } catch (error) {
    return (error as Error).message;
  }
  return 'no complaint';
}
