// Who holds a lock, and whether that process is still there. A process id says something only on its own machine, since
// its last start, and in its own process namespace (a container has one).

import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/** What a lock says, in JSON. */
export interface Holder {
  readonly pid: number;
  readonly host: string;
  /** Tells apart processes that had the same id, where the system says when they began. */
  readonly born?: string;
  /** The start of the machine, and the namespace that the id is of; where the system says them. */
  readonly boot?: string;
  readonly namespace?: string;
  readonly since: string;
  readonly command: string;
}

/** What the lock of this process says. */
export function thisProcess(): Holder {
  const { pid } = process;
  return {
    pid,
    host: hostname(),
    born: birthOf(pid),
    boot: bootId(),
    namespace: namespaceId(),
    since: new Date().toISOString(),
    command: ['npx seqgpu', ...process.argv.slice(2)].join(' '),
  };
}

/** Null where a text is none: an id below 1 is that of no process, and to the system it means many. */
export function parseHolder(text: string): Holder | null {
  try {
    const holder = JSON.parse(text) as Partial<Holder> | null;
    const right = Number.isSafeInteger(holder?.pid) && holder!.pid! > 0 && typeof holder!.host === 'string';
    return right ? (holder as Holder) : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

/** Whether the holder is alive; undefined where nobody here can tell. */
export function isHere({ pid, host, born, boot, namespace }: Holder): boolean | undefined {
  const [ownBoot, ownNamespace] = [bootId(), namespaceId()];
  const known = boot !== undefined && ownBoot !== undefined;
  if (known && boot !== ownBoot) return host === hostname() ? false : undefined;
  if (!known && host !== hostname()) return undefined;
  if (namespace !== undefined && ownNamespace !== undefined && namespace !== ownNamespace) return undefined;
  try {
    process.kill(pid, 0);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ESRCH') return false;
    // EPERM: it is there, and somebody else's.
    if (code !== 'EPERM') throw error;
  }
  const now = birthOf(pid);
  return now !== ENDED && (born === undefined || now === undefined || born === now);
}

const ENDED = 'ended';

/** When a process began, on Linux: its boot and the ticks since; ENDED if it only waits to be collected. */
function birthOf(pid: number): string | undefined {
  const stat = systemText(`/proc/${pid}/stat`);
  const boot = bootId();
  if (stat === undefined || boot === undefined) return undefined;
  // Behind the name, which may have spaces and brackets, stand the third field, its state, and those after it.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields[0] === 'Z' || fields[0] === 'X' ? ENDED : `${boot} ${fields[22 - 3]}`;
}

const bootId = (): string | undefined => systemText('/proc/sys/kernel/random/boot_id')?.trim();

/** E.g. `pid:[4026531836]`, on Linux. */
const namespaceId = (): string | undefined => ifThere(() => readlinkSync('/proc/self/ns/pid'));

const systemText = (path: string): string | undefined => ifThere(() => readFileSync(path, 'utf8'));

/** What the system says, where it says that. */
function ifThere(read: () => string): string | undefined {
  try {
    return read();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    return undefined;
  }
}
