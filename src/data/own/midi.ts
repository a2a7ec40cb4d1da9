// Standard MIDI Files as pieces on a grid of 88 keys: how many steps a beat has is stated, what a beat lasts plays no
// part.
//
//   a note     sounds from the step nearest to its beginning up to the one nearest to its end, for one at the least;
//              the same key struck again while it sounds, or at once after, is one note that sounds on; in a track that
//              strikes it more often than it releases it, every release is its end
//   left out   channel 10, which is percussion; notes that no piano has; silence before the first and behind the last

import { parseMidi, type MidiData, type MidiEvent } from 'midi-file';
import { fail } from '../../graph/check';
import { KEYS, LOWEST_NOTE, type Piece } from '../music';

const PERCUSSION = 9;
/** Steps of the longest piece: nine hours of sixteenths. */
const LONGEST = 2 ** 18;
/** The most steps that all notes of a file sound together: a damaged time is found before it fills the memory. */
const SOUNDING = 2 ** 20;

/** The grid that notes are laid on. */
export interface MidiOptions {
  /** Steps of a beat, a quarter note: 4 are sixteenths. */
  readonly stepsPerBeat: number;
  /** The file, for messages. */
  readonly where?: string;
}

/** The music of a file, and how many notes were taken and left out. */
export interface MidiMusic {
  /** One; of a file of independent tracks (format 2), one for each. One in which nothing sounds is not among them. */
  readonly pieces: readonly Piece[];
  /** Notes that were taken. */
  readonly notes: number;
  /** Notes of channel 10, which were not. */
  readonly percussion: number;
  /** Notes below or above the 88 keys, which were not. */
  readonly outside: number;
}

/** The music of a MIDI file. */
export function readMidi(
  file: Uint8Array,
  { stepsPerBeat, where = 'the MIDI file' }: MidiOptions,
): MidiMusic {
  if (!Number.isSafeInteger(stepsPerBeat) || stepsPerBeat < 1) {
    fail(`midi: ${stepsPerBeat} steps per beat.`, { fix: 'give a whole number of at least 1.' });
  }
  const { header, tracks } = parsed(file, where);
  if (!header.ticksPerBeat) {
    refuse(where, 'its time is in frames of film, not in beats', 'export it with ticks per quarter note.');
  }
  const perTick = stepsPerBeat / header.ticksPerBeat;
  const grids = header.format === 2 ? tracks.map((track) => [track]) : [tracks];
  const counts = { notes: 0, percussion: 0, outside: 0 };
  const pieces = grids.flatMap((grid) => {
    const roll = new Roll(perTick, where, counts);
    for (const track of grid) roll.track(track);
    const piece = roll.piece();
    return piece.length ? [piece] : [];
  });
  return { pieces, ...counts };
}

function refuse(where: string, what: string, fix = 'export it again as a Standard MIDI File.'): never {
  fail(`midi: ${where} cannot be read: ${what}.`, { fix });
}

const word = (bytes: Uint8Array, at: number): string => String.fromCharCode(...bytes.subarray(at, at + 4));

/**
 * The file's events. The parser takes what is missing at the end for something, and stops at a chunk that it does not
 * know, so lengths are checked before, and it is given header and tracks alone.
 */
