// A trace as people read it: a table of sites, one of levels of memory, one of GPUs, for each launch.

import { kibibytes, short, percent, type Words } from '../table';
import type { LaunchTrace, SiteTrace, SUBGROUPS } from './summary';
import { GPUS, peakOf } from './gpus';

/** A part of a trace: a line of words, or a table. */
export type Part = string | Words;

/** Lanes of a subgroup. */
export type Lanes = (typeof SUBGROUPS)[number];

/** A traced launch in words and tables, for subgroups of so many lanes. */
export function partsOf(launch: LaunchTrace, lanes: Lanes): Part[] {
  const { op, kernel, launches, workgroups, workgroupSize, threads, needs } = launch;
  const times = launches > 1 ? `, ${launches} launches` : '';
  const size = (axes: readonly number[]) => axes.filter((n, i) => n > 1 || i === 0).join(' × ');
  const grid = `${size(workgroups)} workgroups of ${size(workgroupSize)}: ${short(threads)} threads`;
  const arrays = needs.privateArrays.map(
    ({ name, line, bytes, index }) => `  line ${line}: ${name}, ${bytes} bytes a thread, by [${index}]`,
  );
  return [
    `${op}: ${kernel}.wgsl${times}; ${grid}`,
    `a thread: about ${needs.registers} registers; a workgroup: ${kibibytes(needs.workgroupBytes)} of its memory, ` +
      `${short(launch.barriers)} barriers${perFlop(launch)}`,
    ...(arrays.length ? ['arrays of a thread that are indexed at run time:', ...arrays] : []),
    ...(launch.noted < 1
      ? [`${percent(launch.noted)} of the accesses were written down; the others are taken to be like them`]
      : []),
    siteTable(launch, lanes),
    levelTable(launch),
    gpuTable(launch),
  ];
}

const perFlop = ({ barriers, flops, workgroups }: LaunchTrace): string => {
  const groups = workgroups.reduce((a, b) => a * b, 1);
  return flops && barriers ? `, ${short((barriers * groups) / (flops / 1e6))} for each MFLOP` : '';
};

/** Columns of numbers that are no shares of anything: how often, and what a request costs. */
function siteTable({ sites }: LaunchTrace, lanes: Lanes): Words {
  const seen = sites.filter(({ costs }) => costs[lanes]);
  const weight = ({ costs }: SiteTrace) => costs[lanes]!.requests * costs[lanes]!.spent;
  return {
    head: ['line', 'access', '', 'bytes', 'a thread', 'a request', 'ideal', 'efficiency', 'conflicts'],
    rows: seen
      .sort((a, b) => weight(b) - weight(a))
      .map((site) => {
        const { spent, ideal, efficiency } = site.costs[lanes]!;
        const storage = site.space === 'storage';
        return [
          String(site.line),
          site.text,
          site.kind,
          String(site.bytes),
          short(site.perThread),
          `${short(spent)} ${storage ? 'sectors' : 'turns'}`,
          short(ideal),
          storage ? percent(efficiency) : '–',
          storage ? '–' : short(1 / efficiency),
        ];
      }),
  };
}

function levelTable({ levels, flops }: LaunchTrace): Words {
  const names: readonly (readonly [keyof LaunchTrace['levels'], string])[] = [
    ['asked', 'asked for by threads'],
    ['requests', 'sectors of all requests (first-level cache)'],
    ['workgroups', 'sectors of a workgroup, each once (second level)'],
    ['memory', 'what is bound and asked for, each byte once (memory)'],
    ['workgroupMemory', 'workgroup memory, 128 a turn'],
  ];
  return {
    head: ['level', 'bytes', 'bytes / FLOP'],
    rows: names.map(([key, name]) => [name, short(levels[key]), flops ? short(levels[key] / flops) : '–']),
  };
}

function gpuTable({ gpus }: LaunchTrace): Words {
  return {
    head: ['GPU', 'peak', 'at least', 'limit', 'of peak', 'of ideal', 'threads a core', 'cores busy'],
    rows: gpus.map(({ gpu, us, limit, ofPeak, ofIdeal, threadsPerCore, busy }, i) => [
      gpu,
      `${short(peakOf(GPUS[i]))} TFLOP/s`,
      `${short(us)} µs`,
      limit,
      percent(ofPeak),
      percent(ofIdeal),
      String(threadsPerCore),
      percent(busy),
    ]),
  };
}
