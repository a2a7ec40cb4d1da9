// The model of a run with the values of its best checkpoint.

import { SeqgpuError, fail } from '../../graph/check';
import type { Engine } from '../../gpu/engine';
import type { Module } from '../../nn/module';
import { loadCheckpoint } from '../../train/checkpoint';
import type { Stored } from '../../train/safetensors';
import type { Settings } from '../../runs/settings';

/** A run's folder and what it was made with. */
interface Run {
  readonly folder: string;
  readonly settings: Settings;
}

/** Puts a checkpoint into the model that the settings ask for, or says that it is of another. */
export function loadTrained(
  command: string,
  engine: Engine,
  stored: Stored,
  model: Module,
  { folder, settings }: Run,
): void {
  try {
    loadCheckpoint(engine, stored, folder, { model });
  } catch (error) {
    if (!(error instanceof SeqgpuError)) throw error;
    const asked = `the ${settings.model} of ${settings.task} that its settings ask for`;
    fail(`${command}: the checkpoint in ${folder} is not ${asked}.`, {
      given: error.message.split('\n')[0],
      fix: 'put the files of one run together again, or train another.',
    });
  }
}
