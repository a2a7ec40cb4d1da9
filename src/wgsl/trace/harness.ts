// What a traced program is run by: an entry point that stands for chosen workgroups of a grid that is not dispatched,
// and the functions that note an access. A thread's log has how often it was at each site, and then, as long as there
// is room, site, address and path of every access, in their order.

import { Struct, type Argument, type Attribute } from '../tree';

/** Which workgroups are traced, of which grid. */
export interface TracedGrid {
  /** The number in group 0 that the log is bound to. */
  readonly binding: number;
  readonly size: readonly [number, number, number];
  /** How many workgroups the program is made to believe in. */
  readonly workgroups: readonly [number, number, number];
  readonly traced: readonly (readonly [number, number, number])[];
  /** Accesses that a thread has room for. */
  readonly room: number;
}

/** Accesses of a site that are always noted, so that none is missing because others came first. */
export const FIRST = 16;

/** Words of a log before its accesses: how many these are, and one count for each site. */
export const headOf = (sites: number): number => 1 + sites;

/** Words of an access: site, address, path. */
export const NOTE = 3;

/** Words that a thread writes. */
export const wordsPerThread = (sites: number, room: number): number => headOf(sites) + NOTE * room;

/** The text behind a program; `passing` names the functions that hand a value through, by its type. */
export function harness(
  args: readonly Argument[],
  sites: number,
  passing: ReadonlyMap<string, string>,
  grid: TracedGrid,
): string {
  return [functionsText(sites, grid), ...passingText(passing), entryText(args, sites, grid)].join('\n');
}

function functionsText(sites: number, { binding, room }: TracedGrid): string {
  const kept = Math.max(0, room - FIRST * sites);
  return `
@group(0) @binding(${binding}) var<storage, read_write> traceLog : array<u32>;
var<private> traceStart : u32;
var<private> traceUsed : u32;
var<private> traceCounts : array<u32, ${Math.max(1, sites)}>;
var<private> traceParts : array<u32, ${Math.max(1, sites)}>;
fn traceMix(path : u32, place : u32) -> u32 {
  var mixed = (path ^ (place + 0x9e3779b9u + (path << 6u) + (path >> 2u))) * 0x85ebca6bu;
  mixed = (mixed ^ (mixed >> 13u)) * 0xc2b2ae35u;
  return mixed ^ (mixed >> 16u);
}
fn traceNote(path : u32, site : u32, address : u32) {
  let before = traceCounts[site];
  traceCounts[site] = before + 1u;
  if (traceUsed < ${kept}u || (before < ${FIRST}u && traceUsed < ${room}u)) {
    let at = traceStart + ${headOf(sites)}u + ${NOTE}u * traceUsed;
    traceLog[at] = site;
    traceLog[at + 1u] = address;
    traceLog[at + 2u] = path;
    traceUsed++;
  }
}
fn traceIndex(path : u32, site : u32, stride : u32, offset : u32, after : bool, index : u32) -> u32 {
  traceNote(path, site, offset + index * stride + select(0u, traceParts[site], after));
  return index;
}
fn tracePart(site : u32, stride : u32, after : bool, index : u32) -> u32 {
  traceParts[site] = index * stride + select(0u, traceParts[site], after);
  return index;
}`;
}

const passingText = (passing: ReadonlyMap<string, string>): string[] =>
  [...passing].map(
    ([type, name]) => `fn ${name}(path : u32, site : u32, address : u32, value : ${type}) -> ${type} {
  traceNote(path, site, address);
  return value;
}`,
  );

/** What the device says of a thread, in the program's own grid. */
const BUILTINS: Readonly<Record<string, string>> = {
  workgroup_id: 'traceGroup',
  num_workgroups: 'traceGroups',
  local_invocation_id: 'traceLocal',
  local_invocation_index: 'traceLane',
  global_invocation_id: '(traceGroup * traceSize + traceLocal)',
};

function entryText(args: readonly Argument[], sites: number, grid: TracedGrid): string {
  const { size, workgroups, traced, room } = grid;
  const vector = (values: readonly number[]) => `vec3u(${values.map((value) => `${value}u`).join(', ')})`;
  const other = new Set<string>();
  const values = args.map((arg) => valueOf(arg, other));
  const others = [...other].map((name) => `, @builtin(${name}) trace_${name} : u32`).join('');
  const threads = size.reduce((a, b) => a * b, 1);
  return `
@compute @workgroup_size(${size.join(', ')})
fn main(
  @builtin(workgroup_id) traceTurn : vec3u,
  @builtin(local_invocation_id) traceLocal : vec3u,
  @builtin(local_invocation_index) traceLane : u32${others}
) {
  let traceAll = array<vec3u, ${traced.length}>(${traced.map(vector).join(', ')});
  let traceGroup = traceAll[traceTurn.x];
  let traceGroups = ${vector(workgroups)};
  let traceSize = ${vector(size)};
  traceStart = (traceTurn.x * ${threads}u + traceLane) * ${wordsPerThread(sites, room)}u;
  traceMain(${[...values, '0u'].join(', ')});
  traceLog[traceStart] = traceUsed;
  for (var i = 0u; i < ${sites}u; i++) { traceLog[traceStart + 1u + i] = traceCounts[i]; }
}`;
}

function valueOf({ type, attributes }: Argument, other: Set<string>): string {
  if (type instanceof Struct) {
    const members = type.members.map((member) => builtinValue(member.attributes, other));
    return `${type.name}(${members.join(', ')})`;
  }
  return builtinValue(attributes, other);
}

function builtinValue(attributes: readonly Attribute[] | null, other: Set<string>): string {
  const name = String(attributes?.find((one) => one.name === 'builtin')?.value);
  if (name in BUILTINS) return BUILTINS[name];
  // Those of subgroups are what they are.
  other.add(name);
  return `trace_${name}`;
}
