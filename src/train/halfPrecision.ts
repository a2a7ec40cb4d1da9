// What a safetensors file may hold numbers as, and each of them as f32, exactly: F16 is IEEE 754's binary16, BF16 the
// upper half of an f32.

/** Bytes of a number, by the name that the format has for its type. */
export const ITEM_BYTES = { F32: 4, F16: 2, BF16: 2 } as const;

/** The name of a type of numbers, as safetensors files have it. */
export type FileType = keyof typeof ITEM_BYTES;

/** The numbers of these bytes, which are little-endian; those of F32 stay where they are. */
export function toFloat32(bytes: Uint8Array<ArrayBuffer>, type: FileType): Float32Array<ArrayBuffer> {
  if (type === 'F32') return new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
  const halves = new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.length / 2);
  const bits = new Uint32Array(halves.length);
  const widen = type === 'BF16' ? (half: number) => half << 16 : bitsOfHalf;
  for (let i = 0; i < halves.length; i++) bits[i] = widen(halves[i]);
  return new Float32Array(bits.buffer);
}

/** An f16 as an f32, bit by bit: sign, exponent of 5 bits biased by 15, fraction of 10 bits. */
function bitsOfHalf(half: number): number {
  const sign = (half & 0x8000) << 16;
  const exponent = (half >> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0x1f) return sign | 0x7f800000 | (fraction << 13);
  if (exponent > 0) return sign | ((exponent + 127 - 15) << 23) | (fraction << 13);
  if (fraction === 0) return sign;
  // Subnormal there, normal here: the leading one moves to the place that is not written.
  const shift = Math.clz32(fraction) - 21;
  return sign | ((113 - shift) << 23) | (((fraction << shift) & 0x3ff) << 13);
}
