// xxHash32 of Yann Collet, seed 0: the checksum of a file whose bytes come part by part. A change within four bytes
// that stand together always changes it; any other change goes unseen once in 2³² times.
//
// https://github.com/Cyan4973/xxHash, doc/xxhash_spec.md.

const [P1, P2, P3, P4, P5] = [0x9e3779b1, 0x85ebca77, 0xc2b2ae3d, 0x27d4eb2f, 0x165667b1];
/** Bytes that are mixed at once: four lanes of four. */
const STRIPE = 16;

const rotate = (word: number, by: number): number => (word << by) | (word >>> (32 - by));

/** The xxHash32, seed 0, of bytes that come part by part. */
export class Checksum {
  private lanes: [number, number, number, number] = [(P1 + P2) | 0, P2, 0, -P1 | 0];
  /** Bytes that do not fill a stripe yet. */
  private readonly rest = new Uint8Array(STRIPE);
  private waiting = 0;
  private length = 0;

  /** Takes the next bytes. */
  update(bytes: Uint8Array): this {
    this.length += bytes.length;
    let at = 0;
    if (this.waiting > 0) {
      at = Math.min(STRIPE - this.waiting, bytes.length);
      this.rest.set(bytes.subarray(0, at), this.waiting);
      this.waiting += at;
      if (this.waiting < STRIPE) return this;
      this.mix(this.rest);
    }
    const whole = at + Math.floor((bytes.length - at) / STRIPE) * STRIPE;
    this.mix(bytes.subarray(at, whole));
    this.rest.set(bytes.subarray(whole));
    this.waiting = bytes.length - whole;
    return this;
  }

  /** The checksum of all bytes so far, as eight hexadecimal digits. */
  digest(): string {
    const [a, b, c, d] = this.lanes;
    let hash = this.length < STRIPE ? P5 : rotate(a, 1) + rotate(b, 7) + rotate(c, 12) + rotate(d, 18);
    hash = (hash + this.length) | 0;
    const view = new DataView(this.rest.buffer);
    let at = 0;
    for (; at + 4 <= this.waiting; at += 4) {
      hash = Math.imul(rotate((hash + Math.imul(view.getUint32(at, true), P3)) | 0, 17), P4);
    }
    for (; at < this.waiting; at++)
      hash = Math.imul(rotate((hash + Math.imul(this.rest[at], P5)) | 0, 11), P1);
    hash = Math.imul(hash ^ (hash >>> 15), P2);
    hash = Math.imul(hash ^ (hash >>> 13), P3);
    return ((hash ^ (hash >>> 16)) >>> 0).toString(16).padStart(8, '0');
  }

  private mix(bytes: Uint8Array): void {
    let [a, b, c, d] = this.lanes;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const round = (lane: number, at: number) =>
      Math.imul(rotate((lane + Math.imul(view.getUint32(at, true), P2)) | 0, 13), P1);
    for (let at = 0; at < bytes.length; at += STRIPE) {
      a = round(a, at);
      b = round(b, at + 4);
      c = round(c, at + 8);
      d = round(d, at + 12);
    }
    this.lanes = [a, b, c, d];
  }
}
