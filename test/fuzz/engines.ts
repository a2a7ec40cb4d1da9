// The engines that one program runs on, in every way in which an adapter may be used. They share one device, and what
// has been compiled on it: most of the time of a fuzzer goes into compiling kernels, most of which are the same in
// several ways of use and in the next programs. A device is replaced when many have been compiled.

import type { Engine } from '../../src/gpu/engine';
import { open, type OpenOptions } from '../../src/index';
import { findGpu } from '../harness/gpu';

/**
 * Fresh memory holds NaN, but on one engine, where it holds what was there: both must come to the same. Two fold every
 * launch of more than two workgroups.
 */
export const WAYS = {
  direct: { family: 'direct', poison: true },
  plain: { family: 'direct', quads: false, chains: false, longestRow: 2, poison: true },
  workgroup: { family: 'workgroup', poison: true },
  dirty: { family: 'workgroup', chains: false, longestRow: 2 },
} as const satisfies Readonly<Record<string, OpenOptions>>;

export type Way = keyof typeof WAYS;

export class Engines {
  private engines: Partial<Record<Way, Engine>> = {};
  private device: SharedDevice | null = null;
  private programs = 0;

  constructor(
    private readonly ways: readonly Way[],
    /** Programs for which engines are kept, and compiled kernels for which a device is. */
    private readonly life: { readonly programs: number; readonly kernels: number },
  ) {}

  /** For the next program. */
  async next(): Promise<Readonly<Record<string, Engine>>> {
    const old = this.device !== null && this.device.kernels > this.life.kernels;
    if (old || this.programs++ % this.life.programs === 0) await this.renew(old);
    return this.engines as Record<Way, Engine>;
  }

  destroy(): void {
    Object.values(this.engines).forEach((engine) => engine.destroy());
    this.device?.destroy();
    this.device = null;
  }

  private async renew(device: boolean): Promise<void> {
    Object.values(this.engines).forEach((engine) => engine.destroy());
    this.device?.forget();
    if (device) this.device?.destroy();
    if (device || !this.device) this.device = await SharedDevice.open();
    for (const way of this.ways) this.engines[way] = await open({ gpu: this.device.gpu, ...WAYS[way] });
  }
}

type Listener = Parameters<GPUDevice['addEventListener']>[1];

/** A WebGPU that gives everybody the same device, which outlives whoever destroys it and compiles no code twice. */
class SharedDevice {
  private readonly pipelines = new Map<string, GPUComputePipeline>();
  private readonly listeners: [string, Listener][] = [];

  private constructor(
    readonly gpu: GPU,
    private readonly device: GPUDevice,
    private readonly end: () => void,
  ) {
    const codes = new WeakMap<GPUShaderModule, string>();
    const { createShaderModule, createComputePipeline } = bound(device);
    device.createShaderModule = (descriptor) => {
      const module = createShaderModule(descriptor);
      codes.set(module, descriptor.code);
      return module;
    };
    device.createComputePipeline = (descriptor) => {
      const code = codes.get(descriptor.compute.module)!;
      const known = this.pipelines.get(code) ?? createComputePipeline(descriptor);
      this.pipelines.set(code, known);
      return known;
    };
    const { addEventListener } = device;
    device.addEventListener = (type: string, listener: Listener) => {
      this.listeners.push([type, listener]);
      addEventListener.call(device, type, listener);
    };
    device.destroy = () => undefined;
  }

  static async open(): Promise<SharedDevice> {
    const gpu = await findGpu();
    const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
    if (!adapter) throw new Error('there is no adapter');
    let device: GPUDevice | null = null;
    const request = adapter.requestDevice.bind(adapter);
    adapter.requestDevice = async (descriptor) => (device ??= await request(descriptor));
    const one = { requestAdapter: async () => adapter } as Partial<GPU> as GPU;
    // The first engine asks for the features and limits that all want.
    const first = await open({ gpu: one, family: 'direct', quads: false });
    const end = first.device.destroy.bind(first.device);
    return new SharedDevice(one, first.device, end);
  }

  /** Engines that were destroyed hear no more of it. */
  forget(): void {
    for (const [type, listener] of this.listeners.splice(0)) this.device.removeEventListener(type, listener);
  }

  get kernels(): number {
    return this.pipelines.size;
  }

  destroy(): void {
    this.pipelines.clear();
    this.end();
  }
}

const bound = (device: GPUDevice) => ({
  createShaderModule: device.createShaderModule.bind(device),
  createComputePipeline: device.createComputePipeline.bind(device),
});
