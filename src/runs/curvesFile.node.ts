// metrics.jsonl: the curves of a run while it is trained, a line for every point: its step, the seconds until then, and
// the loss with its learning rate or what was measured on validation. A run that goes on repeats no line.

import { existsSync, readFileSync } from 'node:fs';
import { appendWhole, writeWhole } from '../files/wholeFile.node';
import { fail } from '../graph/check';
import { writeJson } from '../train/json';
import type { CurvePoint } from '../train/fitState';

/** Between two writes: a line for every step of a fast run would be slow. */
const WAIT_MS = 1000;

/** The curves of one run. */
export class CurvesFile {
  private waiting = '';
  private next = 0;
  private begun = false;

  /** `done`: the step where the run goes on. */
  constructor(
    private readonly path: string,
    private readonly done: number,
  ) {}

  /** Adds a point. */
  readonly add = (point: CurvePoint): void => {
    const seconds = Number(point.seconds.toFixed(3));
    this.waiting += `${writeJson({ ...point, seconds })}\n`;
    if (performance.now() >= this.next) this.write();
  };

  /** Writes what waits. */
  close(): void {
    if (this.waiting) this.write();
  }

  private write(): void {
    this.next = performance.now() + WAIT_MS;
    if (!this.begun) this.begin();
    this.begun = true;
    appendWhole(this.path, this.waiting, 'make room, and go on with --resume.', false);
    this.waiting = '';
  }

  /** Takes away what is of steps that are made again, and what a kill has torn. */
  private begin(): void {
    if (!existsSync(this.path)) return;
    const kept = pointsIn(this.path).filter(({ step }) => step !== undefined && step <= this.done);
    writeWhole(this.path, kept.map(({ line }) => `${line}\n`).join(''));
  }
}

/** How every line begins. */
const BEGINNING = '{"step":';

/** Refuses a file of that name that holds something else, and would be overwritten. */
export function refuseOtherCurves(path: string): void {
  if (!existsSync(path)) return;
  const lines = pointsIn(path);
  const points = lines.filter(({ step }) => step !== undefined);
  // The last line may be torn, and be the only one.
  const torn = lines.length === 1 && BEGINNING.startsWith(lines[0].line.slice(0, BEGINNING.length));
  if (lines.length === 0 || torn || (points.length > 0 && points.length >= lines.length - 1)) return;
  fail(`${path} is not of a run, and would be overwritten.`, {
    fix: 'name another --out, or move the file.',
  });
}

/** The lines of a file, with their steps where they have one. */
function pointsIn(path: string): { readonly line: string; readonly step?: number }[] {
  const lines = readFileSync(path, 'utf8').split('\n').filter(Boolean);
  return lines.map((line) => ({ line, step: stepIn(line) }));
}

function stepIn(line: string): number | undefined {
  try {
    const { step } = Object(JSON.parse(line)) as { step?: unknown };
    return Number.isSafeInteger(step) ? Number(step) : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
