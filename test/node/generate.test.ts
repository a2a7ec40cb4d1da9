// What `seqgpu generate` writes: text as people write it, notes, MIDI, and the picture.

import { parseMidi } from 'midi-file';
import { describe, expect, test } from 'vitest';
import { midiFile, notesOf } from '../../src/report/midi';
import { pianoRoll } from '../../src/report/pianoRoll.node';
import { detokenise, tokenise } from '../../src/data/detokenise';

describe('text', () => {
  test.each([
    ['The ferry , it is said , leaves at 5 .', 'The ferry, it is said, leaves at 5.'],
    [
      'a well @-@ known 1 @,@ 000 @.@ 5 m ( 3 ft ) pier ; Bob \'s " best " day !',
      'a well-known 1,000.5 m (3 ft) pier; Bob\'s "best" day!',
    ],
    ["they do n't ; we 'll see", "they don't; we'll see"],
    ['<unk> of the £ 5 note', '<unk> of the £5 note'],
  ])('%s', (tokens, text) => {
    expect(detokenise(tokens)).toBe(text);
  });

  test('lines are kept, and quotation marks begin anew in each', () => {
    expect(detokenise(' = Title = \n he said " no \n " yes " , she said . ')).toBe(
      '= Title =\nhe said "no\n"yes", she said.',
    );
  });

  test.each([
    ['In 2006, he left.', 'In 2006 , he left .'],
    ['a well-known 1,000.5 m (3 ft)', 'a well @-@ known 1 @,@ 000 @.@ 5 m ( 3 ft )'],
    ["Bob's day", "Bob 's day"],
    ['"x"; y', '" x " ; y'],
  ])('as tokens: %s', (text, tokens) => {
    expect(tokenise(text).trim()).toBe(tokens);
  });
});

describe('music', () => {
  const steps = [[40, 44], [40, 47], [], [40, 47], [47]];

  test('a key that sounds on is one note', () => {
    expect(notesOf(steps)).toEqual([
      { key: 40, from: 0, to: 2 },
      { key: 44, from: 0, to: 1 },
      { key: 47, from: 1, to: 2 },
      { key: 40, from: 3, to: 4 },
      { key: 47, from: 3, to: 5 },
    ]);
    expect(notesOf([])).toEqual([]);
  });

  test('a MIDI file has the same notes when it is read again', () => {
    const { header, tracks } = parseMidi(midiFile(steps, 120, 'Tiny'));
    expect(header).toMatchObject({ format: 0, numTracks: 1, ticksPerBeat: 480 });
    expect(tracks[0][1]).toMatchObject({ type: 'setTempo', microsecondsPerBeat: 500_000 });
    const since = new Map<number, number>();
    const notes: object[] = [];
    let now = 0;
    for (const event of tracks[0]) {
      now += event.deltaTime;
      if (event.type === 'noteOn') since.set(event.noteNumber, now);
      if (event.type === 'noteOff') {
        const from = since.get(event.noteNumber)!;
        notes.push({ key: event.noteNumber - 21, from: from / 480, to: now / 480 });
      }
    }
    expect(now).toBe(5 * 480);
    expect(notes).toHaveLength(5);
    expect(notes).toEqual(expect.arrayContaining(notesOf(steps)));
  });

  test('the picture has a bar for every note, and tells what was given', () => {
    const svg = pianoRoll(steps, 2, 'Tiny & small');
    expect(svg.match(/rx="2" fill="#9aa4b5"/g)).toHaveLength(3);
    expect(svg.match(/rx="2" fill="#0072b2"/g)).toHaveLength(2);
    expect(svg).toContain('Tiny &amp; small');
    expect(svg).toContain('grey: what was given');
    expect(pianoRoll([[]], 0, 'Silence')).not.toContain('grey');
  });
});
