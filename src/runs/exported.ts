// A trained model as one file: safetensors whose metadata say what a folder of a run has beside its weights, so that
// the file alone can be measured, generated from, and begun from.

import { fail } from '../graph/check';
import type { Stored } from '../train/safetensors';
import { readSettings, type Settings } from './settings';
import type { Tables } from './tables';

const SETTINGS = 'seqgpu.settings';
const DATA = 'seqgpu.data';

/** Weights with the settings of their run; `kept`: what the run keeps of its data, see DataSpec. */
export const exported = ({ tensors, metadata }: Stored, settings: Settings, kept?: unknown): Stored => ({
  tensors,
  metadata: {
    ...metadata,
    [SETTINGS]: JSON.stringify(settings),
    ...(kept !== undefined && { [DATA]: JSON.stringify(kept) }),
  },
});

/** The settings of the run that the weights are from, every value checked; undefined where the file has none. */
export function settingsIn({ metadata }: Stored, where: string, tables?: Tables): Settings | undefined {
  const raw = jsonIn(metadata[SETTINGS], `${where}: ${SETTINGS} of its metadata`);
  return raw === undefined ? undefined : readSettings(raw, where, tables);
}

/** What the run keeps of its data; undefined where the file has none of it. */
export const keptIn = ({ metadata }: Stored, where: string): unknown =>
  jsonIn(metadata[DATA], `${where}: ${DATA} of its metadata`);

function jsonIn(text: string | undefined, where: string): unknown {
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch (error) {
    return fail(`${where} is not JSON: ${(error as Error).message}.`, {
      fix: 'use another copy of the file.',
    });
  }
}
