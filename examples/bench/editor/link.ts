// A setup in the address of the page, and back: JSON, deflated, in the letters that an address may have.

import { readSetup, type KernelSetup } from './setup';

const MARK = '#kernel=';
/** Letters of an address, and bytes that may come of them. */
const [MOST_LETTERS, MOST_BYTES] = [2 ** 16, 2 ** 20];

async function through(bytes: BlobPart, stream: ReadableWritablePair<BufferSource, BufferSource>) {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  const reader = (
    new Blob([bytes]).stream().pipeThrough(stream) as ReadableStream<Uint8Array<ArrayBuffer>>
  ).getReader();
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    size += next.value.length;
    if (size > MOST_BYTES) throw new Error('it holds more than a megabyte');
    parts.push(next.value);
  }
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}

/** What stands behind the page's address for a setup. */
export async function linkOf(setup: KernelSetup): Promise<string> {
  const bytes = await through(JSON.stringify(setup), new CompressionStream('deflate-raw'));
  const letters = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
  return MARK + letters.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

/** The setup in an address; null where there is none. Says why where it is none. */
export async function setupIn(hash: string): Promise<KernelSetup | null> {
  if (!hash.startsWith(MARK)) return null;
  const letters = hash.slice(MARK.length);
  if (letters.length > MOST_LETTERS)
    throw new Error(`it has ${letters.length} letters, ${MOST_LETTERS} are allowed`);
  let given: unknown;
  try {
    const bytes = atob(letters.replaceAll('-', '+').replaceAll('_', '/'));
    const packed = Uint8Array.from(bytes, (letter) => letter.charCodeAt(0));
    const unpacked = await through(packed, new DecompressionStream('deflate-raw'));
    given = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(unpacked));
  } catch {
    throw new Error('it is cut off or too long, or was never a link of this page');
  }
  return readSetup(given);
}
