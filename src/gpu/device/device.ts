// A GPUDevice that counts what is created on it, keeps pipelines, and remembers what went wrong.

import { SeqgpuError, callerLine, fail, hereStack } from '../../graph/check';
import type { Variant } from '../../graph/kernel';
import { compileError } from './compileError';
import { COMPUTE } from './usages';

/** Buffers that are there; the rest is what was done. A training step adds to `submits` and `dispatches` alone. */
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

const ANEW = 'open() another engine, and build the models anew; a checkpoint has their values.';

/** How long a reading that failed waits for the reason. */
const NEWS_MS = 100;

/** A device that counts what it makes, keeps its pipelines, and tells what went wrong at the next call. */
export class CountedDevice {
  readonly stats: Stats = { buffers: 0, bytes: 0, bindGroups: 0, pipelines: 0, submits: 0, dispatches: 0 };
  /** By code, not by name: two kernels may have one name, and a page may edit its own while it runs. */
  private readonly compiled = new Map<string, GPUComputePipeline>();
  /** By bindings, see `signatureOf`. */
  private readonly layouts = new Map<string, Layouts>();
  private readonly held = new Set<GPUBuffer>();
  private problem: Error | null = null;
  /** Error scopes that have not reported yet, oldest first: the cause stands before what follows from it. */
  private scopes: Promise<Error | null>[] = [];
  /** Why nothing works any more, once nothing does. */
  ended: string | null = null;
  /** Whether the device is gone, and was not destroyed here. */
  isLost = false;

  constructor(
    readonly device: GPUDevice,
    /** Made for this engine; otherwise its owner hears of errors that nobody caught, and destroys it. */
    private readonly owned: boolean,
    /** What can be done when it is lost. */
    private readonly wayBack = ANEW,
  ) {
    if (owned)
      device.addEventListener('uncapturederror', (e) => (this.problem ??= new SeqgpuError(e.error.message)));
    void device.lost.then(({ message, reason }) => {
      this.isLost = this.ended === null;
      this.ended ??= `The GPU was lost (${reason || 'unknown'}): ${message || 'it does not say why.'}`;
    });
  }

  get queue(): GPUQueue {
    return this.device.queue;
  }

  createBuffer(label: string, bytes: number, usage: GPUBufferUsageFlags): GPUBuffer {
    const buffer = this.device.createBuffer({ label, size: bytes, usage });
    this.stats.buffers++;
    this.stats.bytes += bytes;
    this.held.add(buffer);
    return buffer;
  }

  destroyBuffer(buffer: GPUBuffer): void {
    if (!this.held.delete(buffer)) return;
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
    let pipeline = this.compiled.get(variant.code);
    if (!pipeline) {
      const descriptor = this.describe(variant);
      const { module } = descriptor.compute;
      pipeline = this.scoped(
        () => this.device.createComputePipeline(descriptor),
        (message) => {
          this.compiled.delete(variant.code); // The next that needs it is told too.
          return compileError(variant, module, message);
        },
      );
      this.keep(variant, pipeline);
    }
    return pipeline;
  }

