// Downloads into memory. A connection that breaks or stalls is taken up again where it broke.

import { setTimeout as sleep } from 'node:timers/promises';
import { fetchData } from './proxy.node';

const ATTEMPTS = 3;
/** Reasons that a second try does not change. */
const FINAL = /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ENETUNREACH|EHOSTUNREACH|HTTP 4(?!08|16|29)/;

/** How a download behaves: who hears of it, and how long it waits, in milliseconds. */
export interface Transfer {
  log: (line: string) => void;
  retryMs: number;
  stallMs: number;
}

interface Received {
  chunks: Uint8Array[];
  bytes: number;
}

/** All bytes of an address. A connection that breaks or stalls is taken up again where it broke. */
export async function download(url: string, { log, retryMs, stallMs }: Transfer): Promise<Uint8Array> {
  const got: Received = { chunks: [], bytes: 0 };
  for (let attempt = 1; ; attempt++) {
    try {
      await receive(url, got, log, stallMs);
      return Buffer.concat(got.chunks);
    } catch (error) {
      if (attempt === ATTEMPTS || FINAL.test(reason(error))) throw error;
      log(`${url}: ${reason(error)}; trying again from byte ${got.bytes}.`);
      await sleep(retryMs * attempt);
    }
  }
}

async function receive(
  url: string,
  got: Received,
  log: (line: string) => void,
  stallMs: number,
): Promise<void> {
  const stall = new AbortController();
  const alarm = setTimeout(() => stall.abort(new Error(`no byte for ${stallMs / 1000} s`)), stallMs);
  try {
    // Compressed on the way, bytes could not be counted.
    const headers: Record<string, string> = { 'accept-encoding': 'identity' };
    if (got.bytes > 0) headers.range = `bytes=${got.bytes}-`;
    const response = await fetchData(url, { headers, signal: stall.signal });
    const continues = response.headers.get('content-range')?.startsWith(`bytes ${got.bytes}-`);
    if (response.status !== 206 || !continues) Object.assign(got, { chunks: [], bytes: 0 });
    if (!response.ok || !response.body) throw new Error(`HTTP ${response.status}`);
    if (response.status === 206 && !continues) throw new Error('the server sent another range');
    const total = got.bytes + Number(response.headers.get('content-length'));
    for await (const chunk of response.body) {
      const before = Math.floor((4 * got.bytes) / total);
      got.chunks.push(chunk);
      got.bytes += chunk.length;
      alarm.refresh();
      const quarter = Math.floor((4 * got.bytes) / total);
      if (quarter > before && quarter <= 4) log(`${url}: ${25 * quarter} % of ${megabytes(total)}`);
    }
  } finally {
    clearTimeout(alarm);
  }
}

/** What went wrong, with the system's own code for it. */
export function reason(error: unknown): string {
  const { message, cause } = error as Error & { cause?: { code?: string; message?: string } };
  return [message, cause?.code ?? cause?.message].filter(Boolean).join(': ');
}

/** Bytes in words, in millions: "1.25 MB". */
export const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(2)} MB`;

/** What to do where a data set cannot be written. */
export const ELSEWHERE = 'choose another folder with --data DIR, or make room.';
