// Finds an adapter, asks it for all it has, and says why when there is none.

// First: with it come the kernels, and a bundle compresses best where these do not stand between other code.
import { chooseFamily, quadsAreNeighbours } from './device/probe';
import { check, fail, shown } from '../graph/check';
import { callable, checked, count, flag, oneOf, type Rules } from '../graph/options';
import type { Traits } from '../graph/traits';
import type { Tuning } from '../graph/tuning';
import { Engine, type EngineOptions } from './engine';
import type { Debug } from './tell/debug';
import type { Opened } from './workplace';

/** What `open` can be asked for. */
export interface OpenOptions extends EngineOptions {
  /** A WebGPU of your own; otherwise `navigator.gpu`, or Dawn in Node. */
  readonly gpu?: GPU;
  readonly powerPreference?: GPUPowerPreference;
  /**
   * A device of your own, whose buffers steps can then share: see gpuArray, engine.bufferOf and encodeStep. It stays
   * yours: the engine never destroys it, and errors outside its own calls come to you (`uncapturederror`). Ask the
   * adapter for as much as it has in `requiredLimits`; for the features 'timestamp-query' and 'subgroups' where you
   * want their use. A function that makes one is asked again when the device was lost: see reopen. In Node, keep the
   * object that `create()` of the package webgpu gave referenced for as long as a device of it is in use: once it is
   * collected, Dawn crashes, or waits for ever.
   */
  readonly device?: GPUDevice | (() => Promise<GPUDevice>);
  /** Overrides the measured choice of kernels, for tests and benchmarks. */
  readonly family?: Traits['family'];
  /** Whether kernels share loads between neighbouring threads where the adapter allows; default: true. */
  readonly quads?: boolean;
  /** Whether elementwise ops in a row become one launch; default: true. */
  readonly chains?: boolean;
  /** `new Tuning(saved)`, of what `engine.tuning` was at the end of an earlier session on this adapter. */
  readonly tuning?: Tuning;
  /** Folds rows of more workgroups into y, as those of very large tensors are: to test kernels on small ones. */
  readonly longestRow?: number;
}

const RULES: Rules<OpenOptions> = {
  gpu: (given) => typeof (given as GPU | null)?.requestAdapter === 'function' || 'navigator.gpu',
  device: () => true, // What it is has to be asked of what a function makes, too: see `given`.
  powerPreference: oneOf(['low-power', 'high-performance']),
  family: oneOf(['direct', 'workgroup']),
  quads: flag,
  chains: flag,
  poison: flag,
  recordings: count,
  longestRow: count,
  log: callable,
  tuning: (given) => typeof (given as Tuning | null)?.choose === 'function' || 'new Tuning(what was saved)',
  debug: (given) => typeof given === 'function' || "seqgpu's `debug`",
};

/**
 * Where a WebGPU comes from when `navigator.gpu` is missing; `tried` says in words what was looked at, `fix` what is
 * to be done about it.
 */
export type GpuSource = () => Promise<{ gpu: GPU | null; tried: readonly string[]; fix?: string }>;

let source: GpuSource = async () => ({ gpu: null, tried: [] });
let debugging: Debug | undefined;

/** The Node entry registers Dawn here, and what the environment asks for, so that browsers never see it. */
export function provideGpu(other: GpuSource, debug?: Debug): void {
  source = other;
  debugging = debug;
}

/** Opens the GPU: an engine, or an error that says what was tried and what to install. */
export async function open(options: OpenOptions = {}): Promise<Engine> {
  checked('open', options, RULES);
  const find = finding(options);
  const opened = await find();
  const { device } = opened;
  const { limits } = device;
  // Of a device that is opened again nothing is measured: other kernels would give other bits.
  const family = options.family ?? (await chooseFamily(device));
  const traits = {
    family,
    quads: family === 'direct' && options.quads !== false && (await quadsAreNeighbours(device)),
    lanes: device.adapterInfo?.subgroupMaxSize ?? 4,
    chains: options.chains !== false,
    maxBindingBytes: limits.maxStorageBufferBindingSize,
    maxBufferBytes: limits.maxBufferSize,
    maxStorageBuffers: limits.maxStorageBuffersPerShaderStage,
    maxWorkgroupBytes: limits.maxComputeWorkgroupStorageSize,
    maxWorkgroupsPerAxis: limits.maxComputeWorkgroupsPerDimension,
    longestRow: options.longestRow,
    tuning: options.tuning,
  };
  const again = typeof options.device === 'object' ? undefined : find;
  return new Engine(opened, traits, { debug: debugging, ...options }, again);
}

