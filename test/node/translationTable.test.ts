// The table of examples/translation is that of its results, and every row of it sets like beside like.

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import depth from '../../examples/translation/depth.json';
import results from '../../examples/results/eng-fra/results.json';

type Run = (typeof results)['transformer']['ours'][number] | (typeof results)['transformer']['torch'][number];
const { '../../examples/translation/compare.mjs': compared } = import.meta.glob<{
  readonly tableOf: (runs: unknown) => string;
  readonly sightsOf: (runs: unknown) => string;
  readonly depthTable: (runs: unknown) => string;
  readonly bySeed: (known: readonly { seed: number }[], found: readonly { seed: number }[]) => unknown[];
  readonly beamIn: (text: string, name: string) => number;
}>('../../examples/translation/compare.mjs', { eager: true });

test('README.md has the tables', () => {
  const page = readFileSync(new URL('../../examples/translation/README.md', import.meta.url), 'utf8');
  // Its columns are padded there.
  const plain = (text: string) => text.replace(/ +/g, ' ').replace(/-{3,}/g, '---');
  expect(plain(page)).toContain(plain(compared.tableOf(results)));
  expect(plain(page)).toContain(plain(compared.sightsOf(results)));
  expect(plain(page)).toContain(plain(compared.depthTable(depth)));
});

test('BLEU of five beams has a column where a run has it', () => {
  const greedy = <M extends (typeof results)['gnmt']>({ ours, torch }: M) => ({
    ours: ours.map((run) => ({ ...run, beam: undefined })),
    torch,
  });
  const [gnmt, convs2s] = [greedy(results.gnmt), greedy(results.convs2s)];
  expect(compared.tableOf({ gnmt, convs2s })).not.toContain('beams');
  const [first] = convs2s.ours;
  const runs = [12.25, 14.75].map((beam) => ({ ...first, beam }));
  const lines = compared.tableOf({ gnmt, convs2s: { ...convs2s, ours: [first, ...runs] } }).split('\n');
  expect(lines[0]).toMatch(/\| five beams, ours \|$/);
  expect(lines[2]).toMatch(/^\| GNMT .*\|  \|$/);
  expect(lines[3]).toMatch(/\| 13\.5 \(12\.3 to 14\.8\) \|$/);
  expect(new Set(lines.map((line) => line.split('|').length)).size).toBe(1);
});

test('a seed that is found anew takes the place of what was known of it; others stay', () => {
  const known = [1, 3].map((seed) => ({ seed, bleu: 1 }));
  expect(compared.bySeed(known, [{ seed: 3, bleu: 2 } as never, { seed: 2, bleu: 2 } as never])).toEqual([
    { seed: 1, bleu: 1 },
    { seed: 2, bleu: 2 },
    { seed: 3, bleu: 2 },
  ]);
});

test('what eval has printed of five beams', () => {
  const printed = (test: object) => `a table\n${JSON.stringify({ task: 'eng-fra', test })}\n`;
  expect(compared.beamIn(printed({ 'BLEU greedy': 14, 'BLEU of 5 beams': 15.5 }), 'gnmt')).toBe(15.5);
  expect(() => compared.beamIn(printed({ 'BLEU greedy': 14 }), 'gnmt')).toThrow('beam/gnmt.json has no BLEU');
});

test.each(Object.entries(results))(
  '%s: as many steps in PyTorch, and about as many parameters',
  (_, { ours, torch }) => {
    const runs: readonly Run[] = [...ours, ...torch];
    expect([...new Set(runs.map(({ steps }) => steps))]).toHaveLength(1);
    // PyTorch's ConvS2S has positions for longer sentences than there are.
    for (const { parameters } of runs)
      expect(Math.abs(parameters / ours[0].parameters - 1)).toBeLessThan(0.01);
    expect(ours.every(({ version }) => /\+[0-9a-f]{7,}$/.test(version))).toBe(true);
  },
);

test('six layers with residual sums and six without have the same parameters, steps and depth', () => {
  for (const key of ['parameters', 'steps', 'levels'] as const)
    expect(new Set(depth.map((run) => run[key])).size).toBe(1);
  const rates = (residual: boolean) =>
    depth
      .filter((run) => run.residual === residual)
      .map(({ learningRate, seed }) => `${learningRate} ${seed}`);
  expect(rates(false).sort()).toEqual(rates(true).sort());
});
