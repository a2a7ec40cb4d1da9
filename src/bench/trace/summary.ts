// The numbers of a traced launch: per site, per level of memory, and what GPUs allow.

import type { PlannedDispatch } from '../../plan/launch';
import type { ThreadNeeds } from '../../wgsl/trace/registers';
import type { Site } from '../../wgsl/trace/site';
import { allowanceOf, missesOf, threadsPerCore, type Allowance, type Demand } from './allowance';
import { costOf, SECTOR, sectorsOf, type Cost } from './cost';
import { GPUS } from './gpus';
import { countsOf, requestsOf, type Log, type Request } from './requests';

/** Sizes of subgroups, in lanes, for which costs are counted. */
export const SUBGROUPS = [16, 32, 64] as const;

/** Those of the levels and of the GPUs. */
const LANES = 32;

/** What the requests of a site cost, for one size of subgroup. */
export interface RequestCost {
  /** Requests of a workgroup, on average. */
  readonly requests: number;
  /** The parts of a request: 32-byte sectors of a buffer, or turns of workgroup memory; and the least that would do. */
  readonly spent: number;
  readonly ideal: number;
  /** Ideal over spent, 0 to 1: the sector efficiency of a buffer. The conflicts of workgroup memory are 1 over it. */
  readonly efficiency: number;
}

/** A site of a launch. */
export interface SiteTrace extends Site {
  /** How often a thread comes there, on average. */
  readonly perThread: number;
  /** By lanes of a subgroup; none for barriers and for what was never come to. */
  readonly costs: Readonly<Partial<Record<(typeof SUBGROUPS)[number], RequestCost>>>;
}

/** Bytes that a launch moves, all workgroups together, with subgroups of 32. */
export interface Levels {
  /** What threads ask for. */
  readonly asked: number;
  /** Whole sectors, of every request: what the first-level cache gives and takes. */
  readonly requests: number;
  /** Every sector once for a workgroup: what the second level gives at least. */
  readonly workgroups: number;
  /** Every byte that is bound once; no more than the workgroups ask for where they leave most of it alone. */
  readonly memory: number;
  /** 128 for every turn of workgroup memory. */
  readonly workgroupMemory: number;
}

/** A launch as it was traced. */
export interface LaunchTrace {
  readonly op: string;
  readonly kernel: string;
  /** Launches of the step that are like it. */
  readonly launches: number;
  readonly workgroups: readonly [number, number, number];
  readonly workgroupSize: readonly [number, number, number];
  /** Threads of the launch. */
  readonly threads: number;
  readonly flops: number;
  readonly levels: Levels;
  /** Barriers that a workgroup waits at. */
  readonly barriers: number;
  readonly needs: ThreadNeeds;
  readonly tracedWorkgroups: number;
  /** The share of the accesses that were written down; the others are taken to be like them. */
  readonly noted: number;
  readonly sites: readonly SiteTrace[];
  readonly gpus: readonly Allowance[];
}

interface Traced {
  readonly launches: number;
  readonly needs: ThreadNeeds;
  readonly sites: readonly Site[];
  readonly log: Log;
}

/** The numbers of a launch. */
export function summaryOf(planned: PlannedDispatch, { launches, needs, sites, log }: Traced): LaunchTrace {
  const { variant, workgroups, flops, label } = planned;
  const all = workgroups.reduce((a, b) => a * b, 1);
  const counts = countsOf(log);
  const bySize = new Map(SUBGROUPS.map((size) => [size, requestsOf(log, size)]));
  const groups = bySize.get(LANES)!;
  const notes = groups.flat().reduce((sum, { addresses }) => sum + addresses.length, 0);
  const accesses = counts.reduce((sum, count, i) => sum + (sites[i].space === 'barrier' ? 0 : count), 0);
  const scale = shares(groups.flat(), counts);
  const levels = levelsOf(groups, sites, scale, all, planned.bytes);
  const demand: Demand = {
    flops,
    memoryBytes: levels.memory,
    issued: (groups.flat().reduce((sum, { site }) => sum + scale[site], 0) * LANES * all) / log.groups,
    requestBytes: levels.requests,
    workgroupMemoryBytes: levels.workgroupMemory,
    workgroups: all,
    threads: log.threads,
    ...needs,
  };
  const barriers = counts.filter((_, i) => sites[i].space === 'barrier').reduce((a, b) => a + b, 0);
  return {
    op: label,
    kernel: variant.kernel.name,
    launches,
    workgroups,
    workgroupSize: variant.workgroupSize,
    threads: all * log.threads,
    flops,
    levels,
    barriers: barriers / log.threads / log.groups,
    needs,
    tracedWorkgroups: log.groups,
    noted: accesses ? notes / accesses : 1,
    sites: sites.map((site, i) => siteTrace(site, i, counts[i], bySize, log, scale[i])),
    gpus: allowances(demand, groups, sites, scale),
  };
}

