// `seqgpu translate` from the folder of a run that was hardly trained: lines, n-best, the picture, and what is refused.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { readTranslateCommand } from '../../src/cli/translate/translate.node';
import { sentencesIn, symbolsOf, writtenAs } from '../../src/cli/translate/sentences';
import { learnCoder } from '../../src/data/translation/coder';
import { UNKNOWN } from '../../src/data/translation/symbols';
import { nn } from '../../src/index';
import { makeTask } from '../../src/runs/outcome';
import { makeSettings } from '../../src/runs/settings';
import { RunFolder } from '../../src/runs/runFolder.node';
import { saveCheckpoint } from '../../src/train/saveCheckpoint';
import { openTestEngine } from '../harness/engine';

const folder = mkdtempSync(join(tmpdir(), 'seqgpu-translate-'));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (name: string) => join(folder, name);
const lines: string[] = [];
beforeEach(() => {
  lines.length = 0;
  vi.spyOn(console, 'log').mockImplementation((line: string) => void lines.push(line));
  vi.spyOn(console, 'error').mockImplementation(() => {});
});

const small = { hidden: 8, levels: 1, heads: 2 };
const dates = makeSettings('dates', 'transformer', small);
const wider = makeSettings('dates', 'transformer', { ...small, hidden: 16 });
const copy = makeSettings('copy', 'tcn', { hidden: 4, levels: 2, steps: 5, length: 20 });
beforeAll(async () => {
  const engine = await openTestEngine();
  nn.seed(1);
  for (const [name, settings, made] of [
    ['dates', dates, dates],
    ['another', dates, wider],
    ['copy', copy, copy],
  ] as const) {
    const { model } = makeTask(made, undefined).program(made);
    const stored = await saveCheckpoint(engine, { model, progress: { step: 1 } });
    new RunFolder(at(name)).save(settings, stored, stored);
  }
  engine.destroy();
});
const run = (...words: string[]) => readTranslateCommand(words)();
const refusal = (...words: string[]) =>
  run(...words).then(
    () => 'it was translated',
    ({ message }: Error) => message,
  );

test('a line for every sentence, several with their scores, and a picture of what was looked at', async () => {
  const picture = at('looks.svg');
  expect(await run(at('dates'), 'May 3rd, 1999', '12 Oct 2001', '--beam', '2', '--json')).toBe(0);
  const { translations, sentencesPerSecond } = JSON.parse(lines.at(-1)!);
  expect(lines.slice(0, -1)).toEqual(
    translations.map((one: { translations: { text: string }[] }) => one.translations[0].text),
  );
  expect(translations.map(({ source }: { source: string }) => source)).toEqual([
    'May 3rd, 1999',
    '12 Oct 2001',
  ]);
  expect(sentencesPerSecond).toBeGreaterThan(0);
  lines.length = 0;
  const words = [at('dates'), 'May 3rd, 1999', '--n-best', '3', '--attention', picture];
  expect(await run(...words)).toBe(0);
  expect(lines).toHaveLength(3);
  expect(lines.every((line) => /^-\d+\.\d{4}\t/.test(line))).toBe(true);
  const svg = readFileSync(picture, 'utf8');
  expect(svg).toMatch(/^<svg [^]*May 3rd, 1999[^]*<\/svg>\n$/);
  // 13 letters and the end, in as many rows as the translation has symbols.
  expect(svg.match(/fill-opacity/g)!.length % 14).toBe(0);
  expect(await refusal(...words)).toMatch(/looks\.svg is there already[^]*--overwrite/);
});

test('what cannot be translated is refused', async () => {
  for (const empty of ['', ' ']) {
    expect(await refusal(at('dates'), empty)).toMatch(
      /^translate: there is no sentence\.\n {4}fix: give one in quotes: `npx seqgpu translate \S+dates "A sentence\."`\.$/,
    );
  }
  expect(await refusal(at('dates'), '二〇〇一年')).toContain('the sentence has nothing that the run knows');
  expect(await refusal(at('dates'), 'May '.repeat(40))).toMatch(
    /has \d+ symbols, its end counted; the longest that/,
  );
  expect(await refusal(at('dates'), 'May 1, 1999', 'June 1, 1999', '--attention', at('two.svg'))).toContain(
    '--attention draws one sentence, of 2',
  );
  expect(await refusal(at('dates'), 'May 1, 1999', '--beam', '999')).toContain('beam is 999');
  expect(await refusal(at('another'), 'May 1, 1999')).toContain(
    'is not the transformer of dates that its settings ask for',
  );
  expect(await refusal(at('copy'), 'May 1, 1999')).toMatch(
    /a run of copy, which does not translate[^]*translation/,
  );
  expect(await refusal(at('nothing'), 'May 1, 1999')).toContain('there is no checkpoint');
  expect(() => readTranslateCommand([])).toThrow('translate: the folder is missing.');
});

test('unknown words are shown as such, or are what was looked at', () => {
  const coder = learnCoder(['the cat sees the dog', 'the dog sees the cat'], { unit: 'word', atLeast: 1 });
  const form = { coder, longest: { source: 8, target: 8 } };
  const [symbols] = symbolsOf(sentencesIn(['the zebra sees Ada']), form);
  expect(symbols.filter((symbol) => symbol === UNKNOWN)).toHaveLength(2);
  expect(coder.pieces('the zebra sees Ada')).toEqual(['the', 'zebra', 'sees', 'Ada']);
  const one = { tokens: symbols.slice(0, -1), score: 0, logProbability: 0, ended: true };
  expect(writtenAs(one, form)).toBe('the <unk> sees <unk>');
  // Rows of the translation's five symbols over the five of the source: the second looks at the fourth.
  const weights = Float32Array.from({ length: 25 }, (_, i) => Number([0, 8, 12, 16, 24].includes(i)));
  expect(writtenAs(one, form, { sentence: 'the zebra sees Ada', weights })).toBe('the Ada sees zebra');
  expect(() => symbolsOf(sentencesIn(['the cat', 'zebra Ada']), form)).toThrow(
    'sentence 2 has nothing that the run knows',
  );
});
