// Steps of keys as a MIDI file: a key that sounds on is one note.

import { writeMidi, type MidiEvent } from 'midi-file';
import { LOWEST_NOTE } from '../data/music';

/** A step is the list of keys 0 … 87 that sound. */
export type Steps = readonly (readonly number[])[];

const TICKS = 480;
const VELOCITY = 80;

/** A note: a key from one step up to, but not, another. */
export interface Note {
  readonly key: number;
  readonly from: number;
  readonly to: number;
}

/** Every run of steps in which a key sounds, by where it begins. */
export function notesOf(steps: Steps): Note[] {
  const since = new Map<number, number>();
  const notes: Note[] = [];
  [...steps, []].forEach((step, t) => {
    const now = new Set(step);
    for (const [key, from] of since) {
      if (now.has(key)) continue;
      notes.push({ key, from, to: t });
      since.delete(key);
    }
    for (const key of step) if (!since.has(key)) since.set(key, t);
  });
  return notes.sort((a, b) => a.from - b.from || a.key - b.key);
}

/** A Standard MIDI File, `tempo` in steps a minute. */
export function midiFile(steps: Steps, tempo: number, name: string): Uint8Array {
  const moments = notesOf(steps).flatMap(({ key, from, to }) => [
    { at: from, on: true, key },
    { at: to, on: false, key },
  ]);
  // What ends comes before what begins.
  moments.sort((a, b) => a.at - b.at || Number(a.on) - Number(b.on) || a.key - b.key);
  let now = 0;
  const events = moments.map(({ at, on, key }): MidiEvent => {
    const deltaTime = (at - now) * TICKS;
    now = at;
    const noteNumber = key + LOWEST_NOTE;
    return {
      deltaTime,
      channel: 0,
      type: on ? 'noteOn' : 'noteOff',
      noteNumber,
      velocity: on ? VELOCITY : 0,
    };
  });
  const head: MidiEvent[] = [
    { deltaTime: 0, meta: true, type: 'trackName', text: name },
    { deltaTime: 0, meta: true, type: 'setTempo', microsecondsPerBeat: Math.round(60e6 / tempo) },
  ];
  const end: MidiEvent = { deltaTime: (steps.length - now) * TICKS, meta: true, type: 'endOfTrack' };
  return Uint8Array.from(
    writeMidi({
      header: { format: 0, numTracks: 1, ticksPerBeat: TICKS },
      tracks: [[...head, ...events, end]],
    }),
  );
}
