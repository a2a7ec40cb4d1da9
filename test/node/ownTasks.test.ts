// Tasks of a user's own files, without a GPU: what is read, what a run keeps of it, and what is trained on.

import { describe, expect, test } from 'vitest';
import { bytesAsSource } from '../../src/data/byteSource';
import { commandFor, makeSettings } from '../../src/runs/settings';
import { presetOf } from '../../src/runs/presets';
import { languageTask } from '../../src/tasks/text/languageModelling';
import { ownText } from '../../src/tasks/text/ownText';
import { shakespeare } from '../../src/tasks/text/shakespeare';
import { wikitext2 } from '../../src/tasks/text/wikitext2';
import { MODELS } from '../../src/models/index';
import { Random } from '../../src/random';
import { PYTHON, fileOf, textStreamed } from '../fixtures/ownFiles';

const again = (json: unknown): unknown => JSON.parse(JSON.stringify(json));

describe('text', async () => {
  const { read, keep, kept } = ownText.data!;
  const data = await read([fileOf('a.py', PYTHON.repeat(60))], {});

  test('what a run keeps writes and reads as the files did, without them', async () => {
    for (const unit of ['character', 'word', 'bpe'] as const) {
      const own = await read([fileOf('a.py', PYTHON.repeat(60))], {
        unit,
        vocabulary: unit === 'bpe' ? 280 : undefined,
      });
      const alone = kept!(again(keep!(own)), 'data.json');
      expect([alone.name, alone.unit, alone.vocabulary.size]).toEqual([
        own.name,
        own.unit,
        own.vocabulary.size,
      ]);
      expect(alone.writing.beginning).toEqual(own.writing.beginning);
      const ids = alone.writing.encode(PYTHON, '--prompt');
      expect(ids).toEqual(own.writing.encode(PYTHON, '--prompt'));
      expect(alone.writing.decode(ids)).toBe(PYTHON);
      const task = languageTask({ corpus: alone, batch: 4, bptt: 8 });
      expect(() => task.source(new Random(1))).toThrow('the text itself is not here');
    }
    expect(() => kept!({ name: 'x', writing: { unit: 'character', tokens: ['a'] } }, 'd.json')).toThrow(
      'd.json holds no text',
    );
  });

  test('another text is read in the vocabulary of a run; what that lacks is counted, and refused or <unk>', async () => {
    const { notes } = ownText.data!;
    const other = async (unit: 'character' | 'word' | 'bpe', text: string) => {
      const own = await read([fileOf('a.txt', 'the cat sat. '.repeat(100))], { unit });
      return read(
        [fileOf('b.txt', text)],
        { unit, validPart: 0.2, testPart: 0.2 },
        undefined,
        kept!(again(keep!(own)), 'data.json'),
      );
    };
    const same = await other('character', 'a cat. '.repeat(100));
    expect(same.writing.decode(same.test)).toMatch(/^(a cat\. ){20}$/);
    expect(same.unknown).toBeUndefined();
    // What is trained on elsewhere is not measured.
    expect((await other('character', 'ÄÖ' + 'a cat. '.repeat(100))).unknown).toBeUndefined();
    await expect(other('character', 'a cat. '.repeat(99) + 'é été. ')).rejects.toThrow(
      /characters that are not among the 8 known: 3 of 280 \(1\.1 %\), of 1 kind: "é" \(3\)/,
    );
    const words = await other('word', 'the cat. '.repeat(90) + 'the dog sat. the dog sat. the dog. ');
    expect(notes!(words)).toEqual([
      expect.stringMatching(/^<unk> in what is measured: 6 of 114 \(5\.3 %\), of 4 kinds: " dog" \(3\), /),
    ]);
    expect((await other('bpe', 'été '.repeat(100))).unknown).toBeUndefined();
  });

  test('a text without a line feed begins as it does', async () => {
    const { writing } = await read([fileOf('a.txt', 'xyz'.repeat(100))], {});
    expect(writing.decode(writing.beginning)).toBe('x');
    expect(data.writing.decode(data.writing.beginning)).toBe('\n');
  });

  test('a short validation text has as many columns as it fills, and every token but the first of each is asked for', async () => {
    const letters = Array.from({ length: 3000 }, (_, i) => String.fromCharCode(97 + (i % 25))).join('');
    const corpus = await read([fileOf('a.txt', letters)], {});
    expect([corpus.valid.length, corpus.test.length]).toEqual([150, 150]);
    for (const [bptt, columns, steps] of [
      [64, 2, 74],
      [100, 1, 149],
      [50, 2, 74],
      [500, 1, 149],
      [10, 10, 14],
    ]) {
      const task = languageTask({ corpus, batch: 4, bptt });
      const targets = [...task.batches('valid')].map(([, wanted]) => wanted.shape);
      expect(targets.every(([B]) => B === columns)).toBe(true);
      expect(targets.reduce((sum, [, T]) => sum + T, 0)).toBe(steps);
    }
  });

  test('random segments are a setting, and do not go with a lead', () => {
    const settings = makeSettings(
      'text',
      'lstm',
      { sampling: 'random', batch: 4, bptt: 8 },
      { tokens: 900, sha256: '' },
    );
    const task = ownText.make(settings as never, data, MODELS);
    const source = task.source(new Random(3));
    const first = source.next();
    expect(first[0].shape).toEqual([4, 8]);
    expect([...first[2].data]).toEqual([0]);
    expect(first[0].data).not.toEqual(source.next()[0].data);
    expect(textStreamed(task.source(new Random(3)).next())).toEqual(textStreamed(first));
  });
});

