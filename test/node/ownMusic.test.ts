// Music of one's own: MIDI files on a grid, .mat files, and splits by piece.

import { readFileSync } from 'node:fs';
import { deflateSync } from 'node:zlib';
import { writeMidi, type MidiEvent } from 'midi-file';
import { describe, expect, test } from 'vitest';
import { bytesAsSource } from '../../src/data/byteSource';
import { inflate } from '../../src/data/matlab';
import { readMidi } from '../../src/data/own/midi';
import { readOwnMusic, withoutShort } from '../../src/data/own/music';
import { Random } from '../../src/random';
import { midiFile } from '../../src/report/midi';

type Note = readonly [note: number, from: number, to: number, channel?: number];

/** A MIDI file of notes in ticks, 96 a beat, a track for each list. */
function midi(tracks: readonly (readonly Note[])[], format: 0 | 1 | 2 = 1, ticksPerBeat = 96): Uint8Array {
  const events = tracks.map((notes) => {
    const moments = notes.flatMap(([noteNumber, from, to, channel = 0]) => [
      { at: from, type: 'noteOn' as const, noteNumber, channel },
      // One that never ends is not released.
      ...(to < Infinity ? [{ at: to, type: 'noteOff' as const, noteNumber, channel }] : []),
    ]);
    moments.sort((a, b) => a.at - b.at || Number(a.type === 'noteOn') - Number(b.type === 'noteOn'));
    let now = 0;
    const list = moments.map(({ at, type, noteNumber, channel }): MidiEvent => {
      const deltaTime = at - now;
      now = at;
      return { deltaTime, type, noteNumber, channel, velocity: type === 'noteOn' ? 64 : 0 };
    });
    return [...list, { deltaTime: 0, meta: true, type: 'endOfTrack' } as MidiEvent];
  });
  return Uint8Array.from(
    writeMidi({ header: { format, numTracks: tracks.length, ticksPerBeat }, tracks: events }),
  );
}

test('inflate unpacks what zlib has packed, and refuses what is damaged', async () => {
  const random = new Random(4);
  const texts = [
    new Uint8Array(0),
    Uint8Array.of(7),
    new Uint8Array(40_000).fill(3),
    Uint8Array.from({ length: 5000 }, () => random.integer(256)),
    Uint8Array.from({ length: 20_000 }, (_, i) => (i * i) % (1 + (i >> 9))),
  ];
  for (const bytes of texts) {
    for (const options of [{}, { level: 0 }, { level: 1 }, { strategy: 4 }]) {
      expect(await inflate(deflateSync(bytes, options))).toEqual(bytes);
    }
  }
  const packed = deflateSync(texts[4].subarray(0, 3000));
  await expect(inflate(packed.subarray(0, -2))).rejects.toThrow('damaged');
  await expect(inflate(Uint8Array.of(1, 2, 3))).rejects.toThrow('packed bytes are damaged: ');
  const outcome = async () => {
    const flipped = Uint8Array.from(packed);
    flipped[2 + random.integer(packed.length - 2)] ^= 1 << random.integer(8);
    try {
      // Bits behind the last block are nobody's.
      return String(await inflate(flipped)) === String(texts[4].subarray(0, 3000)) ? 'same' : 'other';
    } catch (error) {
      return (error as Error).name;
    }
  };
  const outcomes = await Promise.all(Array.from({ length: 300 }, outcome));
  expect(outcomes).not.toContain('other');
  expect(new Set(outcomes)).toContain('SeqgpuError');
});

