// Traces the launches of a step: each kernel is run in its traced form, for a few workgroups of its grid, on whatever
// adapter there is, and what its threads write down is put together to requests, as GPUs with subgroups of 16, 32 and
// 64 lanes would make them.

import type { Engine } from '../../gpu/engine';
import { watchStep, type Beside, type Watched } from '../../gpu/look/watch';
import type { Arguments, Step } from '../../gpu/step';
import { fail } from '../../graph/check';
import { callable, checked, count, type Rules } from '../../graph/options';
import type { Kernel, Variant } from '../../graph/kernel';
import type { Tensor } from '../../graph/tensor';
import type { PlannedDispatch } from '../../plan/launch';
import { FIRST, wordsPerThread, type TracedGrid } from '../../wgsl/trace/harness';
import { instrument, type Instrumented } from '../../wgsl/trace/instrument';
import { needsOf } from '../../wgsl/trace/registers';
import type { Case } from '../case';
import { summaryOf, type LaunchTrace } from './summary';
import type { Log } from './requests';

/** How much is traced. */
export interface TraceOptions {
  /** Workgroups of each launch, spread over its grid. Default: 2. */
  readonly workgroups?: number;
  /**
   * The kernel of that name as it was written, where the one in use is not: the library's kernels are shortened when it
   * is built. Default: none, the text is that of the kernel in use.
   */
  readonly written?: (name: string) => Kernel | undefined;
}

const RULES: Rules<TraceOptions> = { workgroups: count, written: callable };

/** What a step's launches do with memory. */
export interface Trace {
  readonly launches: readonly LaunchTrace[];
}

/** Accesses of a thread that are written down in a first run, which counts them all. */
const FIRST_ROOM = 1024;

/** Bytes of all logs together. */
const MOST_BYTES = 2 ** 26;

/** Traces a case of the bench. */
export async function traceCase(engine: Engine, one: Case, options: TraceOptions = {}): Promise<Trace> {
  const { step, args } = one.build(engine, one.inputs());
  try {
    return await traceStep(step, options, ...args);
  } finally {
    step.destroy();
  }
}

/**
 * Traces every launch of a step that differs from those before it: per access site sectors and bank conflicts, and what
 * GPUs would allow. Only launches that make integers are run, and no state, count or random draw is changed.
 */
export async function traceStep<R, P extends readonly Tensor[]>(
  step: Step<R, P>,
  options: TraceOptions,
  ...args: Arguments<P>
): Promise<Trace> {
  const { workgroups = 2, written } = checked('traceStep', options, RULES);
  const programs = new Map<PlannedDispatch, Tracing>();
  const beside = (planned: PlannedDispatch, device: GPUDevice) => {
    const tracing = new Tracing(planned, device.limits, workgroups, written);
    programs.set(planned, tracing);
    return tracing.beside(FIRST_ROOM);
  };
  const watched = await watchStep(step, beside, ...args);
  return { launches: watched.map((one) => programs.get(one.planned)!.summary(one)) };
}

/** A launch on its way to being traced. */
class Tracing {
  private program!: Instrumented;
  private room = 0;
  /** The kernel's text, as readable as there is. */
  private readonly variant: Variant;
  private readonly traced: TracedGrid['traced'];
  private readonly threads: number;

  constructor(
    private readonly planned: PlannedDispatch,
    private readonly limits: GPUSupportedLimits,
    wanted: number,
    written: TraceOptions['written'],
  ) {
    const { variant, workgroups } = planned;
    this.variant = written?.(variant.kernel.name)?.with(variant.changes) ?? variant;
    const [x, y] = workgroups;
    const all = workgroups.reduce((a, b) => a * b, 1);
    const groups = Math.min(wanted, all);
    this.threads = variant.workgroupSize.reduce((a, b) => a * b, 1);
    this.traced = Array.from({ length: groups }, (_, i) => {
      const at = Math.floor(((i + 0.5) * all) / groups);
      return [at % x, Math.floor(at / x) % y, Math.floor(at / x / y)] as const;
    });
    this.refuseLimits();
  }

  /** The traced form of the kernel, whose threads can each write down so many accesses. */
  beside(room: number): Beside {
    const { variant } = this;
    const { workgroups } = this.planned;
    const { bindings, name } = variant.kernel.reflection;
    const binding = Math.max(-1, ...bindings.map((one) => one.binding)) + 1;
    const { traced, threads } = this;
    this.room = room;
    const size = variant.workgroupSize;
    this.program = instrument(name, variant.rolled, { binding, size, workgroups, traced, room });
    const words = threads * traced.length * wordsPerThread(this.program.sites.length, room);
    return { code: this.program.code, log: binding, words, workgroups: traced.length, next: this.next };
  }

  /** Once more, with room for all, if there was too little and there can be more. */
  private readonly next = (words: Uint32Array): Beside | null => {
    const log = this.log(words);
    const { maxBufferSize, maxStorageBufferBindingSize } = this.limits;
    const bytes = Math.min(MOST_BYTES, maxBufferSize, maxStorageBufferBindingSize);
    const threads = log.threads * log.groups;
    const fits = Math.floor((bytes / 4 / threads - wordsPerThread(log.sites, 0)) / 3);
    const room = Math.min(fits, mostOf(log) + FIRST * log.sites);
    return room > this.room ? this.beside(room) : null;
  };

  summary({ launches, log }: Watched): LaunchTrace {
    const { variant } = this;
    const needs = needsOf(variant.kernel.name, variant.code);
    return summaryOf(this.planned, { launches, needs, sites: this.program.sites, log: this.log(log) });
  }

  private log(words: Uint32Array): Log {
    const { room, threads, traced } = this;
    return { words, room, threads, groups: traced.length, sites: this.program.sites.length };
  }

  private refuseLimits(): void {
    const { bindings, name } = this.planned.variant.kernel.reflection;
    const buffers = bindings.filter(({ access }) => access.startsWith('read')).length + 1;
    const most = this.limits.maxStorageBuffersPerShaderStage;
    if (buffers <= most) return;
    fail(`traceStep: ${name}.wgsl binds ${buffers - 1} buffers, and its log is one more.`, {
      given: `this device allows ${most}`,
      fix: 'trace on another adapter: SwiftShader and lavapipe allow more.',
    });
  }
}

/** The most accesses that any thread made, written down or not. */
function mostOf({ words, sites, room, threads, groups }: Log): number {
  const each = wordsPerThread(sites, room);
  let most = 0;
  for (let thread = 0; thread < threads * groups; thread++) {
    const counts = words.subarray(thread * each + 1, thread * each + 1 + sites);
    most = Math.max(
      most,
      counts.reduce((a, b) => a + b, 0),
    );
  }
  return most;
}
