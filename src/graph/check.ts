// The only place that throws. An error says what is wrong, with the numbers; what was given; where; and what
// to do. `check` is what an op's author writes; `inContext` adds the rest.

import { UNKNOWN_LINE, callerLine, hereStack } from './caller';

export { callerLine, hereStack };

/** Every error this library throws on purpose. `message` has all of it, one item a line. */
export class SeqgpuError extends Error {
  override name = 'SeqgpuError';

  constructor(
    message: string,
    /**
     * For callers that can go on: `diverged` is a training whose loss is not finite any more, `lost` a device that is
     * gone, see reopen, `unable` one that has not what was asked for, as another may.
     */
    readonly kind?: 'diverged' | 'lost' | 'unable',
  ) {
    super(message.replace(UNSEEN, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`));
  }
}

/** What would move a terminal's cursor, or turn the direction of a text: messages quote files that others have made. */
const UNSEEN = /[^\n\P{Cc}]|[\u202a-\u202e\u2066-\u2069]/gu;

/** A broken rule inside an op, before the caller's line and the shapes are known. */
class BrokenRule extends Error {
  constructor(
    message: string,
    readonly fix?: string,
  ) {
    super(message);
  }
}

/** How many `inContext` are running: inside one, a broken rule is completed by it. */
let explaining = 0;

/** Throws unless `ok`. `message`: what is wrong, with the numbers. `fix`: what to do about it. */
export function check(ok: unknown, message: string, fix?: string): asserts ok {
  if (ok) return;
  if (explaining) throw new BrokenRule(message, fix);
  fail(sentence(message), { at: callerLine(hereStack()), fix: fix && sentence(fix) });
}

/** Throws at once: for callers outside an op, who know everything already. */
export function fail(message: string, detail: Detail = {}): never {
  const lines = [message];
  if (detail.given) lines.push(`    ${detail.given}`);
  if (detail.at && detail.at !== UNKNOWN_LINE) lines.push(`    at ${detail.at}`);
  if (detail.fix) lines.push(`    fix: ${detail.fix}`);
  throw new SeqgpuError(lines.join('\n'), detail.kind);
}

interface Detail {
  readonly given?: string;
  readonly at?: string;
  readonly fix?: string;
  readonly kind?: SeqgpuError['kind'];
}

/** Runs `body`; a broken rule inside it becomes a full error that names `subject`, `given` and the caller. */
export function inContext<R>(subject: string, given: () => string, at: () => string, body: () => R): R {
  explaining++;
  try {
    return body();
  } catch (error) {
    if (!(error instanceof BrokenRule)) throw error;
    const fix = error.fix && sentence(error.fix);
    fail(`${subject}: ${sentence(error.message)}`, { given: given(), at: at(), fix });
  } finally {
    explaining--;
  }
}

const sentence = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`);

/** A value in a few characters. */
export function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'function') return 'a function';
  if (Array.isArray(value))
    return value.length < 7 ? `[${value.map(shown).join(', ')}]` : `a list of ${value.length}`;
  if (typeof value !== 'object' || value === null) return String(value);
  const name = value.constructor?.name || 'Object';
  return name === 'Object'
    ? `{ ${Object.keys(value).join(', ')} }`
    : `${/^[AEIO]/.test(name) ? 'an' : 'a'} ${name}`;
}

/** A shape as text: `[8, 256]`. */
export const shapeText = (shape: readonly number[]): string => `[${shape.join(', ')}]`;
