// What is installed with a clone, by its lock file: under which licences, with which programs that run by being
// installed, and whether each package is told by a checksum.

import lock from '../../package-lock.json';
import { allowScripts } from '../../package.json';

/** Licences that let anybody use, change and hand on, with the notice at most. */
const FREE = [
  'MIT',
  'ISC',
  'BSD-2-Clause',
  'BSD-3-Clause',
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'Python-2.0',
];

/** Others, of packages that are installed to build and test, and of which nothing is in ours. */
const TOOLS: Readonly<Record<string, string>> = {
  'MPL-2.0': 'lightningcss, which Vite has for style sheets',
  'CC-BY-4.0': 'caniuse-lite, data of browsers, which webpack reads',
};

/** Why a package would run a program when it is installed, and what becomes of that: see allowScripts. */
const SCRIPTS: Readonly<Record<string, string>> = {
  deno: 'puts its program in the place of its launcher: not run; the launcher finds it',
  esbuild: 'checks that the program for this system is there, and fetches it where it is not: not needed',
  'msgpackr-extract':
    'looks for a library that reads the messages of a queue faster, or builds it: not run, not needed',
  puppeteer: 'downloads a Chrome: not run; `seqgpu doctor --install` does so when it is asked to',
  webgpu: 'takes the mark of quarantine from its library, on macOS alone: run',
};

interface Locked {
  readonly version?: string;
  readonly license?: string;
  readonly integrity?: string;
  readonly hasInstallScript?: boolean;
}

/** A package of the lock file. */
export interface Supplied extends Locked {
  readonly name: string;
}

/** All packages of the lock file, but ours. */
export const supplied = (packages: Readonly<Record<string, Locked>> = lock.packages): Supplied[] =>
  Object.entries(packages)
    .filter(([path]) => path)
    .map(([path, one]) => ({ ...one, name: path.split('node_modules/').at(-1)! }));

/** What is wrong with packages: a licence that nobody has looked at, a program, a missing checksum. */
export function complaints(packages: readonly Supplied[]): string[] {
  return packages.flatMap(({ name, license = 'none', integrity, hasInstallScript }) => [
    ...(FREE.includes(license) || Object.hasOwn(TOOLS, license)
      ? []
      : [`${name}: its licence is ${license}`]),
    ...(integrity?.startsWith('sha512-') ? [] : [`${name}: it has no sha512`]),
    ...(hasInstallScript && !Object.hasOwn(SCRIPTS, name)
      ? [`${name}: it runs a program when installed`]
      : []),
  ]);
}

/** Rows of a Markdown table: licences with how many packages have them, and programs. */
export function supplyTable(packages: readonly Supplied[]): string {
  const count = new Map<string, number>();
  for (const { license = 'none' } of packages) count.set(license, (count.get(license) ?? 0) + 1);
  const licences = [...count]
    .sort((a, b) => b[1] - a[1])
    .map(([name, n]) => `| ${name} | ${n} | ${TOOLS[name] ?? ''} |`);
  const allowed: Readonly<Record<string, boolean>> = allowScripts;
  const scripts = packages
    .filter(({ hasInstallScript }) => hasInstallScript)
    .map(({ name }) => `| ${name} | ${allowed[name] ? 'yes' : 'no'} | ${SCRIPTS[name]} |`);
  return [
    '| licence | packages | |',
    '| --- | ---: | --- |',
    ...licences,
    '',
    '| runs a program when installed | allowed | what it is |',
    '| --- | --- | --- |',
    ...scripts,
  ].join('\n');
}
