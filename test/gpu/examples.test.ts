// The examples run as they are printed, and learn what they say they learn.

import { expect, test, vi } from 'vitest';
import readme from '../../README.md?raw';
import labPage from '../../examples/LAB.md?raw';
import first from '../../examples/first.ts?raw';
import debug from '../../examples/debug.ts?raw';
import lab from '../../examples/lab.ts?raw';

test.each([
  ['README.md', 'first', readme, first],
  ['examples/LAB.md', 'lab', labPage, lab],
])('%s shows examples/%s.ts as it is, and it has at most 30 lines', (_page, _name, page, program) => {
  expect(page).toContain('```ts\n' + program + '```');
  expect(program.trim().split('\n').length).toBeLessThanOrEqual(30);
});

test('examples/first.ts learns to repeat what it heard', async () => {
  const log = vi.spyOn(console, 'log').mockImplementation(() => {});
  await import('../../examples/first');
  const lines = log.mock.calls.map(([line]) => String(line));
  log.mockRestore();
  const losses = lines
    .filter((line) => line.startsWith('step'))
    .map((line) => Number(line.split('loss ')[1]));
  expect(losses.length).toBe(5);
  // Guessing costs ln 8 = 2.08.
  expect(losses[0]).toBeLessThan(2.3);
  expect(losses[4]).toBeLessThan(0.6);
});

test('examples/lab.ts: few inputs are as good as all, one is not', async () => {
  const log = vi.spyOn(console, 'log').mockImplementation(() => {});
  await import('../../examples/lab');
  const [answer, ...lines] = log.mock.calls.map(([line]) => String(line));
  log.mockRestore();
  const [promised, enough] = /from k = (\d+) on.*k = (\d+) is enough/.exec(answer)!.slice(1).map(Number);
  expect(enough).toBeGreaterThan(2);
  expect(enough).toBeLessThan(promised);
  const [whole, few, one] = lines.map((line) => Number(line.split('loss ')[1]));
  expect(Math.abs(few - whole)).toBeLessThan(0.05);
  // Guessing costs ln 8 = 2.08.
  expect(whole).toBeLessThan(1);
  expect(one).toBeGreaterThan(1.8);
});

test('examples/fit.ts stops early, and its file has the best weights', async () => {
  const log = vi.spyOn(console, 'log').mockImplementation(() => {});
  await import('../../examples/fit');
  const [line] = log.mock.calls.map(([text]) => String(text));
  log.mockRestore();
  const [stopped, best, loss] = /^stopped at step (\d+); step (\d+) was the best: ([\d.]+)$/
    .exec(line)!
    .slice(1)
    .map(Number);
  expect(stopped).toBeLessThan(400);
  expect(stopped - best).toBe(40);
  // Guessing costs ln 8 = 2.08.
  expect(loss).toBeLessThan(1.2);
});

test('examples/debug.ts names the op whose result is not finite, its line and what it was given', async () => {
  const log = vi.spyOn(console, 'log').mockImplementation(() => {});
  await import('../../examples/debug');
  const said = log.mock.calls.map(([line]) => String(line));
  log.mockRestore();
  const line = 1 + debug.split('\n').findIndex((text) => text.includes('=> exp('));
  expect(said.filter((text) => text.startsWith('before')).length).toBe(2);
  expect(said.at(-2)).toMatch(/^positive\/exp is the first to make one:\n {4}y {2}\[1, 4\] .* infinite/);
  // A page has the lines of what Vite made of the file.
  const own = 'window' in globalThis ? '\\d+' : line;
  expect(said.at(-2)).toMatch(new RegExp(`examples/debug\\.ts:${own}\\b`));
  expect(said.at(-1)).toMatch(/are finite\.$/);
  for (const text of said.filter((one) => one.startsWith('loss')).slice(0, 2))
    expect(text).toMatch(/^loss \d/);
});
