// What the program serves to browsers: to this machine alone unless it is told otherwise, and under no other's name. A
// page of somebody else could have its own name lead here, and would then be allowed to read what is served.

import type { Server } from 'node:http';
import { isIP, type AddressInfo } from 'node:net';
import { fail } from '../../graph/check';

const HERE = '127.0.0.1';
const OWN = /^(127\.0\.0\.1|localhost|\[::1\])$/;

/** Where a server is to listen. */
export interface Listening {
  /** Who complains: a name of a command. */
  readonly who: string;
  /** The flag that gives another port. */
  readonly flag: string;
  /** Default: this machine alone. */
  readonly host?: string;
  /** Default: the usual one or, where that is taken, another. */
  readonly port?: number;
  readonly usual: number;
}

/** Whether the `Host` of a request is a name of this machine's own or, where others may ask, what they were told. */
export function isOwnHost(given: string | undefined, host = HERE): boolean {
  const name = (given ?? '').replace(/:\d+$/, '');
  if (OWN.test(name)) return true;
  if (host === HERE || host === 'localhost') return false;
  // Nobody can have a number lead elsewhere.
  return name === host || isIP(name.replace(/^\[|\]$/g, '')) > 0;
}

/** Has a server listen; gives its address. It holds the process until it closes. */
export async function listenAt(
  server: Server,
  { who, flag, host = HERE, port, usual }: Listening,
): Promise<string> {
  try {
    await listen(server, port ?? usual, host);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE' || port !== undefined) {
      return fail(
        `${who}: it cannot listen at ${host}, port ${port ?? usual}: ${(error as Error).message}.`,
        {
          fix: `give another ${flag}.`,
        },
      );
    }
    await listen(server, 0, host);
  }
  return `http://${host.includes(':') ? `[${host}]` : host}:${(server.address() as AddressInfo).port}/`;
}

const listen = (server: Server, port: number, host: string): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
