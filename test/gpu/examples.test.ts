// The examples run as they are printed, and learn what they say they learn.

import { expect, test, vi } from 'vitest';
import readme from '../../README.md?raw';
import first from '../../examples/first.ts?raw';

test('the program of the README is examples/first.ts, and has at most 30 lines', () => {
  expect(readme).toContain('```ts\n' + first + '```');
  expect(first.trim().split('\n').length).toBeLessThanOrEqual(30);
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