describe('MIDI files', () => {
  const read = (file: Uint8Array, stepsPerBeat = 4) => readMidi(file, { stepsPerBeat, where: 'song.mid' });

  test('what a run writes is read again as it was', () => {
    const steps = [[0, 40], [0, 41], [], [87], [87], [3, 60]];
    const file = midiFile(steps, 120, 'name');
    expect(readMidi(file, { stepsPerBeat: 1 }).pieces).toEqual([steps]);
    expect(readMidi(file, { stepsPerBeat: 2 }).pieces[0]).toHaveLength(12);
  });

  test('notes begin and end at the nearest steps, and last one at the least; silence at the ends is left out', () => {
    // A step has 24 ticks: 11 is nearest to 0, 13 to 1.
    const piece = read(
      midi([
        [
          [60, 96 + 11, 96 + 37],
          [64, 96 + 13, 96 + 14],
          [67, 96 + 72, 96 + 96],
        ],
      ]),
    ).pieces[0];
    expect(piece).toEqual([[39], [39, 43], [], [46]]);
  });

  test('tracks and channels sound together; a key struck twice ends with its last release', () => {
    const together = read(
      midi([
        [[60, 0, 48]],
        [
          [60, 24, 96, 1],
          [62, 0, 24, 2],
        ],
      ]),
    ).pieces;
    expect(together).toEqual([[[39, 41], [39], [39], [39]]]);
    const twice = read(
      midi([
        [
          [60, 0, 72],
          [60, 24, 48],
          [62, 72, 96],
        ],
      ]),
    ).pieces[0];
    expect(twice).toEqual([[39], [39], [39], [41]]);
    // Struck twice and released once: it does not sound on to the end of the track.
    const once = read(
      midi([
        [
          [60, 0, 24],
          [60, 0, Infinity],
          [62, 72, 96],
        ],
      ]),
    ).pieces[0];
    expect(once).toEqual([[39], [], [], [41]]);
    // Never released, it does.
    const never = read(
      midi([
        [
          [60, 0, Infinity],
          [62, 72, 96],
        ],
      ]),
    ).pieces[0];
    expect(never).toEqual([[39], [39], [39], [39, 41]]);
  });

  test('percussion and what no piano has are counted, not read; tempo plays no part', () => {
    const found = read(
      midi([
        [
          [60, 0, 24],
          [35, 0, 24, 9],
          [36, 0, 24, 9],
          [20, 0, 24],
          [109, 0, 24],
          [108, 24, 48],
        ],
      ]),
    );
    expect(found).toEqual({ pieces: [[[39], [87]]], notes: 2, percussion: 2, outside: 2 });
    expect(read(midi([[[35, 0, 24, 9]]])).pieces).toEqual([]);
    const [slow, fast] = [60, 240].map(
      (tempo) => readMidi(midiFile([[1], [2]], tempo, ''), { stepsPerBeat: 1 }).pieces,
    );
    expect(slow).toEqual(fast);
  });

  test('a file of independent tracks is a piece for each', () => {
    expect(read(midi([[[60, 0, 24]], [[62, 0, 48]]], 2)).pieces).toEqual([[[39]], [[41], [41]]]);
  });

  test('chunks of others are passed over; what is damaged is refused, with the file', () => {
    const file = midi([[[60, 0, 48]]]);
    const alien = Uint8Array.of(...file.subarray(0, 14), 88, 70, 73, 72, 0, 0, 0, 1, 7, ...file.subarray(14));
    expect(read(alien).pieces).toEqual([[[39], [39]]]);
    expect(() => read(file.subarray(0, -3))).toThrow(/song\.mid cannot be read: its chunk "MTrk" claims/);
    expect(() => read(Uint8Array.of(1, 2, 3))).toThrow('does not begin with MThd');
    const film = file.slice();
    film[12] = 0xe7;
    expect(() => read(film)).toThrow('frames of film');
    const strange = file.slice();
    strange[23] = 0xf5;
    expect(() => read(strange)).toThrow('song.mid cannot be read');
    expect(() => read(file, 0)).toThrow('0 steps per beat');
    // Whatever a flipped byte does, it is an error of ours or pieces of keys.
    const outcome = (bytes: Uint8Array) => {
      try {
        const keys = read(bytes).pieces.flat(2);
        return keys.every((key) => key >= 0 && key < 88) ? 'keys' : `keys ${keys.join()}`;
      } catch (error) {
        return (error as Error).name;
      }
    };
    const outcomes = Array.from(file.subarray(14), (byte, i) => {
      const flipped = file.slice();
      flipped[14 + i] = byte ^ 0x5a;
      return outcome(flipped);
    });
    expect(new Set(outcomes)).toEqual(new Set(['keys', 'SeqgpuError']));
  });
});

describe('music of one’s own', () => {
  const options = { name: 'mine' };
  const song = (i: number, length = 3) =>
    bytesAsSource(`${i}.mid`, midi([Array.from({ length }, (_, t): Note => [60 + i, 24 * t, 24 * t + 24])]));

  test('pieces are split by a seed of their own; those of one step are left out, and counted', async () => {
    const files = [...Array.from({ length: 10 }, (_, i) => song(i)), song(20, 1), song(21, 1)];
    const drums = bytesAsSource('drums.mid', midi([[[36, 0, 24, 9]]]));
    const { music, notes } = await readOwnMusic([...files, drums], options);
    expect([music.train, music.valid, music.test].map(({ length }) => length)).toEqual([8, 1, 1]);
    const keys = [music.train, music.valid, music.test].flat().map((piece) => piece[0][0]);
    expect(keys.sort((a, b) => a - b)).toEqual(Array.from({ length: 10 }, (_, i) => 39 + i));
    expect(notes).toEqual([
      '1 notes of percussion (channel 10) are left out',
      '1 files have no note of a piano: drums.mid',
      '2 pieces of one step are left out: there is nothing to predict in them',
    ]);
    expect((await readOwnMusic(files, { ...options, splitSeed: 5 })).music).not.toEqual(
      (await readOwnMusic(files, options)).music,
    );
    expect(await readOwnMusic(files, options)).toEqual(await readOwnMusic(files, options));
    await expect(readOwnMusic([song(1), song(2), song(3, 1)], options)).rejects.toThrow(
      /too few pieces of two steps or more for three splits: 2\./,
    );
  });

  test('a .mat file has splits of its own, and goes with no other', async () => {
    const mat = bytesAsSource('tiny.mat', readFileSync('test/fixtures/tinyMusic.mat'));
    const { music, notes } = await readOwnMusic([mat], options);
    expect(music.train).toEqual([
      [[0, 87], [], [39, 51, 58]],
      [[1], [2]],
    ]);
    expect(notes).toEqual([]);
    await expect(readOwnMusic([mat, song(1)], options)).rejects.toThrow('splits of its own');
    const short = { ...music, train: [[[1]], [[1], [2]]], test: [[[1]]] };
    expect(() => withoutShort(short, [])).toThrow(/no piece of mine's test split has two steps/);
    expect(withoutShort({ ...short, test: [[[1], [2]]] }, []).notes).toEqual([
      '1 piece of one step is left out: there is nothing to predict in it',
    ]);
  });
});
