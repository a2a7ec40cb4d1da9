// Weights as files: what a run begins with, and what it hands out; the same files that the command line has.

import { fail, SeqgpuError } from '../../../src/graph/check';
import { exported, settingsIn } from '../../../src/runs/exported';
import { makeTask } from '../../../src/runs/outcome';
import { differences, givenFor, type Settings } from '../../../src/runs/settings';
import { TABLES, taskCalled } from '../../../src/runs/tables';
import { kebabCase, type Values } from '../../../src/spec/option';
import { TRAINING } from '../../../src/spec/training';
import { decodeSafetensors, safetensorsParts, type Stored } from '../../../src/train/safetensors';
import { checkWeights } from '../../../src/train/torchWeights';
import type { Plan, Wish } from './messages';

/** The most bytes that are read at once: more than any model has that a page can train. */
const MOST_BYTES = 2 ** 30;

/** The last file: a form asks for it again at every change of a setting. */
let last: { readonly file: File; readonly stored: Stored } | undefined;

async function decoded(file: File): Promise<Stored> {
  const { name, size } = file;
  if (last?.file.name === name && last.file.size === size && last.file.lastModified === file.lastModified) {
    return last.stored;
  }
  if (size > MOST_BYTES) {
    fail(`${name} has ${Math.round(size / 1e6)} MB, of which a page reads ${MOST_BYTES / 2 ** 20}.`, {
      fix: 'begin with it in a terminal: `npx seqgpu train … --init FILE`.',
    });
  }
  const stored = decodeSafetensors(new Uint8Array(await file.arrayBuffer()), name);
  last = { file, stored };
  return stored;
}

/** The weights that a run is to begin with; fails where they are of another model. */
export async function readWeights(file: File, settings: Settings, content: unknown): Promise<Stored> {
  const stored = await decoded(file);
  const origin = settingsIn(stored, file.name);
  const { task, model } = settings;
  if (origin && (origin.task !== task || origin.model !== model)) {
    fail(`${file.name} is a ${origin.model} of ${origin.task}, not a ${model} of ${task}.`, {
      fix: 'choose that model on that task, or another file.',
    });
  }
  try {
    checkWeights(stored, makeTask(settings, content).program(settings).model, file.name);
  } catch (error) {
    if (!(error instanceof SeqgpuError) || !origin) throw error;
    const differ = sizesApart(origin, settings);
    if (!differ.length) throw error;
    fail(`${file.name} is a ${model} of other sizes.`, {
      given: [...differ, error.message.split('\n')[0]].join('\n    '),
      fix: 'set what it has, or choose another file.',
    });
  }
  return stored;
}

/** The settings of the model and of the task in which two runs differ, in words. */
function sizesApart(origin: Settings, settings: Settings): string[] {
  const show = (value: unknown) => (value === undefined ? 'none' : String(value));
  const [there, here]: Values[] = [origin, settings];
  return differences(there, here)
    .filter((name) => !(name in TRAINING) && !['steps', 'batch', 'sha256'].includes(name))
    .map((name) => `${kebabCase(name)}: ${show(there[name])} in the file, ${show(here[name])} here`);
}

/** The wish that the weights of a wish are from, where their file says it; undefined where it does not. */
export async function originOf({ weights }: Wish): Promise<Plan['origin']> {
  try {
    const settings = weights && settingsIn(await decoded(weights), weights.name);
    if (!settings) return undefined;
    const { task, model } = settings;
    // What it began with itself is another file.
    const given = Object.entries(givenFor(settings)).filter(([name]) => name !== 'init');
    return { task, model, given: Object.fromEntries(given) };
  } catch {
    // It is told by who reads it to begin with it.
    return undefined;
  }
}

/** The model of a run as a file, which the command line measures, and goes on from. */
export function weightsFile(weights: Stored, settings: Settings, content: unknown): Blob {
  const { data } = taskCalled(settings.task, TABLES);
  const kept = content === undefined ? undefined : data?.keep?.(content);
  return new Blob(safetensorsParts(exported(weights, settings, kept)) as BlobPart[]);
}
