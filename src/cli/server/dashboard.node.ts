// `--dashboard`: bull-board's page on the queue of trials, beside a search or study that runs. It only reads, and is
// for this machine alone unless --dashboard-at says otherwise. bull-board is the user's to install.

import { createServer, type RequestListener } from 'node:http';
import { createRequire } from 'node:module';
import type { Queue } from 'bullmq';
import { fail } from '../../graph/check';
import { checkPackages } from '../../queue/packages.node';
import type { Flags } from '../flags/flags';
import { isOwnHost, listenAt } from './local.node';

/** Flags of what can show a page on its queue. */
export const DASHBOARD_FLAGS = {
  dashboard: { kind: 'switch', help: 'with --queue: a page on its trials, for this machine alone' },
  'dashboard-at': {
    kind: 'text',
    help: 'HOST:PORT of that page, for others too: whoever reaches it sees your trials',
  },
} as const satisfies Flags;

const BOARD = '@bull-board/express';

/** What is used of it, and of @bull-board/api beneath it, which need not be there. */
interface Board {
  createBullBoard(given: { queues: readonly object[]; serverAdapter: object }): void;
}
interface QueueAdapters {
  BullMQAdapter: new (queue: Queue, options: { readOnlyMode: boolean; description?: string }) => object;
}
interface ServerAdapters {
  ExpressAdapter: new () => { setBasePath(path: string): unknown; getRouter(): RequestListener };
}

const PORT = 8485;
const HEADERS = {
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
} as const;

/** A page that is served. */
export interface Dashboard {
  readonly address: string;
  close(): void;
}

/** Refuses what is no HOST:PORT, and a machine on which bull-board is missing. */
export function checkDashboard(at?: string): void {
  placeOf(at);
  checkPackages('--dashboard', [BOARD]);
}

/** Serves bull-board's page on queues until it is closed. */
export async function serveDashboard(queues: readonly Queue[], at?: string): Promise<Dashboard> {
  checkDashboard(at);
  const ours = createRequire(import.meta.url);
  const { ExpressAdapter } = ours(BOARD) as ServerAdapters;
  // The version that goes with it.
  const its = createRequire(ours.resolve(BOARD));
  const { createBullBoard } = its('@bull-board/api') as Board;
  const { BullMQAdapter } = its('@bull-board/api/bullMQAdapter') as QueueAdapters;
  const serverAdapter = new ExpressAdapter();
  serverAdapter.setBasePath('/');
  const shown = queues.map((queue) => new BullMQAdapter(queue, { readOnlyMode: true }));
  createBullBoard({ queues: shown, serverAdapter });
  const { host, port } = placeOf(at);
  const board = serverAdapter.getRouter();
  const server = createServer((request, response) => {
    const refuse = (code: number, text: string) => response.writeHead(code, HEADERS).end(text);
    if (!isOwnHost(request.headers.host, host)) return refuse(403, 'This page is asked for by another name.');
    if (request.method !== 'GET' && request.method !== 'HEAD')
      return refuse(405, 'There is only reading here.');
    for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
    board(request, response);
  });
  const address = await listenAt(server, {
    who: '--dashboard',
    flag: '--dashboard-at',
    host,
    port,
    usual: PORT,
  });
  return {
    address,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

function placeOf(at?: string): { readonly host?: string; readonly port?: number } {
  if (at === undefined) return {};
  const [, host, port] = /^(\[[\da-f:.]+\]|[^:[\]/\s]+):(\d+)$/i.exec(at) ?? [];
  if (host === undefined || Number(port) > 65535) {
    return fail(`--dashboard-at: "${at}" is no HOST:PORT.`, { fix: 'give for example 0.0.0.0:8485.' });
  }
  return { host: host.replace(/^\[|\]$/g, ''), port: Number(port) };
}