function parsed(file: Uint8Array, where: string): MidiData {
  if (file.length < 14 || word(file, 0) !== 'MThd') refuse(where, 'it does not begin with MThd');
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const chunks: Uint8Array[] = [];
  for (let at = 0; at + 8 <= file.length;) {
    const end = at + 8 + view.getUint32(at + 4);
    if (end > file.length) {
      const what = `its chunk "${word(file, at)}" claims ${end - at - 8} bytes, and ${file.length - at - 8} follow`;
      refuse(where, what, 'it is cut short: fetch it again.');
    }
    if (['MThd', 'MTrk'].includes(word(file, at))) chunks.push(file.subarray(at, end));
    at = end;
  }
  const bytes = new Uint8Array(chunks.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  try {
    return parseMidi(bytes);
  } catch (reason) {
    return refuse(where, reason instanceof Error ? reason.message : String(reason));
  }
}

type NoteEvent = Extract<MidiEvent, { readonly noteNumber: number; readonly channel: number }>;

const idOf = ({ channel, noteNumber }: Pick<NoteEvent, 'channel' | 'noteNumber'>): number =>
  channel * 128 + noteNumber;

/** By channel and note, those that are struck more often than they are released. */
function neverReleased(events: readonly MidiEvent[]): Set<number> {
  const struck = new Map<number, number>();
  for (const event of events) {
    if (event.type !== 'noteOn' && event.type !== 'noteOff') continue;
    struck.set(idOf(event), (struck.get(idOf(event)) ?? 0) + (event.type === 'noteOn' ? 1 : -1));
  }
  return new Set([...struck].filter(([, times]) => times > 0).map(([id]) => id));
}

/** The keys of every step, written track by track. */
class Roll {
  private readonly steps = new Map<number, Set<number>>();
  private sounding = 0;

  constructor(
    private readonly perTick: number,
    private readonly where: string,
    private readonly counts: { notes: number; percussion: number; outside: number },
  ) {}

  track(events: readonly MidiEvent[]): void {
    /** By channel and note: since when it sounds, and how often it was struck since. */
    const open = new Map<number, { from: number; depth: number }>();
    const unreleased = neverReleased(events);
    let now = 0;
    for (const event of events) {
      now += event.deltaTime;
      if (event.type !== 'noteOn' && event.type !== 'noteOff') continue;
      if (!(event.noteNumber >= 0) || !(event.velocity >= 0))
        refuse(this.where, 'a track ends inside a note');
      const id = idOf(event);
      const sounding = open.get(id);
      if (event.type === 'noteOn') {
        if (!this.takes(event.channel, event.noteNumber)) continue;
        open.set(id, { from: sounding?.from ?? now, depth: (sounding?.depth ?? 0) + 1 });
      } else if (sounding && (--sounding.depth === 0 || unreleased.has(id))) {
        open.delete(id);
        this.note(event.noteNumber, sounding.from, now);
      }
    }
    for (const [id, { from }] of open) this.note(id % 128, from, now);
  }

  /** From the first step in which something sounds to the last. */
  piece(): Piece {
    let [first, last] = [Infinity, -1];
    for (const step of this.steps.keys()) {
      first = Math.min(first, step);
      last = Math.max(last, step);
    }
    const length = Math.max(0, last - first + 1);
    if (length > LONGEST) refuse(this.where, `it has ${length} steps, and ${LONGEST} are the most`);
    return Array.from({ length }, (_, t) => [...(this.steps.get(first + t) ?? [])].sort((a, b) => a - b));
  }

  /** Counts a note, and says whether it is on the grid. */
  private takes(channel: number, note: number): boolean {
    const { counts } = this;
    if (channel === PERCUSSION) counts.percussion++;
    else if (note < LOWEST_NOTE || note >= LOWEST_NOTE + KEYS) counts.outside++;
    else {
      counts.notes++;
      return true;
    }
    return false;
  }

  private note(note: number, from: number, to: number): void {
    const [first, end] = [from, to].map((tick) => Math.round(tick * this.perTick));
    if (end - first > LONGEST) refuse(this.where, `a note lasts ${end - first} steps`);
    this.sounding += end - first;
    if (this.sounding > SOUNDING) {
      refuse(this.where, `its notes sound for ${this.sounding} steps, and ${SOUNDING} are the most`);
    }
    for (let step = first; step < Math.max(end, first + 1); step++) {
      let keys = this.steps.get(step);
      if (!keys) this.steps.set(step, (keys = new Set()));
      keys.add(note - LOWEST_NOTE);
    }
  }
}
