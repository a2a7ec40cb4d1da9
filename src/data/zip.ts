// A file out of a zip archive (APPNOTE.TXT, PKWARE): stored as it is, or deflated.

import { fail, shown } from '../graph/check';

const END_OF_DIRECTORY = 0x06054b50;
const ENTRY = 0x02014b50;
const LOCAL = 0x04034b50;
/** Bytes of the end of the directory, and of an entry, before their names. */
const [END_SIZE, ENTRY_SIZE, LOCAL_SIZE] = [22, 46, 30];
const [STORED, DEFLATED] = [0, 8];
/** Names that a message has at most. */
const SHOWN = 8;

/** The bytes of the file of that name; `inflate` unpacks deflated bytes (RFC 1951). */
export function fileInZip(
  zip: Uint8Array,
  name: string,
  inflate: (packed: Uint8Array) => Uint8Array,
): Uint8Array {
  const view = new DataView(zip.buffer, zip.byteOffset, zip.byteLength);
  const damaged = (what: string): never =>
    fail(`zip: ${what}.`, { fix: 'the archive is damaged; fetch it again.' });
  const end = endOfDirectory(view);
  if (end < 0) return damaged('it has no directory');
  const names: string[] = [];
  let at = view.getUint32(end + 16, true);
  for (let left = view.getUint16(end + 10, true); left > 0; left--) {
    if (at + ENTRY_SIZE > zip.length || view.getUint32(at, true) !== ENTRY)
      return damaged('its directory is cut off');
    const length = view.getUint16(at + 28, true);
    const found = new TextDecoder().decode(zip.subarray(at + ENTRY_SIZE, at + ENTRY_SIZE + length));
    if (found === name) {
      const unpack = (packed: Uint8Array) => {
        try {
          return inflate(packed);
        } catch (error) {
          return damaged(`${name} cannot be unpacked: ${(error as Error).message}`);
        }
      };
      return unpacked(view, zip, at, unpack) ?? damaged(`${name} is cut off`);
    }
    names.push(found);
    at += ENTRY_SIZE + length + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  }
  const some = names.slice(0, SHOWN).map((one) => shown(one));
  return fail(`zip: there is no ${name} in it.`, {
    given: `${names.length} files: ${some.join(', ')}${names.length > SHOWN ? ', …' : ''}`,
    fix: 'fetch it again.',
  });
}

/** Where the end of the directory begins: a comment may follow it. -1: nowhere. */
function endOfDirectory(view: DataView): number {
  for (let at = view.byteLength - END_SIZE; at >= 0; at--) {
    if (view.getUint32(at, true) === END_OF_DIRECTORY) return at;
  }
  return -1;
}

/** The bytes of an entry of the directory; undefined where they are not all there. */
function unpacked(
  view: DataView,
  zip: Uint8Array,
  entry: number,
  inflate: (packed: Uint8Array) => Uint8Array,
): Uint8Array | undefined {
  const [method, size] = [view.getUint16(entry + 10, true), view.getUint32(entry + 20, true)];
  const local = view.getUint32(entry + 42, true);
  if (local + LOCAL_SIZE > zip.length || view.getUint32(local, true) !== LOCAL) return undefined;
  const from = local + LOCAL_SIZE + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
  if (from + size > zip.length) return undefined;
  const packed = zip.subarray(from, from + size);
  if (method === STORED) return packed.slice();
  return method === DEFLATED
    ? inflate(packed)
    : fail(`zip: it is packed by method ${method}, not by deflate.`);
}
