// The programs of the guides run as they are printed, and do what they say they do.

import { expect, test, vi } from 'vitest';

/** What a program writes to the console. */
async function saidBy(program: () => Promise<unknown>): Promise<string[]> {
  const log = vi.spyOn(console, 'log').mockImplementation(() => {});
  try {
    await program();
    return log.mock.calls.map(([line]) => String(line));
  } finally {
    log.mockRestore();
  }
}

test('an op of one’s own has the gradient of what it computes, and a layer learns through it', async () => {
  const [gradient, ...steps] = await saidBy(() => import('../../examples/guides/ownOp'));
  expect(Number(/^gradient off by (\S+): /.exec(gradient)![1])).toBeLessThan(1e-3);
  const losses = steps.map((line) => Number(line.split('loss ')[1]));
  expect(losses).toHaveLength(3);
  expect(losses[2]).toBeLessThan(losses[0] / 100);
});

test('numbers of one’s own: the GRU foresees better than the last value', async () => {
  const [line] = await saidBy(() => import('../../examples/guides/ownData'));
  const [naive, gru] = /again: ([\d.]+), the GRU: ([\d.]+)$/.exec(line)!.slice(1).map(Number);
  expect(gru).toBeLessThan(naive / 2);
});

test('a file goes on bit for bit, under PyTorch’s names and shapes', async () => {
  const [same, ...names] = await saidBy(() => import('../../examples/guides/checkpoints'));
  expect(same).toBe('from step 10 on: the same bits');
  // Those of torch.nn.LSTM(8, 16) as `lstm` and of torch.nn.Linear(16, 4) as `head`.
  expect(names.map((line) => line.split(' ')[0]).sort()).toEqual([
    'head.bias',
    'head.weight',
    'lstm.bias_hh_l0',
    'lstm.bias_ih_l0',
    'lstm.weight_hh_l0',
    'lstm.weight_ih_l0',
  ]);
});

test('half precision where the device has it, and a scaled loss in any case', async () => {
  const [memory, losses] = await saidBy(() => import('../../examples/guides/half'));
  expect(memory).toMatch(/^\d+ slots, .* KiB/);
  const [, first, last] = /^loss ([\d.]+) → ([\d.]+), 0 steps skipped$/.exec(losses)!.map(Number);
  expect(last).toBeLessThan(first / 2);
});

test('a training that lost its device goes on from what was kept, and makes all of its updates', async () => {
  const [lost, end] = await saidBy(() => import('../../examples/guides/lost'));
  expect(lost).toBe('lost at step 30, and back at 20');
  expect(end).toMatch(/^60 updates, loss 0\.\d/);
});
