// Pieces of recordings of one's own: what goes in is the sample before each that is asked for.

import type { HostArray } from '../../graph/host';
import { NONE } from '../../graph/none';
import type { Random } from '../../random';
import { SILENCE } from '../muLaw';
import { evenly } from './evenly';
import type { OwnRecording } from './sound';

/** Part of a recording: samples to be predicted, from `start` on. */
export interface SoundPiece {
  readonly recording: OwnRecording;
  readonly start: number;
}

/** A batch of pieces of T samples. */
export interface SoundBatch {
  /** u32 [B, T], the sample before each target; silence before the first of a recording. */
  readonly ids: HostArray;
  /** u32 [B, T]; 0xFFFFFFFF behind the end. */
  readonly targets: HostArray;
  /** u32 [B], the class of each. */
  readonly labels: HostArray;
}

/** The pieces as a batch of rows of `length` samples. */
export function soundBatch(pieces: readonly SoundPiece[], length: number): SoundBatch {
  const B = pieces.length;
  const ids = new Uint32Array(B * length).fill(SILENCE);
  const targets = new Uint32Array(B * length).fill(NONE);
  pieces.forEach(({ recording: { codes }, start }, b) => {
    const end = Math.min(codes.length, start + length);
    targets.set(codes.subarray(start, end), b * length);
    const before = Math.max(0, start - 1);
    ids.set(codes.subarray(before, Math.max(before, end - 1)), b * length + before - (start - 1));
  });
  const labels = Uint32Array.from(pieces, ({ recording }) => recording.label);
  const shape = [B, length];
  return {
    ids: { shape, data: ids },
    targets: { shape, data: targets },
    labels: { shape: [B], data: labels },
  };
}

/**
 * Draws pieces around samples at random, so that recordings count by their length; at the ends of a recording a piece
 * is moved into it.
 */
export function drawSoundPieces(
  list: readonly OwnRecording[],
  { batch, length, random }: { readonly batch: number; readonly length: number; readonly random: Random },
): SoundPiece[] {
  const ends: number[] = [];
  for (const { codes } of list) ends.push((ends.at(-1) ?? 0) + codes.length);
  return Array.from({ length: batch }, () => {
    const at = random.integer(ends[ends.length - 1]);
    let [low, high] = [0, ends.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (at < ends[middle]) high = middle;
      else low = middle + 1;
    }
    const recording = list[low];
    const place = at - (low ? ends[low - 1] : 0) - random.integer(length);
    return { recording, start: Math.max(0, Math.min(place, recording.codes.length - length)) };
  });
}

/** Every recording in pieces one behind the other, or `most` of them, evenly spread; 0: all. */
export function allSoundPieces(
  list: readonly OwnRecording[],
  length: number,
  most: number,
): readonly SoundPiece[] {
  const pieces = list.flatMap((recording) =>
    Array.from({ length: Math.ceil(recording.codes.length / length) }, (_, i) => {
      return { recording, start: i * length };
    }),
  );
  return evenly(pieces, most || Infinity);
}
