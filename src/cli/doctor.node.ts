// `seqgpu doctor`: which GPU there is, what it can do, which kernels it gets and why; where there is none,
// what was tried and what to install.

import { measureCeiling } from '../bench/ceiling';
import { readFileSync } from 'node:fs';
import { release } from 'node:os';
import { version } from '../../package.json';
import { fail } from '../graph/check';
import { listAdapters, lookAgain, nodeGpu, type ListedAdapter } from '../gpu/device/node';
import { threadsAtOnce } from '../gpu/device/probe';
import { ENGINE_FLAGS, engineOf, isSoftware, openEngine, takeAdapter } from './engine/adapter.node';
import type { EngineChoice } from './engine/adapter.node';
import { adapterLines, hasLavapipe } from './engine/adapterList.node';
import { examineTuning, tuningText, type Tuned } from './engine/tuned.node';
import { installMesa, mesaAdvice, mesaPlan } from './engine/mesa.node';
import { readFlags, type Flags } from './flags/flags';
import { count, significant } from '../report/text.node';

/** Flags of `doctor`. */
export const DOCTOR_FLAGS = {
  ...ENGINE_FLAGS,
  install: {
    kind: 'switch',
    help: 'install a software adapter where there is none, and where there is no GPU one that may be faster',
  },
  sudo: { kind: 'switch', help: 'with --install: packages may be installed by sudo' },
  json: { kind: 'switch', help: 'print one JSON object and nothing else' },
} as const satisfies Flags;

/** The limits that decide how large a model may be. */
const LIMITS = [
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxStorageBuffersPerShaderStage',
  'maxComputeWorkgroupStorageSize',
  'maxComputeInvocationsPerWorkgroup',
  'maxComputeWorkgroupsPerDimension',
] as const;

/** Reads the words of `doctor`; the action's exit code is 1 where there is no adapter. */
export function readDoctorCommand(words: readonly string[]): () => Promise<number> {
  const { positionals, given } = readFlags('doctor', words, DOCTOR_FLAGS);
  if (positionals.length > 0)
    fail(`doctor: "${positionals[0]}" is too much.`, { fix: 'it takes only flags.' });
  if (given.sudo && !given.install) {
    fail('doctor: --sudo is for what --install does.', { fix: 'add --install, or leave it out.' });
  }
  return async () => {
    const choice = engineOf(given);
    takeAdapter(choice.adapter);
    if (given.install) await install(Boolean(given.sudo), choice);
    // Before one is taken: what was measured long ago, or on a busy machine, is measured anew.
    await listAdapters('anew');
    lookAgain();
    const findings = await examine(choice);
    console.log(given.json ? JSON.stringify(findings) : text(findings));
    return findings.adapter ? 0 : 1;
  };
}

/** Any adapter where there is none; and where the only ones are software without lavapipe, that. */
async function install(sudo: boolean, choice: EngineChoice): Promise<void> {
  const log = (line: string) => console.error(line);
  const engine = await openEngine({ install: log, sudo, ...choice });
  const software = isSoftware(engine.info!);
  engine.destroy();
  if (!software || hasLavapipe(await listAdapters('needed'))) return;
  if (await installMesa(mesaPlan(), { log, sudo })) lookAgain();
}

/** An adapter as it describes itself, and as it was measured. */
export interface Adapter {
  readonly vendor: string;
  readonly architecture: string;
  readonly device: string;
  readonly description: string;
  readonly software: boolean;
  readonly features: readonly string[];
  readonly limits: Readonly<Record<string, number>>;
  /** Measured: multiply-adds in registers, in GFLOP/s, and a copy in a shader, in GB/s. */
  readonly peakGflops: number;
  readonly copyGBps: number;
  /** Measured: how many of 256 threads of a workgroup one core runs at once. */
  readonly threadsAtOnce: number;
  /** The kernels that suit it by that measurement, or those that were asked for. */
  readonly family: string;
  /** Four neighbouring threads can share what they load. */
  readonly quads: boolean;
  /** What `tune` has measured on it. */
  readonly tuning: Tuned;
}

/** What `doctor` finds; the adapter is null where there is none. */
export interface Findings {
  readonly seqgpu: string;
  readonly node: string;
  readonly platform: string;
  readonly tried: readonly string[];
  readonly adapter: Adapter | null;
  /** All that there are, the one to take first in front. */
  readonly adapters: readonly ListedAdapter[];
  /** The driver of the one that is taken. */
  readonly driver?: string;
  readonly advice: readonly string[];
}

