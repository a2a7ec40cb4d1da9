// What an address asks the bench for, and what of it is nonsense. It knows no page: texts in, words out.

import type { Field, Given, Plan, TaskCard } from '../work/messages';

const BEGIN = { task: 'adding', model: 'tcn' };

/** What is asked for, and what was but cannot be, in words. */
export interface Asked {
  readonly task: TaskCard;
  readonly model: string;
  readonly given: Given;
  readonly nonsense: readonly string[];
}

/** What a text means as a value of a field; undefined where it is none. */
export function valueOf({ kind }: Field, text: string): Given[string] | undefined {
  if (typeof kind !== 'string') return kind.includes(text) ? text : undefined;
  if (kind === 'text') return text;
  if (kind === 'texts' || kind === 'paths') return text.split(',');
  if (kind === 'boolean' || kind === 'switch')
    return text === 'true' ? true : text === 'false' ? false : undefined;
  const numbers = text.split(',').map(Number);
  if (!text.trim() || numbers.some(Number.isNaN)) return undefined;
  return kind === 'rates' || kind === 'numbers' ? numbers : numbers.length === 1 ? numbers[0] : undefined;
}

/** What these values of an address ask for: names that the tables lack are told, and the first is taken. */
export function askedIn(
  values: Readonly<Record<string, string>>,
  cards: readonly TaskCard[],
  fields: Plan['fields'] = [],
): Asked {
  const { task: wanted = BEGIN.task, model: other, preset, ...rest } = values;
  const nonsense: string[] = [];
  const task = cards.find(({ name }) => name === wanted) ?? cards.find(({ name }) => name === BEGIN.task)!;
  if (task.name !== wanted) nonsense.push(`There is no task called “${wanted}”.`);
  const model = other ?? (task.models.includes(BEGIN.model) ? BEGIN.model : task.models[0]);
  const has = task.models.includes(model);
  if (!has) nonsense.push(`There is no model called “${model}” on ${task.title}.`);
  const given: Record<string, Given[string]> = preset ? { preset } : {};
  for (const [name, text] of Object.entries(rest)) {
    const field = fields.find((one) => one.name === name);
    const value = field && valueOf(field, text);
    if (value !== undefined) given[name] = value;
    else if (field) nonsense.push(`“${name}=${text}” in the address: ${field.label} is ${field.wanted}.`);
    else if (fields.length) nonsense.push(`“${name}=${text}” in the address is no setting here.`);
  }
  return { task, model: has ? model : task.models[0], given, nonsense };
}
