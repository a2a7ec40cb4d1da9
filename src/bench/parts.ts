// Parts of a long measurement under one budget of time. Each gets a share of what is left, and what happens in one ends
// that one alone: an error is written down, and so is what there was no time for.

import { SeqgpuError } from '../graph/check';

/** What a part has found so far. An error, or the end of its time, takes nothing of it away. */
export interface Sheet {
  /** The heads of the columns. */
  head: readonly string[];
  rows: (readonly string[])[];
  /** What is wrong, a sentence each. */
  readonly findings: string[];
  /** What is worth knowing, a sentence each. */
  readonly notes: string[];
  /** The names of what is still to be done: at the end, what there was no time for. */
  left: string[];
  /** The numbers by name, for JSON. */
  readonly values: Record<string, unknown>;
}

/** The time of a part. */
export interface PartTime {
  /** Seconds until it must have ended; negative behind that. */
  left(): number;
}

/** A part: what it measures, and how long it may take. */
export interface Part {
  readonly name: string;
  /** What it does, in words. */
  readonly about: string;
  /** Its share of the time, beside the shares of the others. */
  readonly share: number;
  /** Seconds without which it is not begun. */
  readonly least: number;
  /** Fills the sheet. It names in `left` what it will do, and looks at its time between one thing and the next. */
  run(sheet: Sheet, time: PartTime): Promise<void>;
}

/** How a part has ended. */
export type Ending = 'done' | 'failed' | 'out of time' | 'not run';

/** A part that has ended, with its sheet. */
export interface Ended extends Readonly<Omit<Sheet, 'rows' | 'findings' | 'notes' | 'left'>> {
  readonly name: string;
  readonly about: string;
  readonly ending: Ending;
  readonly seconds: number;
  readonly rows: readonly (readonly string[])[];
  readonly findings: readonly string[];
  readonly notes: readonly string[];
  readonly left: readonly string[];
}

/** The budget of parts, and whom to tell. */
export interface PartsOptions {
  /** Seconds for all of them. */
  readonly seconds: number;
  /** Seconds that have passed since some moment; default: the process's clock. */
  readonly clock?: () => number;
  /** Gets the name and the seconds of a part that begins. */
  readonly onBegin?: (name: string, seconds: number) => void;
  /** Gets all that have ended, after each: what is written then outlives a crash of the next. */
  readonly onEnd?: (ended: readonly Ended[]) => void;
  /** Frees what a part may have left open. */
  readonly tidy?: () => void;
}

/** Seconds of the process's clock. */
const now = (): number => performance.now() / 1000;

/** Runs parts in their order; never throws what one of them throws. */
export async function runParts(parts: readonly Part[], options: PartsOptions): Promise<Ended[]> {
  const { seconds, clock = now, onBegin, onEnd, tidy } = options;
  const until = clock() + seconds;
  const ended: Ended[] = [];
  for (const [i, part] of parts.entries()) {
    const shares = parts.slice(i).reduce((sum, { share }) => sum + share, 0);
    const own = ((until - clock()) * part.share) / shares;
    if (own < part.least) ended.push(notRun(part, own));
    else {
      onBegin?.(part.name, own);
      ended.push(await runPart(part, own, clock));
      tidy?.();
    }
    onEnd?.(ended);
  }
  return ended;
}

const emptySheet = (): Sheet => ({ head: [], rows: [], findings: [], notes: [], left: [], values: {} });

function notRun({ name, about, least }: Part, own: number): Ended {
  const why = `There was no time for it: it needs ${least} s, and ${Math.max(0, own).toFixed(1)} s were left for it.`;
  return { name, about, ending: 'not run', seconds: 0, ...emptySheet(), notes: [why] };
}

async function runPart(part: Part, own: number, clock: () => number): Promise<Ended> {
  const sheet = emptySheet();
  const begun = clock();
  const time = { left: () => begun + IN_TIME * own - clock() };
  const [ending, why] = await raced(part.run(sheet, time), own);
  const { name, about } = part;
  const seconds = clock() - begun;
  // A part that is stopped may go on for a while behind this: its sheet is copied.
  const found = {
    head: sheet.head,
    rows: [...sheet.rows],
    findings: [...sheet.findings, ...(ending === 'failed' ? why : [])],
    notes: [...sheet.notes, ...(ending === 'failed' ? [] : why)],
    left: [...sheet.left],
    values: { ...sheet.values },
  };
  return {
    name,
    about,
    ending: ending === 'done' && found.left.length ? 'out of time' : ending,
    seconds,
    ...found,
  };
}

/** How work ends that may take so many seconds, and what is to be said of that. */
async function raced(work: Promise<void>, seconds: number): Promise<[Ending, string[]]> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<[Ending, string[]]>((resolve) => {
    const end = () => resolve(['out of time', [`It was stopped after ${seconds.toFixed(0)} s.`]]);
    timer = setTimeout(end, seconds * 1000);
  });
  const ended = work.then(
    (): [Ending, string[]] => ['done', []],
    (error: unknown): [Ending, string[]] => ['failed', [reasonOf(error)]],
  );
  try {
    return await Promise.race([ended, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** How much of its time a part uses by its own clock: what is under way then has the rest to end in. */
const IN_TIME = 0.9;

/** Does things one by one as long as there is time, and keeps in the sheet's `left` what is still to be done. */
export async function inTime<T>(
  list: readonly T[],
  nameOf: (one: T) => string,
  { sheet, time }: { readonly sheet: Sheet; readonly time: PartTime },
  work: (one: T) => Promise<void>,
): Promise<void> {
  sheet.left.push(...list.map(nameOf));
  for (const one of list) {
    if (time.left() <= 0) return;
    await work(one);
    const name = nameOf(one);
    sheet.left = sheet.left.filter((other) => other !== name);
  }
}

/** An error in words: what was foreseen with its numbers, anything else by its name. */
export function reasonOf(error: unknown): string {
  if (error instanceof SeqgpuError) return error.message.replaceAll(/\s*\n\s*/g, ' ');
  return error instanceof Error ? `${error.name}: ${error.message.split('\n')[0]}` : String(error);
}