/** What there is to say of this machine's adapter, system and Node, with the kernels and the adapter of a choice. */
export async function examine(choice: EngineChoice): Promise<Findings> {
  const adapters = await listAdapters('needed');
  const { gpu, tried, fix, driver } = await nodeGpu();
  const found = await gpu?.requestAdapter({ powerPreference: 'high-performance' });
  const adapter = found ? await examineAdapter(choice) : null;
  const faster = adapter && !hasLavapipe(adapters) ? mesaAdvice(mesaPlan()) : [];
  return {
    seqgpu: version,
    node: process.version,
    platform: `${process.platform} ${process.arch}, ${release()}${distribution() && `, ${distribution()}`}`,
    tried,
    adapter,
    adapters,
    driver,
    advice: fix ? [fix] : adapter && !adapter.software ? [] : [...advice(adapter !== null), ...faster],
  };
}

async function examineAdapter(choice: EngineChoice): Promise<Adapter> {
  const engine = await openEngine(choice);
  const { info, features } = engine.adapter!;
  const { vendor, architecture, device, description } = info;
  const atOnce = await threadsAtOnce(engine.device);
  const limits = Object.fromEntries(LIMITS.map((name) => [name, engine.device.limits[name]]));
  const { family, quads } = engine.traits;
  const peakGflops = await measureCeiling(engine, 'fma');
  const copyGBps = await measureCeiling(engine, 'copy');
  const tuning = await examineTuning(engine);
  engine.destroy();
  return {
    vendor,
    architecture,
    device,
    description,
    software: isSoftware(info),
    features: [...features].sort(),
    limits,
    peakGflops,
    copyGBps,
    threadsAtOnce: atOnce,
    family,
    quads,
    tuning,
  };
}

/** `Debian GNU/Linux 12 (bookworm)`, or nothing outside Linux. */
function distribution(): string {
  try {
    return /^PRETTY_NAME="?([^"\n]+)/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? '';
  } catch {
    return '';
  }
}

/** What to install for a GPU, or for any adapter at all. */
function advice(works: boolean): string[] {
  const start = works
    ? 'It works, on the CPU. With a GPU in this machine, its driver is missing:'
    : 'There is no adapter. For a GPU in this machine, install its driver; for a software adapter, a Chrome:';
  const systems: Partial<Record<NodeJS.Platform, string[]>> = {
    linux: [
      'Debian, Ubuntu: apt install mesa-vulkan-drivers (AMD, Intel), nvidia-driver and libvulkan1 (NVIDIA)',
      'Fedora: dnf install mesa-vulkan-drivers vulkan-loader; NVIDIA: akmod-nvidia of RPM Fusion',
      'a container: pass it --gpus all and NVIDIA_DRIVER_CAPABILITIES=all, or --device /dev/dri',
      ...(works
        ? []
        : ['no GPU: npx seqgpu doctor --install, or apt install chromium, or dnf install chromium']),
    ],
    darwin: ['macOS has Metal in every version since 10.13; a virtual machine needs a paravirtual GPU'],
    win32: ['Windows has Direct3D 12 since version 10; update the GPU driver from its maker'],
  };
  return [
    start,
    ...(systems[process.platform] ?? ["npm's package webgpu supports Linux, macOS and Windows"]),
  ];
}

function text({ adapter, ...findings }: Findings): string {
  const lines = [`seqgpu ${findings.seqgpu}, Node ${findings.node}, ${findings.platform}`];
  if (adapter) lines.push(...adapterText(adapter));
  else lines.push('adapter: none');
  const all = adapterLines(findings.adapters, findings.driver);
  if (all.length > 0) lines.push('adapters:', ...all.map((line) => `  ${line}`));
  lines.push('tried:', ...findings.tried.map((line) => `  ${line}`));
  const [start, ...rest] = findings.advice;
  if (start)
    lines.push(
      'advice:',
      `  ${start}`,
      ...rest.map((line) => (line.startsWith(' ') ? `    ${line}` : `  - ${line}`)),
    );
  return lines.join('\n');
}

function adapterText(adapter: Adapter): string[] {
  const rows: [string, string][] = [
    ['adapter', [adapter.vendor, adapter.architecture || adapter.device].filter(Boolean).join(' ')],
    ['description', adapter.description || '–'],
    ['software', adapter.software ? 'yes: it computes on the CPU' : 'no'],
    [
      'peak',
      `${significant(adapter.peakGflops, 2)} GFLOP/s in registers, ` +
        `${significant(adapter.copyGBps, 2)} GB/s copied (measured)`,
    ],
    [
      'threads',
      `a core runs about ${significant(adapter.threadsAtOnce, 2)} of a workgroup's 256 at once (measured)`,
    ],
    [
      'kernels',
      `the ${adapter.family} family, as fits that number${adapter.quads ? '; quads share loads' : ''}`,
    ],
    ['tuning', tuningText(adapter.tuning)],
    ...Object.entries(adapter.limits).map(([name, value]): [string, string] => [name, count(value)]),
    ['features', adapter.features.join(' ')],
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `${`${name}:`.padEnd(width + 2)}${value}`);
}
