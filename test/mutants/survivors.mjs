// node test/mutants/survivors.mjs [FOLDER …]: what `npm run mutate` has found last, as SURVIVORS.md has it: by folder,
// file and line the kinds of change that no test saw.

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const report = fileURLToPath(new URL('../../.cache/mutants/report.json', import.meta.url));
const { files } = JSON.parse(readFileSync(report, 'utf8'));
const SEEN = ['Killed', 'Timeout'];
const COUNTED = [...SEEN, 'Survived', 'NoCoverage'];
const counted = (name) => files[name].mutants.filter(({ status }) => COUNTED.includes(status));
const seen = (mutants) => mutants.filter(({ status }) => SEEN.includes(status)).length;

const folders = process.argv.slice(2);
const all = folders.length ? folders : [...new Set(Object.keys(files).map((name) => name.split('/')[1]))];
for (const folder of all) {
  const names = Object.keys(files).filter((name) => name.startsWith(`src/${folder}/`));
  const mutants = names.flatMap(counted);
  const share = ((100 * seen(mutants)) / mutants.length).toFixed(1);
  console.log(`## ${folder}: ${seen(mutants)} of ${mutants.length}, ${share} %\n`);
  for (const name of names.sort()) {
    const own = counted(name);
    if (seen(own) < own.length) console.log(`- \`${name}\`, ${seen(own)} of ${own.length}: ${left(own)}`);
  }
  console.log();
}

/** Line by line. */
function left(mutants) {
  const lines = new Map();
  for (const { status, mutatorName, location } of mutants) {
    if (SEEN.includes(status)) continue;
    const { line } = location.start;
    const kinds = lines.get(line) ?? new Set();
    lines.set(line, kinds.add(mutatorName + (status === 'NoCoverage' ? ' (not run)' : '')));
  }
  const sorted = [...lines].sort(([a], [b]) => a - b);
  return sorted.map(([line, kinds]) => `${line} ${[...kinds].join(', ')}`).join('; ');
}
