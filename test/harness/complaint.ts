// What the reader of command lines has to say against one.

import { readCommand } from '../../src/cli/commands';
import type { Tables } from '../../src/runs/tables';
import { messageOf } from './message';

/** The message about a command line, before anything is done, or `no complaint`. */
export const complaint = (line: string, tables?: Tables): string =>
  messageOf(() => readCommand(line.split(' '), tables));
