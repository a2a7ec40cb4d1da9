// `seqgpu data`: what data sets are known and whether they are here; `seqgpu data NAME`: fetches one.

import { dataFolder } from '../data/folder.node';
import { SOURCES, fetchData, listData, type FileState } from '../data/sources.node';
import { fail } from '../graph/check';
import { oneOf } from '../spec/words';
import { readFlags } from './flags/flags';
import { DATA_FLAGS } from './flags/place';
import { table } from '../report/text.node';

/** Reads the words of `data`; the action lists the data sets or fetches one, and gives the exit code. */
export function readDataCommand(words: readonly string[]): () => Promise<number> {
  const { positionals, given } = readFlags('data', words, DATA_FLAGS);
  const names = SOURCES.map(({ name }) => name);
  if (positionals.length > 1) {
    fail(`data: one name at a time, ${positionals.length} were given.`, { given: positionals.join(' ') });
  }
  const [word] = positionals;
  const name = word === undefined ? null : oneOf('data: the data set', word, names);
  const folder = dataFolder({ option: given.data as string | undefined });
  return async () => {
    if (name) await fetchData(name, folder, console.log);
    else list(folder);
    return 0;
  };
}

const STATES: Record<FileState, string> = {
  present: 'present',
  missing: 'missing',
  different: 'has other bytes than the published file',
};

function list(folder: string): void {
  console.log(`data folder: ${folder}`);
  const rows = listData(folder).map(({ source, path, state }) => [
    source.name,
    STATES[state],
    source.title,
    path.slice(folder.length + 1),
  ]);
  console.log(table(['name', 'state', 'what it is', 'file'], rows));
  const missing = listData(folder).find(({ state }) => state === 'missing');
  if (missing) console.log(`Fetch with \`npx seqgpu data ${missing.source.name}\`.`);
}
