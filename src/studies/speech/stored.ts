// Sounds and numbers as texts that a file of results holds: base64 of their bytes.

/** Bytes as a text. */
function textOf(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}

/** The bytes of such a text. */
const bytesIn = (text: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));

/** μ-law codes as a text. */
export const codesAsText = (codes: Uint8Array): string => textOf(codes);

/** The μ-law codes of a text. */
export const codesIn = (text: string): Uint8Array => bytesIn(text);

/** Frames of f32 numbers as a text. */
export const framesAsText = (frames: readonly Float64Array[]): string =>
  textOf(new Uint8Array(Float32Array.from(frames.flatMap((frame) => [...frame])).buffer));

/** The frames of a text, of so many numbers each. */
export function framesIn(text: string, width: number): Float64Array[] {
  const numbers = new Float32Array(bytesIn(text).buffer);
  return Array.from({ length: numbers.length / width }, (_, f) =>
    Float64Array.from(numbers.subarray(f * width, (f + 1) * width)),
  );
}
