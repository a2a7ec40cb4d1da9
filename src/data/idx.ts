// IDX files, in which MNIST is published: big-endian, 0 0 type rank, the extents, then the values. Here of bytes only.

import { fail } from '../graph/check';

/** An array of bytes: its extents and values, the last axis fastest. */
export interface Idx {
  readonly shape: readonly number[];
  readonly data: Uint8Array;
}

const BYTES = 0x08;

/** Reads the bytes of an IDX file of unsigned bytes with so many axes; `where` names the file in messages. */
export function readIdx(file: Uint8Array, rank: number, where: string): Idx {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const header = 4 + 4 * rank;
  const wrong = (what: string): never => fail(`idx: ${where} ${what}.`, { fix: FIX });
  if (file.length < 4) wrong(`has ${file.length} bytes, too few for a header`);
  const magic = view.getUint32(0);
  const expected = (BYTES << 8) + rank;
  if (magic !== expected) wrong(`begins with ${magic} where ${expected} is expected (bytes, ${rank} axes)`);
  if (file.length < header) wrong(`has ${file.length} bytes, too few for a header of ${header}`);
  const shape = Array.from({ length: rank }, (_, axis) => view.getUint32(4 + 4 * axis));
  const size = shape.reduce((product, extent) => product * extent, 1);
  const data = file.subarray(header);
  if (data.length !== size) {
    wrong(`has ${data.length} bytes of data where [${shape.join(', ')}] needs ${size}`);
  }
  return { shape, data };
}

const FIX = 'it is cut short, or no such file; fetch it again with `npx seqgpu data mnist`.';
