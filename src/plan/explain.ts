// A plan as a table a person can read: one row a launch (repeats of a time loop are joined), then the memory.

import { check, shapeText, shown } from '../graph/check';
import { aligned } from '../graph/state';
import type { Memory } from './memory';
import type { Call } from '../graph/tensor';
import type { PlannedDispatch } from './launch';
import type { Plan } from './plan';

/** The schedule as a table (kernel, shapes, workgroups, bytes, FLOPs, buffer slot), then the memory. */
export function explainPlan(plan: Plan): string {
  const isPlan = Array.isArray((plan as Partial<Plan> | null)?.dispatches);
  check(isPlan, `explainPlan: ${shown(plan)} is no plan`, 'give step.plan(…), with the arguments of a call');
  const rows: string[][] = [['#', 'op', 'kernel', 'shapes', 'workgroups', 'KiB', 'MFLOP', 'writes to']];
  const list = plan.dispatches;
  for (let i = 0; i < list.length;) {
    let end = i + 1;
    while (end < list.length && list[end].call === list[i].call && list[end].variant === list[i].variant)
      end++;
    rows.push(row(i, list.slice(i, end)));
    i = end;
  }
  return `${align(rows)}\n${memoryText(plan)}`;
}

function row(first: number, group: readonly PlannedDispatch[]): string[] {
  const [one] = group;
  const inputs = Object.values(one.call.inputs).map((x) => shapeText(x.shape));
  const outputs = Object.values(one.call.outputs).map((x) => shapeText(x.shape));
  const times = group.length > 1 ? ` × ${group.length}` : '';
  return [
    String(first),
    one.label,
    `${one.variant.kernel.name}${times}`,
    `${inputs.join(' ')} → ${outputs.join(' ')}`,
    one.workgroups.join('·'),
    kibibytes(group.reduce((sum, { bytes }) => sum + bytes, 0)),
    (group.reduce((sum, { flops }) => sum + flops, 0) / 1e6).toFixed(2),
    [...new Set(one.bindings.filter(({ writes }) => writes).map(({ place }) => homeText(place.home)))].join(
      ' ',
    ),
  ];
}

function homeText(home: PlannedDispatch['bindings'][number]['place']['home']): string {
  if (home.kind === 'slot') return `slot ${home.slot}`;
  return home.kind === 'state' ? home.state.name : home.kind;
}

/** Elements of 4 bytes of all inputs and results together: what would be needed if nothing were reused. */
export function totalOf({ calls, inputs, memory }: Pick<Plan, 'calls' | 'inputs' | 'memory'>): number {
  const made = calls.flatMap(({ op, outputs }) => (op.view || op.pack ? [] : Object.values(outputs)));
  return [...inputs, ...made].reduce((sum, x) => sum + aligned(x.size / (memory.place(x).half ? 2 : 1)), 0);
}

function memoryText(plan: Plan): string {
  const { memory, dispatches } = plan;
  const peak = memory.slots.reduce((sum, size) => sum + size, 0);
  const total = totalOf(plan);
  const share = Math.round((100 * peak) / Math.max(1, total));
  const sizes = `${kibibytes(peak * 4)} KiB, ${share} % of the ${kibibytes(total * 4)} KiB without reuse`;
  const halves = halvesText(dispatches, memory);
  const largest = largestTensors(
    dispatches.map(({ call }) => call),
    memory,
  );
  return [
    `${dispatches.length} dispatches; ${memory.slots.length} slots, ${sizes}.${halves} Largest:`,
    ...largest.map((line) => `  ${line}`),
  ].join('\n');
}

/** How many of the step's results are stored in f16; nothing where none is. */
function halvesText(dispatches: Plan['dispatches'], memory: Memory): string {
  const made = [...new Set(dispatches.flatMap(({ call }) => Object.values(call.outputs)))];
  const slots = made.filter((x) => memory.place(x).home.kind === 'slot');
  const halves = slots.filter((x) => memory.place(x).half);
  return halves.length ? ` ${halves.length} of ${slots.length} tensors in f16.` : '';
}

/** The largest results that need memory of their own, a line each. */
export function largestTensors(calls: Iterable<Call>, memory: Memory): string[] {
  const sizes = new Map<string, number>();
  for (const { op, outputs } of new Set(calls)) {
    if (op.view) continue;
    for (const [name, x] of Object.entries(outputs)) {
      const { home, half } = memory.place(x);
      if (home.kind !== 'slot') continue;
      sizes.set(`${op.name}.${name} ${shapeText(x.shape)}`, x.size * (half ? 2 : 4));
    }
  }
  const top = [...sizes].sort((a, b) => b[1] - a[1]).slice(0, 5);
  return top.map(([name, bytes]) => `${name}  ${gibibytes(bytes) || `${kibibytes(bytes)} KiB`}`);
}

/** Bytes as a text, where there are very many; otherwise none. */
export const gibibytes = (bytes: number): string =>
  bytes < 2 ** 30 ? '' : `${(bytes / 2 ** 30).toFixed(1)} GiB`;

const kibibytes = (bytes: number): string => (bytes / 1024).toFixed(bytes < 10240 ? 1 : 0);

function align(rows: readonly string[][]): string {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((cells) => cells[column].length)));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, i) => cell.padEnd(widths[i]))
      .join('  ')
      .trimEnd();
  return rows.map(line).join('\n');
}
