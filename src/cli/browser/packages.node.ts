// Debian's packages: installed by root, by sudo where that is allowed, and otherwise told as commands.

import { spawn } from 'node:child_process';
import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Takes a line that tells what is being tried. */
export type Log = (line: string) => void;

/** How something is installed. */
export interface InstallOptions {
  readonly log: Log;
  /** Whether packages may be installed by sudo; root does so anyway. Default: false. */
  readonly sudo?: boolean;
}

/** Packages of a newer release: the suite that has them, and the line that apt needs for it. */
export interface Backports {
  readonly suite: string;
  readonly line: string;
}

/** The commands that install a package, as a person types them. */
export function commandsFor(name: string, backports?: Backports): string[] {
  const add = backports ? [`sudo sh -c "${addition(backports)}"`] : [];
  return [...add, `sudo apt-get update && sudo apt-get ${wordsFor(name, backports).join(' ')}`];
}

const addition = ({ suite, line }: Backports) => `echo '${line}' > /etc/apt/sources.list.d/${suite}.list`;

const wordsFor = (name: string, backports?: Backports) => {
  const newer = backports ? ['-t', backports.suite] : [];
  return ['install', '-y', '--no-install-recommends', ...newer, name];
};

const APT = ['env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get'];

/** Installs a package by apt-get; false where there is none, where it may not, and where that fails. */
export async function installDebian(
  name: string,
  { log, sudo = false }: InstallOptions,
  backports?: Backports,
): Promise<boolean> {
  if (!systemHas('apt-get')) return false;
  const root = process.getuid?.() === 0;
  if (!root && !sudo) {
    log(`Debian's package ${name} was not tried: that takes root. As you would do it:`);
    for (const command of commandsFor(name, backports)) log(`    ${command}`);
    return false;
  }
  log(`Installing Debian's package ${name} ...`);
  const run = (...words: string[]) => {
    const [program, ...rest] = root ? words : ['sudo', '-n', ...words];
    return execute(program, rest);
  };
  const failure =
    (backports ? await run('sh', '-c', addition(backports)) : null) ??
    (await run(...APT, 'update')) ??
    (await run(...APT, ...wordsFor(name, backports)));
  if (failure) log(`The package was not installed: ${failure}`);
  return !failure;
}

/** Whether a command is among the programs. */
export const systemHas = (command: string): boolean =>
  (process.env.PATH ?? '').split(delimiter).some((folder) => isProgram(join(folder, command)));

/** Whether a file can be run. */
export function isProgram(path: string): boolean {
  if (!existsSync(path) || !statSync(path).isFile()) return false;
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Runs a program quietly; null when it succeeded, else the line of its output that says why not. */
export function execute(program: string, parameters: string[], cwd?: string): Promise<string | null> {
  return new Promise((resolve) => {
    // On Windows npx is a .cmd file, which only a shell can start; every parameter is a constant of this file.
    const child = spawn(program, parameters, {
      cwd,
      shell: process.platform === 'win32',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    child.stdout.on('data', (text) => (output += text));
    child.stderr.on('data', (text) => (output += text));
    child.on('error', (error) => resolve(error.message));
    child.on('close', (code) =>
      resolve(code === 0 ? null : (reason(output) ?? `${program} ended with ${code}`)),
    );
  });
}

/** The first line that speaks of an error, with what it announces by a colon at its end. */
function reason(output: string): string | null {
  const lines = output.split('\n').flatMap((line) => line.trim() || []);
  const first = lines.findIndex((line) => /error|fail|unable/i.test(line));
  if (first < 0) return lines.at(-1) ?? null;
  return lines.slice(first, lines[first].endsWith(':') ? first + 2 : first + 1).join(' ');
}
