// What a request costs: sectors of 32 bytes that the memory system moves for it, or turns that workgroup memory needs,
// each beside the least that would do for the bytes that are asked for.

import type { Site } from '../../wgsl/trace/site';
import type { Request } from './requests';

/** Bytes that the memory system moves at once. */
export const SECTOR = 32;

const BANKS = 32;
const WORD = 4;

/** Cost and the least possible cost: sectors, or turns of workgroup memory. */
export interface Cost {
  readonly spent: number;
  readonly ideal: number;
}

/** The sectors of a request to a buffer. */
export function sectorsOf(addresses: readonly number[], bytes: number): number[] {
  const sectors = new Set<number>();
  for (const address of addresses) {
    const last = Math.floor((address + bytes - 1) / SECTOR);
    for (let sector = Math.floor(address / SECTOR); sector <= last; sector++) sectors.add(sector);
  }
  return [...sectors];
}

/** What a request costs at its site. */
export function costOf({ addresses }: Request, { space, kind, bytes }: Site): Cost {
  if (space === 'storage') {
    const asked = piecesOf(addresses, bytes).size * Math.min(WORD, bytes);
    return { spent: sectorsOf(addresses, bytes).length, ideal: Math.ceil(asked / SECTOR) };
  }
  return bankCost(addresses, bytes, kind === 'atomic');
}

/** Different words that are asked for. */
function piecesOf(addresses: readonly number[], bytes: number): Set<number> {
  const unit = Math.min(WORD, bytes);
  const pieces = new Set<number>();
  for (const address of addresses) {
    for (let offset = 0; offset < bytes; offset += unit) pieces.add(Math.floor((address + offset) / unit));
  }
  return pieces;
}

/**
 * All banks together give 128 bytes in a turn. Lanes that ask for the same word share it, in whichever part of the
 * subgroup they are; different words in one bank take a turn each, as do atomic operations on one word.
 */
function bankCost(addresses: readonly number[], bytes: number, atomic: boolean): Cost {
  const unit = Math.min(WORD, bytes);
  const words = new Set([...piecesOf(addresses, bytes)].map((piece) => Math.floor((piece * unit) / WORD)));
  const banks = new Array<number>(BANKS).fill(0);
  for (const word of atomic ? addresses.map((address) => Math.floor(address / WORD)) : words) {
    banks[word % BANKS]++;
  }
  return { spent: Math.max(...banks), ideal: Math.ceil(words.size / BANKS) };
}