/** By site, how many accesses there are for each that was written down. */
function shares(requests: readonly Request[], counts: readonly number[]): number[] {
  const noted = counts.map(() => 0);
  for (const { site, addresses } of requests) noted[site] += addresses.length;
  return counts.map((count, i) => (noted[i] ? count / noted[i] : 1));
}

function siteTrace(
  site: Site,
  index: number,
  count: number,
  bySize: ReadonlyMap<(typeof SUBGROUPS)[number], readonly Request[][]>,
  { threads, groups }: Log,
  scale: number,
): SiteTrace {
  const costs: Partial<Record<(typeof SUBGROUPS)[number], RequestCost>> = {};
  for (const [size, all] of bySize) {
    const own = all.flat().filter((request) => request.site === index);
    if (!own.length) continue;
    const { spent, ideal } = sumOf(own.map((request) => costOf(request, site)));
    costs[size] = {
      requests: (own.length * scale) / groups,
      spent: spent / own.length,
      ideal: ideal / own.length,
      efficiency: ideal / spent,
    };
  }
  return { ...site, perThread: count / threads / groups, costs };
}

const sumOf = (costs: readonly Cost[]): Cost =>
  costs.reduce((a, b) => ({ spent: a.spent + b.spent, ideal: a.ideal + b.ideal }), { spent: 0, ideal: 0 });

function levelsOf(
  groups: readonly Request[][],
  sites: readonly Site[],
  scale: readonly number[],
  all: number,
  bound: number,
): Levels {
  let [asked, requests, workgroups, workgroupMemory] = [0, 0, 0, 0];
  for (const group of groups) {
    const touched = new Map<string, Set<number>>();
    for (const request of group) {
      const site = sites[request.site];
      const { spent } = costOf(request, site);
      if (site.space === 'workgroup') workgroupMemory += spent * 128 * scale[request.site];
      else {
        asked += request.addresses.length * site.bytes * scale[request.site];
        requests += spent * SECTOR * scale[request.site];
        const own = touched.get(site.variable) ?? new Set();
        for (const sector of sectorsOf(request.addresses, site.bytes)) own.add(sector);
        touched.set(site.variable, own);
      }
    }
    workgroups += [...touched.values()].reduce((sum, { size }) => sum + size * SECTOR, 0);
  }
  const each = (bytes: number) => (bytes / groups.length) * all;
  return {
    asked: each(asked),
    requests: each(requests),
    workgroups: each(workgroups),
    workgroupMemory: each(workgroupMemory),
    memory: Math.min(bound, each(workgroups)),
  };
}

function allowances(
  demand: Demand,
  groups: readonly Request[][],
  sites: readonly Site[],
  scale: readonly number[],
): Allowance[] {
  const all = demand.workgroups;
  const known = new Map<number, number>();
  return GPUS.map((gpu) => {
    // Workgroups that a core holds at once share its cache.
    const beside = Math.max(1, threadsPerCore(gpu, demand) / demand.threads);
    const kept = (gpu.cacheKiB * 1024) / Math.min(beside, Math.ceil(all / gpu.cores));
    const missed = known.get(kept) ?? groups.reduce((sum, one) => sum + missesOf(one, sites, scale, kept), 0);
    known.set(kept, missed);
    return allowanceOf(gpu, demand, (missed / groups.length) * all);
  });
}
