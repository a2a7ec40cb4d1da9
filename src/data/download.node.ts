// Downloads into memory. A connection that breaks or stalls is taken up again where it broke; one that sends more than
// any known file has, or takes longer than anybody waits, is given up.

import { setTimeout as sleep } from 'node:timers/promises';
import { fetchData } from './proxy.node';

/** The most bytes of a download, and of what is unpacked from it: the largest known file has 47 MB unpacked. */
export const MOST_BYTES = 2 ** 27;

const ATTEMPTS = 3;
/** Reasons that a second try does not change. */
const FINAL = /more than|ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ENETUNREACH|EHOSTUNREACH|HTTP 4(?!08|16|29)/;

/** How a download behaves: who hears of it, and how long it waits, in milliseconds. */
export interface Transfer {
  log: (line: string) => void;
  retryMs: number;
  /** Milliseconds without a byte after which a connection counts as broken. */
  stallMs: number;
  /** Milliseconds for one file, all tries together. */
  deadlineMs: number;
  /** Ends it from outside, with its reason. */
  signal?: AbortSignal;
}

interface Received {
  chunks: Uint8Array[];
  bytes: number;
}

/** All bytes of an address. A connection that breaks or stalls is taken up again where it broke. */
export async function download(url: string, transfer: Transfer): Promise<Uint8Array> {
  const { log, retryMs, deadlineMs, signal } = transfer;
  const got: Received = { chunks: [], bytes: 0 };
  const late = new AbortController();
  const seconds = deadlineMs / 1000;
  const deadline = setTimeout(() => late.abort(new Error(`not here after ${seconds} s`)), deadlineMs);
  const ended = AbortSignal.any([late.signal, ...(signal ? [signal] : [])]);
  try {
    for (let attempt = 1; ; attempt++) {
      try {
        await receive(url, got, transfer, ended);
        return Buffer.concat(got.chunks);
      } catch (error) {
        if (attempt === ATTEMPTS || ended.aborted || FINAL.test(reason(error))) throw error;
        log(`${url}: ${reason(error)}; trying again from byte ${got.bytes}.`);
        await sleep(retryMs * attempt);
      }
    }
  } finally {
    clearTimeout(deadline);
  }
}

async function receive(
  url: string,
  got: Received,
  { log, stallMs }: Transfer,
  ended: AbortSignal,
): Promise<void> {
  ended.throwIfAborted();
  const stall = new AbortController();
  const alarm = setTimeout(() => stall.abort(new Error(`no byte for ${stallMs / 1000} s`)), stallMs);
  try {
    // Compressed on the way, bytes could not be counted.
    const headers: Record<string, string> = { 'accept-encoding': 'identity' };
    if (got.bytes > 0) headers.range = `bytes=${got.bytes}-`;
    const response = await fetchData(url, { headers, signal: AbortSignal.any([stall.signal, ended]) });
    const continues = response.headers.get('content-range')?.startsWith(`bytes ${got.bytes}-`);
    if (response.status !== 206 || !continues) Object.assign(got, { chunks: [], bytes: 0 });
    if (!response.ok || !response.body) throw new Error(`HTTP ${response.status}`);
    if (response.status === 206 && !continues) throw new Error('the server sent another range');
    const total = got.bytes + Number(response.headers.get('content-length'));
    checkSize(total);
    for await (const chunk of response.body) {
      const before = Math.floor((4 * got.bytes) / total);
      got.chunks.push(chunk);
      got.bytes += chunk.length;
      checkSize(got.bytes);
      alarm.refresh();
      const quarter = Math.floor((4 * got.bytes) / total);
      if (quarter > before && quarter <= 4) log(`${url}: ${25 * quarter} % of ${megabytes(total)}`);
    }
  } finally {
    clearTimeout(alarm);
  }
}

function checkSize(bytes: number): void {
  if (bytes > MOST_BYTES) throw new Error(`${megabytes(bytes)}, more than ${megabytes(MOST_BYTES)}`);
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
