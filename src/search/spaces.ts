// Where a search draws settings from: what options and tasks declare, around the preset of a task and model. What a
// preset does not have is not searched, so that every model keeps to the settings that it knows.

import { TABLES, optionsOf, pairOf, type Tables } from '../runs/tables';
import type { Training } from '../runs/training';
import type { Option, Range, Values } from '../spec/option';
import { TRAINING } from '../spec/training';
import type { Space } from './search';

/** The settings that are searched, of a base. `fixed` are not, whatever they are. */
export function spaceOf(base: Training, fixed: readonly string[] = [], tables: Tables = TABLES): Space {
  const pair = pairOf(base.task, base.model, tables);
  const declared = Object.entries<Option>({ ...TRAINING, ...optionsOf(pair) }).flatMap(
    ([name, { search }]): [string, Range][] => (search ? [[name, search]] : []),
  );
  const { any, [pair.model.name]: own } = pair.task.search ?? {};
  const all: Space = { ...Object.fromEntries(declared), ...any, ...own };
  const given: Values = base;
  return Object.fromEntries(Object.entries(all).filter(([name]) => given[name] && !fixed.includes(name)));
}
