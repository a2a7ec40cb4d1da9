// Where a Linux machine keeps what Dawn and wgpu need: a Vulkan loader, and the ICD file of a driver. Chrome and
// Chromium bring both (SwiftShader, a software GPU), so one of them is all that a machine without a GPU needs.

import { existsSync, readFileSync, readdirSync, realpathSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { homeFolder } from '../../files/home.node.ts';

const LOADER = 'libvulkan.so.1';
const ICD = 'vk_swiftshader_icd.json';

/** Folders that hold a Chrome or Chromium on this machine, without promise that it runs. */
export function chromeFolders(): string[] {
  const named = [process.env.PUPPETEER_EXECUTABLE_PATH, process.env.CHROME_PATH].flatMap((path) =>
    path && existsSync(path) ? [dirname(realpathSync(path))] : [],
  );
  const installed = [
    '/usr/lib/chromium',
    '/usr/lib/chromium-browser',
    '/usr/lib64/chromium-browser',
    '/opt/google/chrome',
    '/opt/google/chrome-beta',
    '/opt/google/chrome-unstable',
    '/opt/chromium.org/chromium',
    '/snap/chromium/current/usr/lib/chromium-browser',
  ];
  return [...named, ...installed, ...puppeteerFolders()].filter((folder) => existsSync(folder));
}

/** Folders of the browsers that puppeteer has downloaded, newest first. */
export function puppeteerFolders(): string[] {
  const cache = process.env.PUPPETEER_CACHE_DIR || join(homeFolder(), '.cache', 'puppeteer');
  return ['chrome', 'chrome-headless-shell']
    .flatMap((browser) => newestFirst(join(cache, browser)))
    .flatMap((version) => newestFirst(version));
}

function newestFirst(folder: string): string[] {
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder).sort((a, b) => b.localeCompare(a, 'en', { numeric: true }));
  return names.map((name) => join(folder, name));
}

/** ICD files of software adapters, the one to try first in front. */
export function softwareIcds(): string[] {
  return chromeFolders()
    .map((folder) => join(folder, ICD))
    .filter((icd) => existsSync(icd));
}

/** A driver that computes on the CPU, by its ICD file. */
export interface SoftwareDriver {
  readonly icd: string;
  readonly kind: 'SwiftShader' | 'lavapipe';
}

/**
 * The software drivers of this machine, the one to take first in front where nothing is measured. Of the Chromes the
 * first one stands for all: their SwiftShaders differ little.
 */
export function softwareDrivers(): SoftwareDriver[] {
  const ours = softwareIcds().map((icd): SoftwareDriver => ({ icd, kind: 'SwiftShader' }));
  const drivers = [...ours.slice(0, 1), ...systemIcds().flatMap((icd) => softwareAt(icd) ?? [])];
  const places = drivers.map(({ icd }) => realpathSync(icd));
  return drivers.filter((_, i) => places.indexOf(places[i]) === i);
}

function softwareAt(icd: string): SoftwareDriver | null {
  const library = libraryOf(icd);
  if (/swiftshader/i.test(library)) return { icd, kind: 'SwiftShader' };
  return /lvp|lavapipe/i.test(library) ? { icd, kind: 'lavapipe' } : null;
}

/** The library that an ICD file names, by its path where it has one; the file itself where it cannot be read. */
export function libraryOf(icd: string): string {
  try {
    const { ICD } = JSON.parse(readFileSync(icd, 'utf8')) as { ICD?: { library_path?: string } };
    const library = ICD?.library_path ?? icd;
    return library.includes('/') ? resolve(dirname(icd), library) : library;
  } catch {
    return icd;
  }
}

/** What Debian and Fedora call an architecture in the names of ICD files, by Node's name. */
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'x86_64', arm64: 'aarch64', ia32: 'i686' };

/** The ICD files that the Vulkan loader finds by itself, but for those of another architecture. */
function systemIcds(): string[] {
  const { env, arch } = process;
  const home = env.HOME || homeFolder();
  const roots = [
    env.XDG_CONFIG_HOME || join(home, '.config'),
    ...(env.XDG_CONFIG_DIRS || '/etc/xdg').split(delimiter),
    '/etc',
    env.XDG_DATA_HOME || join(home, '.local/share'),
    ...(env.XDG_DATA_DIRS || '/usr/local/share:/usr/share').split(delimiter),
  ];
  const folders = roots.filter(Boolean).map((root) => join(root, 'vulkan/icd.d'));
  return [...new Set(folders)].flatMap((folder) =>
    (existsSync(folder) ? readdirSync(folder).sort() : [])
      .filter((name) => name.endsWith('.json'))
      .filter((name) => [undefined, ARCHITECTURES[arch]].includes(/\.(\w+)\.json$/.exec(name)?.[1]))
      .map((name) => join(folder, name))
      .filter((icd) => existsSync(icd)),
  );
}

/** ICD files of real GPUs outside the folders that the loader searches: containers mount NVIDIA's here. */
export function hardwareIcds(): string[] {
  return ['/usr/local/nvidia/share/vulkan/icd.d/nvidia_icd.json'].filter((icd) => existsSync(icd));
}

/** Whether the kernel shows a GPU. Without one, asking the system's drivers only makes them complain. */
export function hasGpuDevice(): boolean {
  if (['/dev/nvidiactl', '/dev/dxg', '/dev/kfd', '/dev/mali0'].some((path) => existsSync(path))) return true;
  return existsSync('/dev/dri') && readdirSync('/dev/dri').some((name) => name.startsWith('renderD'));
}

/** The Vulkan loader's path or name: the system's, or the copy that a Chrome brings; null without either. */
export function loadVulkanLoader(): string | null {
  return [LOADER, ...chromeLoaders()].find(staysLoaded) ?? null;
}

const chromeLoaders = () =>
  chromeFolders()
    .map((folder) => join(folder, LOADER))
    .filter((path) => existsSync(path));

// A library is found by its soname once it is in the process, so a loader opened here by its path is the one that
// Dawn gets. process.dlopen refuses it (it is no Node addon) after it has loaded it; RTLD_NODELETE makes it stay.
function staysLoaded(library: string): boolean {
  const RTLD_NODELETE = 0x1000;
  try {
    process.dlopen({ exports: {} }, library, constants.dlopen.RTLD_NOW | RTLD_NODELETE);
    return true;
  } catch (error) {
    return String(error).includes('did not self-register');
  }
}

/** Mesa's EGL writes to standard error when there is no runtime folder; any folder does. */
export function withoutNoise(environment: Record<string, string | undefined> = process.env): void {
  environment.XDG_RUNTIME_DIR ||= tmpdir();
}

/** Environment for another program (Deno's wgpu, say) that should find the same software adapter by itself. */
export function vulkanEnvironment(): Record<string, string> {
  const environment = Object.fromEntries(
    Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
  if (process.platform !== 'linux') return environment;
  withoutNoise(environment);
  const loaders = chromeLoaders().map((path) => dirname(path));
  const path = [environment.LD_LIBRARY_PATH, ...(staysLoaded(LOADER) ? [] : loaders)].filter(Boolean);
  if (path.length > 0) environment.LD_LIBRARY_PATH = path.join(delimiter);

  const chosen = environment.VK_DRIVER_FILES || environment.VK_ICD_FILENAMES;
  const icd = environment.SEQGPU_ICD || (hasGpuDevice() ? hardwareIcds() : softwareIcds())[0];
  if (!chosen && icd) environment.VK_ICD_FILENAMES = icd;
  return environment;
}
