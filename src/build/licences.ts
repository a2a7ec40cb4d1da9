// The licences of packages that are bundled: everybody's text, for the file that goes along.

import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** The folder of the package that a module is from; empty of a module of ours. */
export const packageOf = (id: string): string => /^.*\/node_modules\/(@[^/]+\/)?[^/]+/.exec(id)?.[0] ?? '';

/** The texts of the packages in these folders, one behind the other. */
export const licences = (folders: readonly string[]): string => folders.map(licence).join('\n\n');

function licence(folder: string): string {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Record<
    string,
    string
  >;
  const texts = ['', 'licenses']
    .filter((inner) => existsSync(join(folder, inner)))
    .flatMap((inner) => readdirSync(join(folder, inner), { withFileTypes: true }))
    .filter((file) => file.isFile() && /licen[cs]e|notice/i.test(file.name))
    .map((file) => readFileSync(join(file.parentPath, file.name), 'utf8').trim());
  return [`${name} ${version} (${license})`, ...texts].join('\n\n');
}
