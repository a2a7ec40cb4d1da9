// Opens the GPU for a command, and says in a line which one it is.

import type { Engine } from '../../gpu/engine';
import { measureCeiling } from '../../bench/ceiling';
import { lookAgain, nodeGpu } from '../../gpu/device/node';
import { Tuning, half, open, type OpenOptions } from '../../index.node';
import { findOrInstallChrome, type Log } from '../browser/browser.node';
import type { Flags } from '../flags/flags';
import { count, significant } from '../../report/text.node';
import type { Precision } from '../../spec/training';

/** Flags that every command has that opens an engine. */
export const ENGINE_FLAGS = {
  family: {
    kind: ['direct', 'workgroup'],
    help: 'kernels for a CPU (direct) or a GPU (workgroup), where what was measured is wrong',
  },
  adapter: {
    kind: 'text',
    help: 'a part of the name of the adapter to take; otherwise a GPU, or the fastest software. list: all there are',
  },
} as const satisfies Flags;

/**
 * For what is compared with other machines, other days or other versions: the kernels that the program thinks best, not
 * those that were measured here.
 */
export const untuned = (): Tuning => new Tuning();

/** What these flags ask for: kernels, which otherwise suit what was measured, and an adapter. */
export interface EngineChoice {
  readonly family?: OpenOptions['family'];
  /** A part of its name. */
  readonly adapter?: string;
  /** What its steps are stored in; default: f32. */
  readonly precision?: Precision;
}

/** The choice that the flags of a command make. */
export const engineOf = ({
  family,
  adapter,
  precision,
}: Readonly<Record<string, unknown>>): EngineChoice => ({
  family: family as OpenOptions['family'],
  adapter: adapter as string | undefined,
  precision: precision as EngineChoice['precision'],
});

/** Has this process, and what it starts, take the adapter that has this in its name. */
export function takeAdapter(name: string | undefined): void {
  if (name === undefined || process.env.SEQGPU_ADAPTER === name) return;
  process.env.SEQGPU_ADAPTER = name;
  lookAgain();
}

/** Names of adapters that compute on the CPU, for those that do not say so themselves. */
const SOFTWARE = /swiftshader|llvmpipe|lavapipe|basic render|\bcpu\b/i;

/** Whether an adapter computes on the CPU, by its own word or by its name. */
export function isSoftware({ vendor, architecture, device, description, ...info }: GPUAdapterInfo): boolean {
  return info.isFallbackAdapter || SOFTWARE.test([vendor, architecture, device, description].join(' '));
}

/** GFLOP/s of the weakest GPU that a laptop of the last years has. */
const LAPTOP = 1000;

/**
 * A line on the adapter, e.g. `google swiftshader — SwiftShader Device …`, with what it means when that is no GPU; and
 * one on the kernels that were measured on it, where the engine has any.
 */
export async function adapterLine(engine: Engine): Promise<string> {
  const classes = Object.keys(engine.tuning).length;
  const kernels = classes
    ? `\nkernels: for ${count(classes)} classes of launches those that were measured here`
    : '';
  return `${await speedLine(engine)}${kernels}`;
}

async function speedLine(engine: Engine): Promise<string> {
  const line = `adapter: ${engine.name}`;
  if (!isSoftware(engine.info!)) return line;
  const peak = await measureCeiling(engine, 'fma');
  const wait = `expect ${Math.round(LAPTOP / peak)} times its wait or more`;
  const measured = `${significant(peak, 2)} GFLOP/s measured; the GPU of a laptop has ${LAPTOP} or more: ${wait}`;
  return `${line} (software: it computes on the CPU, ${measured})`;
}

/**
 * Opens the GPU, with the kernels that were measured on it where nothing is said of `tuning`. Where there is none and
 * `install` says so, brings a software one first, with a line for each step.
 */
export async function openEngine({
  install,
  sudo,
  tuning,
  family,
  adapter,
  precision,
}: { install?: Log; sudo?: boolean; tuning?: OpenOptions['tuning'] } & EngineChoice = {}): Promise<Engine> {
  takeAdapter(adapter);
  // Without Dawn an adapter would be of no use; open says so.
  if (install && !(await nodeGpu()).fix && !(await hasAdapter())) {
    install('No GPU and no software adapter yet. Chrome brings one (SwiftShader): looking for a Chrome ...');
    const chrome = await findOrInstallChrome({ log: install, sudo });
    install(`Using the software adapter of ${chrome}.`);
  }
  const opening = open({ tuning, family }).then((engine) => (precision === 'f16' ? half(engine) : engine));
  engines.add(opening);
  return opening;
}

/** Also those that are just being opened. */
const engines = new Set<Promise<Engine>>();

/** Whether a device may be computing. */
export const engineIsOpen = (): boolean => engines.size > 0;

/** For a program that stops in the middle: waits for what was submitted, then frees everything. */
export async function closeEngines(): Promise<void> {
  for (const opening of engines) {
    // One that could not be opened has told so already, and one that is lost computes no more.
    const engine = await opening.catch(() => undefined);
    await engine?.idle().catch(() => {});
    engine?.destroy();
  }
}

/** Whether Dawn finds any adapter here. */
export async function hasAdapter(): Promise<boolean> {
  const { gpu } = await nodeGpu();
  return Boolean(await gpu?.requestAdapter({ powerPreference: 'high-performance' }));
}
