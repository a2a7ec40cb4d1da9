// Which options go with which task and model, as these declare it: nothing that was asked for may be ignored in
// silence.

import { fail } from '../graph/check';
import { kebabCase, type Options, type Values } from '../spec/option';
import { nearestName } from '../spec/words';
import { presetOf } from './presets';
import { TABLES, allOptions, optionsOf, pairOf, type Pair, type Tables } from './tables';
import { wishOf, type Given } from './settings';

const LEAVE = 'leave it out.';

function refuse(name: string, what: string, fix: string): never {
  fail(`--${kebabCase(name)} does not go with ${what}.`, { fix });
}

/** Refuses options that this task or model has no use for, whatever their values are. */
export function checkNames(pair: Pair, names: readonly string[], tables: Tables): void {
  const [known, own] = [allOptions(tables), optionsOf(pair)];
  for (const name of names) if (name in known && !(name in own)) refuseForeign(name, pair, tables);
}

/** Refuses options that this task or model has no use for, or that do not go with each other. */
export function checkGiven(task: string, model: string, given: Given, tables: Tables = TABLES): void {
  const pair = pairOf(task, model, tables);
  checkNames(pair, Object.keys(given), tables);
  if ('epochs' in given && !pair.task.data)
    refuse('epochs', task, pair.task.lacks?.epochs ?? 'give --steps.');
  if ('steps' in given && 'epochs' in given) refuse('epochs', '--steps', 'give one of the two.');
  if (given.resume) {
    // The run has its settings: those that are given are compared with them.
    if ('preset' in given) refuse('preset', '--resume', 'the run has its settings; leave it out.');
    return;
  }
  const own = optionsOf(pair);
  const settings: Values = { ...presetOf(task, model, ...wishOf(given), tables), ...given };
  checkTogether(own, given, settings);
  pair.model.check?.(settings);
  pair.task.check?.(settings);
}

function checkTogether(own: Options, given: Given, settings: Values): void {
  for (const name of Object.keys(given)) {
    const misfit = own[name]?.misfit?.(settings);
    if (misfit) refuse(name, misfit.with, misfit.fix);
  }
}

/** Says whose the option is, and where nothing better is known, which of those that go with the pair was meant. */
function refuseForeign(name: string, pair: Pair, tables: Tables): never {
  const { task, model } = pair;
  const { reads } = task;
  const has = (options: Options) => name in options;
  const leaving = (why: string) => {
    const near = nearestName(kebabCase(name), Object.keys(optionsOf(pair)).map(kebabCase));
    return near ? `did you mean --${near}? If not, leave it out: ${why}.` : `${why}; ${LEAVE}`;
  };
  const here = tables.models.filter(({ options, on: { [reads]: there } }) => {
    return there && (has(options) || has(there.options));
  });
  if (here.length) {
    const elsewhere = Object.values(model.on).some(({ options }) => has(options));
    const what = `--model ${model.name}${elsewhere ? ` on ${task.name}` : ''}`;
    const names = here.map((one) => one.name);
    refuse(name, what, model.lacks?.[name] ?? leaving(`only a ${listed(names, 'or')} has it`));
  }
  const { [name]: why } = task.lacks ?? {};
  const kinds = new Set(
    tables.tasks.filter((one) => isFor(name, one.reads, one.options, tables)).map(kindOf),
  );
  refuse(name, task.name, why ?? leaving(`it is for ${listed([...kinds], 'and')}`));
}

const kindOf = ({ kind }: Pair['task']): string => (kind === 'drawn' ? 'tasks that are drawn' : kind);

/** Whether tasks that read such a thing have the option, or some model there. */
const isFor = (name: string, reads: Pair['task']['reads'], own: Options, { models }: Tables): boolean =>
  name in own || models.some(({ on }) => name in (on[reads]?.options ?? {}));

/** a, b or c */
const listed = (names: readonly string[], word: string): string =>
  names.length < 2 ? names.join() : `${names.slice(0, -1).join(', ')} ${word} ${names.at(-1)}`;
