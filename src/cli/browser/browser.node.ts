// A Chrome for the tests and the browser demos, and for its software GPU (SwiftShader) that Node borrows: the one
// that is there, or one that is installed now. Every attempt is said in one line. Nothing becomes root unasked, and
// nothing of the folder at hand is run.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { puppeteerFolders } from '../../gpu/device/vulkan.node.ts';
import { execute, installDebian, isProgram, type InstallOptions, type Log } from './packages.node.ts';

export type { InstallOptions, Log };

const VARIABLES = ['PUPPETEER_EXECUTABLE_PATH', 'CHROME_PATH'];
const COMMANDS = ['google-chrome-stable', 'google-chrome', 'chromium', 'chromium-browser', 'microsoft-edge'];

/** The path of a Chrome, or null; puppeteer's own environment variable and the system's browser come first. */
export function findChrome({ log = () => {} }: { log?: Log } = {}): string | null {
  for (const variable of VARIABLES) {
    const path = process.env[variable];
    if (!path) continue;
    if (isProgram(path)) return path;
    log(`${variable}=${path} is not a program.`);
  }
  return systemChromes().find(isProgram) ?? puppeteerChromes().find(runs) ?? null;
}

/** The puppeteer that downloads a Chrome: the one that drives it, see package.json. */
export const PUPPETEER = '24.43.1';

/** The path of a Chrome, downloaded by puppeteer or installed from Debian's packages when there is none. */
export async function findOrInstallChrome(options: InstallOptions): Promise<string> {
  const { log } = options;
  const found = findChrome({ log });
  if (found) return found;
  log(
    `No Chrome: not in ${VARIABLES.join(' or ')}, not among the system's programs, not in puppeteer's cache.`,
  );
  const installed = (await download(log)) ?? (await installPackage(options));
  if (installed) return installed;
  throw new Error(
    'Chrome: none was found and none could be installed; the lines above say what was tried.\n' +
      '    fix: install Google Chrome or Chromium, or set CHROME_PATH to one.',
  );
}

function systemChromes(): string[] {
  const { env, platform } = process;
  if (platform === 'darwin') {
    return ['Google Chrome', 'Chromium', 'Microsoft Edge'].map(
      (name) => `/Applications/${name}.app/Contents/MacOS/${name}`,
    );
  }
  if (platform === 'win32') {
    const roots = [env.PROGRAMFILES, env['PROGRAMFILES(X86)'], env.LOCALAPPDATA].filter((root) => root);
    const programs = ['Google\\Chrome\\Application\\chrome.exe', 'Microsoft\\Edge\\Application\\msedge.exe'];
    return programs.flatMap((program) => roots.map((root) => join(root!, program)));
  }
  const folders = (env.PATH ?? '').split(delimiter);
  return COMMANDS.flatMap((command) => folders.map((folder) => join(folder, command)));
}

function puppeteerChromes(): string[] {
  const mac = 'Google Chrome for Testing.app/Contents/MacOS/Google Chrome for Testing';
  const names = ['chrome', 'chrome.exe', mac, 'chrome-headless-shell', 'chrome-headless-shell.exe'];
  return puppeteerFolders()
    .flatMap((folder) => names.map((name) => join(folder, name)))
    .filter(isProgram);
}

/** Puppeteer's Chrome comes without the shared libraries that it needs, and a bare Linux has none of them. */
function runs(path: string): boolean {
  return process.platform !== 'linux' || spawnSync(path, ['--version'], { timeout: 20_000 }).status === 0;
}

async function download(log: Log): Promise<string | null> {
  log('Downloading Chrome with puppeteer (about 170 MB) ...');
  // npx prefers what the folder at hand has under the name: there is nothing in a new one.
  const cwd = mkdtempSync(join(tmpdir(), 'seqgpu-npx-'));
  const words = ['--yes', `puppeteer@${PUPPETEER}`, 'browsers', 'install', 'chrome'];
  const failure = await execute('npx', words, cwd);
  rmSync(cwd, { recursive: true, force: true });
  if (failure) log(`The download failed: ${failure}`);
  const chromes = puppeteerChromes();
  const chrome = chromes.find(runs) ?? null;
  if (chrome) log(`Downloaded ${chrome}`);
  else if (chromes.length > 0)
    log(`${chromes[0]} does not start: shared libraries that it needs are missing.`);
  return chrome;
}

async function installPackage(options: InstallOptions): Promise<string | null> {
  if (!(await installDebian('chromium', options))) return null;
  const chrome = systemChromes().find(isProgram) ?? null;
  if (chrome) options.log(`Installed ${chrome}`);
  return chrome;
}
