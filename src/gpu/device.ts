// A GPUDevice that counts what is created on it, keeps pipelines, and remembers what went wrong.

import { SeqgpuError, fail } from '../graph/check';
import type { Kernel, Variant } from '../graph/kernel';
import { annotate } from './compileError';

/** Objects made since the device was opened. A training step adds to `submits` and `dispatches` alone. */
export interface Stats {
  buffers: number;
  bytes: number;
  bindGroups: number;
  pipelines: number;
  submits: number;
  dispatches: number;
}

interface Layouts {
  readonly group: GPUBindGroupLayout;
  readonly pipeline: GPUPipelineLayout;
}

export class CountedDevice {
  readonly stats: Stats = { buffers: 0, bytes: 0, bindGroups: 0, pipelines: 0, submits: 0, dispatches: 0 };
  /** By code, not by name: two kernels may have one name, and a page may edit its own while it runs. */
  private readonly pipelines = new Map<string, GPUComputePipeline>();
  /** By bindings, see `signatureOf`. */
  private readonly layouts = new Map<string, Layouts>();
  private readonly buffers = new Set<GPUBuffer>();
  private problem: Error | null = null;
  /** Error scopes that have not reported yet, oldest first: the cause stands before what follows from it. */
  private scopes: Promise<Error | null>[] = [];
  private closed = false;

  constructor(readonly device: GPUDevice) {
    device.addEventListener('uncapturederror', (event) => this.note(new SeqgpuError(event.error.message)));
    void device.lost.then(({ message, reason }) => {
      if (!this.closed) this.note(new SeqgpuError(`The GPU was lost (${reason || 'unknown'}): ${message}`));
    });
  }

  get queue(): GPUQueue {
    return this.device.queue;
  }

  createBuffer(label: string, bytes: number, usage: GPUBufferUsageFlags): GPUBuffer {
    const buffer = this.device.createBuffer({ label, size: bytes, usage });
    this.stats.buffers++;
    this.stats.bytes += bytes;
    this.buffers.add(buffer);
    return buffer;
  }

  destroyBuffer(buffer: GPUBuffer): void {
    if (!this.buffers.delete(buffer)) return;
    this.stats.buffers--;
    this.stats.bytes -= buffer.size;
    buffer.destroy();
  }

  createBindGroup(label: string, variant: Variant, entries: GPUBindGroupEntry[]): GPUBindGroup {
    this.stats.bindGroups++;
    return this.device.createBindGroup({ label, layout: this.layoutsOf(variant).group, entries });
  }

  submit(commands: GPUCommandBuffer): void {
    this.stats.submits++;
    this.device.queue.submit([commands]);
  }

  /** Compiled once for the same code, for the life of the device. */
  pipeline(variant: Variant): GPUComputePipeline {
    let pipeline = this.pipelines.get(variant.code);
    if (!pipeline) {
      this.device.pushErrorScope('validation');
      const descriptor = this.describe(variant);
      pipeline = this.device.createComputePipeline(descriptor);
      const { module } = descriptor.compute;
      this.watch(
        this.device.popErrorScope().then((error) => error && annotate(variant, module, error.message)),
      );
      this.keep(variant, pipeline);
    }
    return pipeline;
  }

  /** The same without blocking, all at once: for pages that must stay responsive. */
  async compile(variants: Iterable<Variant>): Promise<void> {
    const missing = new Map([...variants].map((variant) => [variant.code, variant]));
    for (const code of this.pipelines.keys()) missing.delete(code);
    await Promise.all(
      [...missing.values()].map(async (variant) => {
        const descriptor = this.describe(variant);
        try {
          this.keep(variant, await this.device.createComputePipelineAsync(descriptor));
        } catch (error) {
          throw await annotate(variant, descriptor.compute.module, String(error));
        }
      }),
    );
  }

  /** Waits for all reports, and throws the first thing that went wrong. */
  async settle(): Promise<void> {
    const reports = await Promise.all(this.scopes.splice(0));
    const first = reports.find((error) => error !== null);
    if (first) {
      this.problem = null;
      throw first;
    }
    this.rethrow();
  }

  /** Throws what is known to have gone wrong since the last look, if anything has. */
  rethrow(): void {
    if (this.closed) fail('The engine was destroyed.', { fix: 'open() another one.' });
    const { problem } = this;
    if (!problem) return;
    this.problem = null;
    throw problem;
  }

  /** Catches validation errors of `body` under a name. */
  guard(name: string, body: () => void): void {
    this.device.pushErrorScope('validation');
    body();
    this.watch(
      this.device.popErrorScope().then((error) => error && new SeqgpuError(`${name}: ${error.message}`)),
    );
  }

  destroy(): void {
    this.closed = true;
    for (const buffer of this.buffers) this.destroyBuffer(buffer);
    this.pipelines.clear();
    this.device.destroy();
  }

  private note(error: Error): void {
    this.problem ??= error;
  }

  private keep(variant: Variant, pipeline: GPUComputePipeline): void {
    this.stats.pipelines++;
    this.pipelines.set(variant.code, pipeline);
  }

  private watch(report: Promise<Error | null>): void {
    const noted = report.then((error) => {
      if (error) this.note(error);
      return error;
    });
    this.scopes.push(noted);
  }

  private describe(variant: Variant): GPUComputePipelineDescriptor {
    const label = variant.kernel.name;
    const module = this.device.createShaderModule({ label: `${label}.wgsl`, code: variant.code });
    return { label, layout: this.layoutsOf(variant).pipeline, compute: { module, entryPoint: 'main' } };
  }

  // Explicit, not 'auto': an unused binding must not vanish from the layout. Params are one dynamic uniform,
  // so that the steps of a time loop share their bind groups.
  private layoutsOf({ kernel }: Variant): Layouts {
    const signature = signatureOf(kernel);
    let layouts = this.layouts.get(signature);
    if (!layouts) {
      const entries = kernel.reflection.bindings.map(({ binding, access }): GPUBindGroupLayoutEntry => {
        const buffer: GPUBufferBindingLayout =
          access === 'params' ? { type: 'uniform', hasDynamicOffset: true } : { type: BUFFER_TYPES[access] };
        return { binding, visibility: GPUShaderStage.COMPUTE, buffer };
      });
      const group = this.device.createBindGroupLayout({ label: signature, entries });
      const pipeline = this.device.createPipelineLayout({ label: signature, bindGroupLayouts: [group] });
      this.layouts.set(signature, (layouts = { group, pipeline }));
    }
    return layouts;
  }
}

/** What of a kernel its layout is made of. */
const signatureOf = ({ reflection }: Kernel): string =>
  reflection.bindings.map(({ binding, access }) => `${binding} ${access}`).join(', ');

const BUFFER_TYPES = { uniform: 'uniform', read: 'read-only-storage', read_write: 'storage' } as const;
