// The report of a machine as Markdown: what is wrong first, then the adapter, then every part with its table.

import type { Ended } from '../../../bench/parts';
import { markdownTable } from '../../../bench/table';
import { duration } from '../../../report/text.node';

/** All that a report says, as report.json has it. */
export interface MachineReport {
  /** What wrote it: `seqgpu 0.1.0+1a2b3c4`. */
  readonly program: string;
  /** ISO 8601. */
  readonly date: string;
  readonly adapter: string;
  /** What Node, the system and the adapter say of themselves. */
  readonly machine: Readonly<Record<string, unknown>>;
  /** Minutes that it was given. */
  readonly minutes: number;
  /** Seconds that it took. */
  readonly seconds: number;
  readonly parts: readonly Ended[];
}

/** A line of a list; no line break ends it early. */
const item = (text: string): string => `- ${text.replaceAll(/\s*\n\s*/g, ' ')}`;

/** The report as it is read. */
export function reportText(report: MachineReport): string {
  const { parts } = report;
  const findings = parts.flatMap(({ name, findings: own }) => own.map((one) => item(`${name}: ${one}`)));
  const lines = [
    '# seqgpu on this machine',
    '',
    `${report.adapter}; ${report.program}; ${report.date.slice(0, 10)}; ` +
      `${duration(report.seconds)} of ${report.minutes} min.`,
    '',
    '## What is wrong',
    '',
    ...(findings.length ? findings : ['Nothing was found.']),
    '',
    '## The parts',
    '',
    markdownTable({ head: ['part', 'ended', 'time', 'what it does'], rows: parts.map(partLine) }),
    '',
    '## The machine',
    '',
    ...Object.entries(flat(report.machine)).map(([name, value]) => item(`${name}: ${value}`)),
    '',
    ...parts.flatMap(partText),
  ];
  return `${lines.join('\n').trimEnd()}\n`;
}

const partLine = ({ name, ending, seconds, about }: Ended): string[] => [
  name,
  ending,
  duration(seconds),
  about,
];

function partText({ name, head, rows, notes, left }: Ended): string[] {
  if (!rows.length && !notes.length && !left.length) return [];
  return [
    `## ${name}`,
    '',
    ...(rows.length ? [markdownTable({ head, rows }), ''] : []),
    ...notes.map(item),
    ...(left.length ? [item(`No time was left for: ${left.join(', ')}.`)] : []),
    ...(notes.length || left.length ? [''] : []),
  ];
}

/** Objects within objects as `adapter.limits.maxBufferSize`, in lists as `adapters.1.name`; other lists in one line. */
function flat(values: Readonly<Record<string, unknown>>, before = ''): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [name, value] of Object.entries(values)) {
    if (value === undefined) continue;
    const within = withinOf(value);
    if (within) Object.assign(found, flat(within, `${before}${name}.`));
    else found[before + name] = textOf(value);
  }
  return found;
}

/** What a value has by name, or by place from 1 on; null where it is to be read as it is. */
function withinOf(value: unknown): Readonly<Record<string, unknown>> | null {
  if (!Array.isArray(value)) return typeof value === 'object' && value ? { ...value } : null;
  if (!value.some((one) => typeof one === 'object' && one)) return null;
  return Object.fromEntries(value.map((one, i) => [i + 1, one as unknown]));
}

const textOf = (value: unknown): string =>
  (Array.isArray(value) ? value.join(', ') : String(value ?? '')) || '–';
