// `seqgpu live`: serves the live page to this machine, and nothing else.

import { createServer, type Server, type ServerResponse } from 'node:http';
import { fail } from '../../graph/check';
import type { Tables } from '../../runs/tables';
import { readFlags, type Flags } from '../flags/flags';
import { DATA_FLAGS } from '../flags/place';
import { isOwnHost, listenAt } from '../server/local.node';
import { filesOfData, filesOfSite, type Served } from './site.node';

/** Flags of `live`. */
export const LIVE_FLAGS = {
  port: { kind: 'count', help: 'of the address; otherwise 8484, or another where that is taken' },
  ...DATA_FLAGS,
} as const satisfies Flags;

const PORT = 8484;
const MOST = 65535;

/** Reads the words of `live`; the action serves until it is interrupted. */
export function readLiveCommand(words: readonly string[], tables: Tables): () => Promise<number> {
  const { positionals, given } = readFlags('live', words, LIVE_FLAGS);
  if (positionals.length) fail(`live: "${positionals[0]}" is too much.`, { fix: 'it takes only flags.' });
  const port = given.port === undefined ? undefined : Number(given.port);
  if (port !== undefined && port > MOST) {
    fail(`live: --port ${port} is no port.`, { fix: `give a number from 1 to ${MOST}.` });
  }
  return async () => {
    const files = new Map([...filesOfSite(), ...filesOfData(tables, optional(given.data))]);
    const { address } = await serve(files, port);
    console.log(`live: ${address}`);
    console.log('Open it in a browser that has WebGPU. Ctrl-C ends it.');
    return 0;
  };
}

const optional = (value: unknown): string | undefined => (value === undefined ? undefined : String(value));

const POLICY = {
  'default-src': "'none'",
  'script-src': "'self'",
  'worker-src': "'self'",
  'style-src': "'self'",
  'connect-src': "'self'",
  'img-src': "'self' data:",
  'base-uri': "'none'",
  'form-action': "'none'",
  'frame-ancestors': "'none'",
} as const;

/**
 * What every answer says: nothing is loaded from elsewhere, no code is made of text, and the page is alone with itself,
 * which gives its clock the 5 µs that measuring an adapter takes.
 */
const HEADERS = {
  'Content-Security-Policy': Object.entries(POLICY)
    .map(([what, where]) => `${what} ${where}`)
    .join('; '),
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'Cache-Control': 'no-cache',
} as const;

/** Serves files to this machine; the server holds the process until it closes. */
export async function serve(
  files: ReadonlyMap<string, Served>,
  port?: number,
): Promise<{ server: Server; address: string }> {
  const server = createServer(({ method, url = '/', headers }, response) => {
    if (!isOwnHost(headers.host)) return end(response, 403, 'This server is for pages of this machine.');
    if (method !== 'GET' && method !== 'HEAD') return end(response, 405, 'There is only reading here.');
    const file = files.get(pathOf(url));
    if (!file) return end(response, 404, 'There is no such file.');
    const bytes = file.bytes();
    response.writeHead(200, { ...HEADERS, 'Content-Type': file.type, 'Content-Length': bytes.length });
    response.end(method === 'HEAD' ? undefined : bytes);
  });
  const address = await listenAt(server, { who: 'live', flag: '--port', port, usual: PORT });
  return { server, address };
}

/** The path of an address, its escapes read; one that cannot be read is of no file. */
function pathOf(url: string): string {
  try {
    return decodeURIComponent(url.split('?')[0]);
  } catch {
    return '';
  }
}

function end(response: ServerResponse, code: number, text: string): void {
  response.writeHead(code, { ...HEADERS, 'Content-Type': 'text/plain; charset=utf-8' });
  response.end(text);
}
