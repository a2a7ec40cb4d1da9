// Unpacks what zlib has packed (RFC 1950), in a page as in Node: streams of both do it, and compare its check sum.

import { fail } from '../graph/check';

/** The bytes that a zlib stream holds. */
export async function inflate(bytes: Uint8Array): Promise<Uint8Array> {
  const packed = new Blob([bytes.slice()]).stream();
  try {
    const unpacked = new Response(packed.pipeThrough(new DecompressionStream('deflate')));
    return new Uint8Array(await unpacked.arrayBuffer());
  } catch (error) {
    return fail(`inflate: packed bytes are damaged: ${(error as Error).message}.`, {
      fix: 'fetch the file again.',
    });
  }
}
