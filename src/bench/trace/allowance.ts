// What a GPU could make of a launch at most: the roofline with a roof for each level of memory. Every level is taken to
// work at its full rate beside all others, latencies to be hidden and instructions to be free, so no GPU is faster, and
// most are slower.

import { peakOf, PER_CLOCK, type Gpu } from './gpus';
import { SECTOR, sectorsOf } from './cost';
import type { Request } from './requests';
import type { Site } from '../../wgsl/trace/site';

/** What limits a launch on a GPU. */
export type Roof = 'arithmetic' | 'issue' | 'requests' | 'workgroup memory' | 'cache' | 'memory';

/** What a launch asks of a GPU, all workgroups together. */
export interface Demand {
  readonly flops: number;
  /** Each bound byte once. */
  readonly memoryBytes: number;
  /** Lanes of all requests, idle ones included: as many operations could have been issued. */
  readonly issued: number;
  /** Sectors of all requests. */
  readonly requestBytes: number;
  /** 128 for each turn of workgroup memory. */
  readonly workgroupMemoryBytes: number;
  readonly workgroups: number;
  /** Threads of a workgroup, and what they need. */
  readonly threads: number;
  readonly registers: number;
  readonly workgroupBytes: number;
}

/** What a GPU allows a launch. */
export interface Allowance {
  readonly gpu: string;
  /** Microseconds that the launch takes at least, without what starting it costs. */
  readonly us: number;
  readonly limit: Roof;
  /** The share of the GPU's f32 peak that is left, 0 to 1; null for a launch that multiplies nothing. */
  readonly ofPeak: number | null;
  /** The time that arithmetic and memory would take alone, each byte moved once, over that time. */
  readonly ofIdeal: number;
  /** Bytes from the second-level cache, the first being as large as this GPU's. */
  readonly cacheBytes: number;
  /** Threads that a core can hold at once, by registers, workgroup memory and its own limit. */
  readonly threadsPerCore: number;
  /** The share of the cores that have something to do, on average. */
  readonly busy: number;
}

/** What a GPU allows a launch whose second-level cache is asked for `cacheBytes`. */
export function allowanceOf(gpu: Gpu, demand: Demand, cacheBytes: number): Allowance {
  const { cores, clockGHz } = gpu;
  const busy = demand.workgroups / (Math.ceil(demand.workgroups / cores) * cores);
  // Bytes, or operations, a microsecond.
  const perClock = (bytes: number) => bytes * cores * clockGHz * 1000 * busy;
  const peak = peakOf(gpu) * 1e6;
  const times: Record<Roof, number> = {
    arithmetic: demand.flops / peak / busy,
    issue: gpu.sharedIssue ? (demand.flops + 2 * demand.issued) / peak / busy : 0,
    requests: demand.requestBytes / perClock(PER_CLOCK.requests),
    'workgroup memory': demand.workgroupMemoryBytes / perClock(PER_CLOCK.workgroup),
    cache: cacheBytes / perClock(PER_CLOCK.cache),
    memory: demand.memoryBytes / (gpu.memory * 1000),
  };
  const [limit, us] = (Object.entries(times) as [Roof, number][]).reduce((a, b) => (b[1] > a[1] ? b : a));
  const ideal = Math.max(demand.flops / peak, times.memory);
  return {
    gpu: gpu.name,
    us,
    limit,
    ofPeak: demand.flops ? demand.flops / peak / us : null,
    ofIdeal: us ? ideal / us : 1,
    cacheBytes,
    threadsPerCore: threadsPerCore(gpu, demand),
    busy,
  };
}

/**
 * Threads of workgroups that a core holds at once. A workgroup takes whole subgroups, of the smallest size there is;
 * registers are handed out in steps, and what is beyond the most that a thread may have is spilled.
 */
export function threadsPerCore(
  { registerKiB, workgroupKiB, threads: most, workgroups = Infinity, subgroups, ...gpu }: Gpu,
  { threads, registers, workgroupBytes }: Pick<Demand, 'threads' | 'registers' | 'workgroupBytes'>,
): number {
  const [lanes] = subgroups;
  const taken = Math.ceil(threads / lanes) * lanes;
  const stepped = Math.ceil(Math.max(registers, 1) / gpu.registerStep) * gpu.registerStep;
  const groups = Math.min(
    workgroups,
    Math.floor(most / taken),
    Math.floor((registerKiB * 256) / (Math.min(stepped, gpu.mostRegisters) * taken)),
    workgroupBytes ? Math.floor((workgroupKiB * 1024) / workgroupBytes) : Infinity,
  );
  return groups * threads;
}

/**
 * Bytes that a workgroup asks of the second-level cache: what it reads and its part of the first level has not kept, by
 * the rule that what was not used the longest goes first, and what it writes. `scale`: accesses by site for each that
 * was written down.
 */
export function missesOf(
  requests: readonly Request[],
  sites: readonly Site[],
  scale: readonly number[],
  kept: number,
): number {
  const room = Math.max(1, Math.floor(kept / SECTOR));
  const cache = new Map<number, true>();
  const names = new Map<string, number>();
  let missed = 0;
  for (const { site, addresses } of requests) {
    const { space, kind, variable, bytes } = sites[site];
    if (space !== 'storage') continue;
    if (!names.has(variable)) names.set(variable, names.size);
    const base = names.get(variable)! * 2 ** 40;
    for (const sector of sectorsOf(addresses, bytes)) {
      const key = base + sector;
      const hit = kind === 'read' && cache.delete(key);
      if (!hit) missed += scale[site];
      if (kind !== 'read') continue;
      cache.set(key, true);
      if (cache.size > room) cache.delete(cache.keys().next().value!);
    }
  }
  return missed * SECTOR;
}
