// Lavapipe, the software GPU of Mesa, on Debian and Ubuntu: which release has one that works with WebGPU, and how it is
// installed.

import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  commandsFor,
  installDebian,
  systemHas,
  type Backports,
  type InstallOptions,
} from '../browser/packages.node';

const PACKAGE = 'mesa-vulkan-drivers';
/** Dawn refuses the lavapipe of Mesa 22, which cannot index arrays dynamically as it asks. */
const LEAST = 24;
/** The first releases whose Mesa is new enough, and those that have it in their backports. */
const NEW_ENOUGH: Readonly<Record<string, number>> = { debian: 13, ubuntu: 24.04 };
const BACKPORTED: Readonly<Record<string, readonly string[]>> = { debian: ['12'] };

/** Where the system says what it is, and where apt has its mirrors: both under `root`. */
const RELEASE = 'etc/os-release';
const SOURCES = 'etc/apt';
const DEBIAN = 'http://deb.debian.org/debian';

/** How a system comes by a lavapipe that works: from its release, from its backports, or not at all. */
export type Plan =
  | { readonly from: 'release' }
  | { readonly from: 'backports'; readonly backports: Backports }
  | { readonly from: 'nowhere'; readonly system: string };

/** The plan for the system whose files are under `root`; null where it is neither Debian nor one made of it. */
export function mesaPlan(root = '/'): Plan | null {
  const release = textOf(join(root, RELEASE));
  const field = (name: string) => new RegExp(`^${name}="?([^"\n]*)`, 'm').exec(release)?.[1] ?? '';
  const [id, version] = [field('ID'), field('VERSION_ID')];
  const family = [id, ...field('ID_LIKE').split(' ')];
  if (!family.includes('debian') && !family.includes('ubuntu')) return null;
  // A release that is to come has no number, and one that was made of Debian counts its own.
  if (version === '' || !(id in NEW_ENOUGH) || Number(version) >= NEW_ENOUGH[id]) return { from: 'release' };
  if (!BACKPORTED[id]?.includes(version)) return { from: 'nowhere', system: field('PRETTY_NAME') };
  const suite = `${field('VERSION_CODENAME')}-backports`;
  return { from: 'backports', backports: { suite, line: `deb ${mirrorOf(root)} ${suite} main` } };
}

/** The mirror that the system has Debian's packages from. */
function mirrorOf(root: string): string {
  const folder = join(root, SOURCES, 'sources.list.d');
  const parts = existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : [];
  const sources = [join(root, SOURCES, 'sources.list'), ...parts].map(textOf).join('\n');
  return /^(?:URIs:|deb )[^#\n]*?(https?:\/\/\S+\/debian)\/?(?= |$)/m.exec(sources)?.[1] ?? DEBIAN;
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** What to do for lavapipe, in lines: the commands, or why there are none. */
export function mesaAdvice(plan: Plan | null): string[] {
  if (!plan) return [];
  if (plan.from === 'nowhere') {
    return [
      `lavapipe, another software adapter: ${plan.system} has no Mesa ${LEAST} or newer; a newer release has`,
    ];
  }
  const commands = commandsFor(PACKAGE, plan.from === 'backports' ? plan.backports : undefined);
  return [
    `a software adapter that may be faster, lavapipe of Mesa ${LEAST} or newer: npx seqgpu doctor --install, or`,
    ...commands.map((command) => `  ${command}`),
  ];
}

/** Installs lavapipe as planned; whether it did. */
export async function installMesa(plan: Plan | null, options: InstallOptions): Promise<boolean> {
  if (!plan || !systemHas('apt-get')) return false;
  if (plan.from === 'nowhere') {
    for (const line of mesaAdvice(plan)) options.log(line);
    return false;
  }
  return installDebian(PACKAGE, options, plan.from === 'backports' ? plan.backports : undefined);
}