  /** The same without blocking, all at once: for pages that must stay responsive. */
  async compile(variants: Iterable<Variant>): Promise<void> {
    const missing = new Map([...variants].map((variant) => [variant.code, variant]));
    for (const code of this.compiled.keys()) missing.delete(code);
    await Promise.all(
      [...missing.values()].map(async (variant) => {
        const descriptor = this.describe(variant);
        try {
          this.keep(variant, await this.device.createComputePipelineAsync(descriptor));
        } catch (error) {
          throw await compileError(variant, descriptor.compute.module, String(error));
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

  /** Throws what is known to have gone wrong since the last look; and once the device is gone, always. */
  rethrow(): void {
    if (this.ended) {
      const what = this.isLost ? ({ fix: this.wayBack, kind: 'lost' } as const) : { fix: ANEW };
      fail(this.ended, { at: callerLine(hereStack()), ...what });
    }
    const found = this.problem;
    if (!found) return;
    this.problem = null;
    throw found;
  }

  /** Waits until everything that was submitted is done. */
  async done(): Promise<void> {
    this.rethrow();
    await this.survive(this.queue.onSubmittedWorkDone());
    this.rethrow();
  }

  /** Waits for what the device promises, and says so if the device is gone before. */
  async survive<T>(promise: Promise<T>): Promise<T> {
    try {
      return await promise;
    } catch (error) {
      // The news of a loss may come a little later than what follows from it.
      await Promise.race([this.device.lost, new Promise<void>((resolve) => setTimeout(resolve, NEWS_MS))]);
      this.rethrow();
      throw new SeqgpuError(`The device broke its promise: ${String(error)}`);
    }
  }

  /** Catches validation errors of `body` under a name. */
  guard(name: string, body: () => void): void {
    const stack = hereStack();
    const told = (text: string) => new SeqgpuError(`${name}: ${text.trim()}\n    at ${callerLine(stack)}`);
    this.scoped(body, told);
  }

  /** Frees every buffer; and the device, if it was made for this engine. */
  destroy(): void {
    this.ended = 'The engine was destroyed.';
    this.isLost = false;
    this.free();
  }

  /** The same with what is lost, which goes on to say so. */
  free(): void {
    for (const buffer of this.held) this.destroyBuffer(buffer);
    this.compiled.clear();
    if (this.owned) this.device.destroy();
  }

  /** Runs `body` in an error scope, which is closed however it ends. */
  private scoped<T>(body: () => T, report: (message: string) => Error | Promise<Error>): T {
    this.device.pushErrorScope('validation');
    let popped: Promise<GPUError | null> | undefined;
    try {
      const result = body();
      popped = this.popScope();
      this.watch(popped.then((error) => error && report(error.message)));
      return result;
    } finally {
      // What was thrown says more than what the device makes of it.
      if (!popped) void this.popScope();
    }
  }

  /** The scope of a device that is gone has nothing to report. */
  private popScope(): Promise<GPUError | null> {
    return this.device.popErrorScope().catch(() => null);
  }

  private keep(variant: Variant, pipeline: GPUComputePipeline): void {
    this.stats.pipelines++;
    this.compiled.set(variant.code, pipeline);
  }

  private watch(report: Promise<Error | null>): void {
    const noted = report.then((error) => {
      if (error) this.problem ??= error;
      // Nothing is waited for that has been heard: a page may run steps for ever and never ask how they went.
      else this.scopes = this.scopes.filter((one) => one !== noted);
      return error;
    });
    this.scopes.push(noted);
  }

  private describe(variant: Variant): GPUComputePipelineDescriptor {
    const label = variant.kernel.name;
    // What is wrong with it is told when its pipeline is made.
    this.device.pushErrorScope('validation');
    const module = this.device.createShaderModule({ label: `${label}.wgsl`, code: variant.code });
    void this.popScope();
    return { label, layout: this.layoutsOf(variant).pipeline, compute: { module, entryPoint: 'main' } };
  }

  // Explicit, not 'auto': an unused binding must not vanish from the layout. Params are one dynamic uniform, so that
  // the steps of a time loop share their bind groups. Kernels with equal bindings have layouts of their own all the
  // same: wgpu looks at the sizes of uniforms again only where the layout changes.
  private layoutsOf({ kernel }: Variant): Layouts {
    const { code, name: label } = kernel.reflection;
    let layouts = this.layouts.get(code);
    if (!layouts) {
      const entries = kernel.reflection.bindings.map(({ binding, access }): GPUBindGroupLayoutEntry => {
        const buffer: GPUBufferBindingLayout =
          access === 'params' ? { type: 'uniform', hasDynamicOffset: true } : { type: BUFFER_TYPES[access] };
        return { binding, visibility: COMPUTE, buffer };
      });
      const group = this.device.createBindGroupLayout({ label, entries });
      const pipeline = this.device.createPipelineLayout({ label, bindGroupLayouts: [group] });
      this.layouts.set(code, (layouts = { group, pipeline }));
    }
    return layouts;
  }
}

const BUFFER_TYPES = { uniform: 'uniform', read: 'read-only-storage', read_write: 'storage' } as const;
