// The params of all launches of a plan in one uniform buffer: a launch is told where its block starts.

import type { Variant } from './kernel';

const BLOCK = 256;

/** Collects the params of every launch; equal blocks are shared. */
export class ParamBlocks {
  private readonly blocks: Uint8Array[] = [];
  private readonly known = new Map<string, number>();
  private size = 0;

  add(variant: Variant, values: Readonly<Record<string, unknown>>): number {
    const { params, paramsBytes } = variant.kernel.reflection;
    if (!params.length) return -1;
    const block = new Uint8Array(Math.ceil(paramsBytes / BLOCK) * BLOCK);
    const view = new DataView(block.buffer);
    for (const { name, type, offset } of params) {
      const value = values[name] as number;
      if (type === 'f32') view.setFloat32(offset, value, true);
      else if (type === 'u32') view.setUint32(offset, value, true);
      else view.setInt32(offset, value, true);
    }
    const key = block.join();
    let offset = this.known.get(key);
    if (offset === undefined) {
      offset = this.size;
      this.known.set(key, offset);
      this.blocks.push(block);
      this.size += block.length;
    }
    return offset;
  }

  bytes(): Uint8Array {
    const all = new Uint8Array(this.size);
    let at = 0;
    for (const block of this.blocks) {
      all.set(block, at);
      at += block.length;
    }
    return all;
  }
}