/** How the options' device is come by, the first time and again. */
function finding(options: OpenOptions): () => Promise<Opened> {
  const { device } = options;
  if (!device) return () => made(options);
  return async () => given(typeof device === 'function' ? await device() : device);
}

async function made(options: OpenOptions): Promise<Opened> {
  const { adapter, gpu } = await findAdapter(options);
  const device = await adapter.requestDevice({
    requiredFeatures: WISHED.filter((feature) => adapter.features.has(feature)),
    requiredLimits: askFor(adapter),
  });
  return { gpu, adapter, device };
}

/** What every kernel takes for granted; of all else the planner asks the device. */
const NEEDED = {
  maxStorageBuffersPerShaderStage: 8,
  maxComputeInvocationsPerWorkgroup: 256,
  maxComputeWorkgroupSizeX: 256,
  maxComputeWorkgroupStorageSize: 16384,
} as const;

async function given(device: GPUDevice): Promise<Opened> {
  check(device?.lost, `open: the device is ${shown(device)}`, 'give a GPUDevice');
  const lost = await Promise.race([device.lost, Promise.resolve(null)]);
  if (lost)
    fail(`open: the device was lost (${lost.reason}): ${lost.message}`, { fix: 'request another one.' });
  for (const [name, least] of Object.entries(NEEDED)) {
    const has = device.limits[name as keyof typeof NEEDED];
    if (has >= least) continue;
    fail(`open: the device has ${name} ${has}, at least ${least} are needed.`, {
      fix: `request it with requiredLimits: { ${name}: ${least} }.`,
    });
  }
  return { gpu: null, adapter: null, device };
}

/** Used where the adapter has them; nothing needs them. */
const WISHED: GPUFeatureName[] = ['timestamp-query', 'subgroups', 'shader-f16'];

/** A device has the default limits unless it asks: ask for the adapter's. */
function askFor({ limits }: GPUAdapter): Record<string, number> {
  return {
    maxBufferSize: limits.maxBufferSize,
    maxStorageBufferBindingSize: limits.maxStorageBufferBindingSize,
    maxStorageBuffersPerShaderStage: limits.maxStorageBuffersPerShaderStage,
    maxComputeWorkgroupStorageSize: limits.maxComputeWorkgroupStorageSize,
  };
}

async function findAdapter(options: OpenOptions): Promise<{ adapter: GPUAdapter; gpu: GPU }> {
  const { powerPreference = 'high-performance' } = options;
  const navigator: { gpu?: GPU } | undefined = Reflect.get(globalThis, 'navigator');
  const isSecureContext: boolean | undefined = Reflect.get(globalThis, 'isSecureContext');
  const own = options.gpu ?? navigator?.gpu;
  const { gpu, tried, fix } = own
    ? { gpu: own, tried: ['navigator.gpu is present'], fix: undefined }
    : await source();
  if (!gpu) {
    const insecure = isSecureContext === false;
    fail('open: there is no WebGPU here.', {
      given: ['navigator.gpu is missing', ...tried].join(', '),
      fix: insecure
        ? 'serve the page over https or from localhost.'
        : (fix ??
          'use Chrome 113, Safari 26, Firefox 141 or newer, Deno 2.9, or Node with the package webgpu.'),
    });
  }
  const adapter = await gpu.requestAdapter({ powerPreference });
  if (!adapter) {
    fail('open: WebGPU is here, but no adapter.', {
      given: tried.join(', '),
      fix: '`npx seqgpu doctor` says what to install.',
    });
  }
  return { adapter, gpu };
}
