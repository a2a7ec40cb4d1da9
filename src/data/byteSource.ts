// A file as bytes that come in pieces, so that one of half a gigabyte is never held as a whole. Node opens it by
// files.node.ts, a page makes one of what a person chose.

/** The bytes of a file, in pieces. */
export interface ByteSource {
  /** For messages, and for the order of several: a path, or a file's name. */
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** All bytes in their order, anew at every call. The first piece has at least 4 of them, if the file has. */
  chunks(): Iterable<Uint8Array>;
}

/** Bytes that are there already. */
export const bytesAsSource = (name: string, bytes: Uint8Array): ByteSource => ({
  name,
  size: bytes.length,
  chunks: () => (bytes.length ? [bytes] : []),
});

/** All bytes at once, of a file that is small enough. */
export function allBytes(source: ByteSource): Uint8Array {
  const bytes = new Uint8Array(source.size);
  let at = 0;
  for (const chunk of source.chunks()) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

/** The text of a file in UTF-8; a byte order mark stays in it. */
export const textIn = (source: ByteSource): string =>
  new TextDecoder('utf-8', { ignoreBOM: true }).decode(allBytes(source));

/** Several files in a word: the first, and how many there are besides. */
export const sourcesName = ([first, ...others]: readonly ByteSource[]): string =>
  others.length ? `${first.name} and ${others.length} more` : first.name;