test('tinyshakespeare has nanoGPT’s split, and its two published settings', async () => {
  const text = 'abcdefghij'.repeat(100);
  const data = await shakespeare.data!.read([bytesAsSource('input.txt', new TextEncoder().encode(text))], {});
  expect([data.train.length, data.valid.length]).toEqual([900, 100]);
  expect(data.test).toBe(data.valid);
  expect(presetOf('shakespeare', 'transformer', 'nanogpt-cpu')).toMatchObject({
    levels: 4,
    heads: 4,
    hidden: 128,
    bptt: 64,
    batch: 12,
    steps: 2000,
    dropout: 0,
    warmup: 100,
    rateFloor: 0.1,
    decays: 'matrices',
    betas: [0.9, 0.99],
  });
  expect(presetOf('shakespeare', 'transformer', 'nanogpt-gpu')).toMatchObject({
    levels: 6,
    heads: 6,
    hidden: 384,
    bptt: 256,
    batch: 64,
    steps: 5000,
    dropout: 0.2,
  });
  expect(presetOf('shakespeare', 'gru').hidden).toBeGreaterThan(0);
});

test('WikiText-2’s words are kept too', async () => {
  const files = ['train', 'valid', 'test'].map((split) =>
    fileOf(split, ' the ferry , it is said , leaves \n'.repeat(3)),
  );
  const { read, keep, kept } = wikitext2.data!;
  const corpus = await read(files, {});
  const alone = kept!(again(keep!(corpus)), 'data.json');
  expect(alone.writing.decode(alone.writing.encode('the ferry, it', '--prompt'))).toBe('the ferry, it');
  expect(() => alone.writing.encode('boats', '--prompt')).toThrow(
    /words that WikiText-2 does not know: "boats"/,
  );
  expect(() => kept!({ name: 'x' }, 'd.json')).toThrow('d.json holds no vocabulary');
});

test('the command of a run on own files says that they are named, and shakespeare’s names no file', () => {
  const commandOf = (task: string) => {
    const data = { tokens: 900, sha256: 'x' };
    return commandFor(makeSettings(task, 'lstm', { hidden: 8 }, data), data);
  };
  expect(commandOf('text')).toBe('npx seqgpu train text --model lstm --from PATH --hidden 8');
  expect(commandOf('shakespeare')).toBe('npx seqgpu train shakespeare --model lstm --hidden 8');
});
