// The committed results, the page of the claims and the README say the same; and a verdict follows its numbers.

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { claimsIn, readResults, tablesOf, type FolderResults } from '../../src/cli/study/claims.node';
import { between, claimsPage } from '../../src/cli/study/claimsText.node';
import { demoFiles } from '../../src/cli/demo.node';
import { runPage } from '../../src/cli/train/report.node';
import { resultsText } from '../../src/cli/study/studyReport.node';
import { VERDICTS, verdictsOf, type Claim } from '../../src/studies/claims/claim';

const root = new URL('../../', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), 'utf8');
const results = readResults(new URL('examples/results', root).pathname);
const claims = claimsIn(results);

/** After a change of words or numbers: `npm run build && npx seqgpu claims --readme`. */
describe('what is committed', () => {
  test.each([...results.studies.keys()])('%s: findings are those of its cells', (folder) => {
    const concluded = results.studies.get(folder)!;
    expect(read(`examples/results/${folder}/results.json`)).toBe(resultsText(concluded.study, concluded));
    // The page says what was found, and what speaks against it.
    const page = read(`examples/results/${folder}/report.html`);
    const escaped = (words: string) =>
      words.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
    const { remark, against = [] } = concluded.findings;
    for (const words of [remark, ...against]) expect(page).toContain(escaped(words).replace(/"/g, '&quot;'));
  });

  test('times are said to be no comparison where parts ran at several times, and nowhere else', () => {
    const told = [...results.studies].map(([folder, { made }]) => {
      const said = read(`examples/results/${folder}/report.html`).includes('The parts ran at several times');
      return [said, made.versions.length > 1 || made.days.length > 1];
    });
    expect(told.map(([said]) => said)).toEqual(told.map(([, several]) => several));
    expect(new Set(told.map(([said]) => said)).size).toBe(2);
  });

  test('the claims and the README are those of the results', () => {
    expect(JSON.parse(read('examples/results/claims/claims.json'))).toEqual(claims);
    expect(read('examples/results/claims/report.html')).toBe(
      claimsPage(claims, 'npx seqgpu claims examples/results'),
    );
    for (const [file, tables] of Object.entries(tablesOf(claims, results.runs))) {
      expect(between(file, read(file), tables)).toBe(read(file));
    }
    expect(read('README.md').split('\n').length).toBeLessThan(200);
  });

  test('the pages of runs are drawn from what is stored of them', async () => {
    expect([...results.pages.keys()]).toEqual([...results.runs.keys()].filter((name) => !name.includes('/')));
    const words = (page: string) => page.replace(/<figure>[^]*?<\/figure>/g, '');
    for (const folder of ['jsb-lstm', 'wikitext2-lstm']) {
      const [run] = results.pages.get(folder)!;
      expect(words(read(`examples/results/${folder}/report.html`))).toBe(words(await runPage(run)));
    }
    const demo = await demoFiles(results.pages.get('demo')!);
    expect(words(read('examples/results/demo/report.html'))).toBe(words(demo.get('report.html')!));
  });

  test('every study and every run has a place', () => {
    expect([...results.studies.keys()].map((name) => name.replace('study-', ''))).toEqual(
      [...results.studies.values()].map(({ study, setup }) => [study, setup.task].filter(Boolean).join('-')),
    );
    const told = new Set(claims.flatMap(({ evidence }) => evidence.map(({ folder }) => folder)));
    expect([...results.studies.keys()].filter((name) => !told.has(name))).toEqual(['study-gating']);
    for (const { evidence } of claims) {
      expect(evidence.length).toBeGreaterThan(0);
      for (const { verdict, seconds, ours } of evidence) {
        expect(Object.keys(VERDICTS)).toContain(verdict);
        expect(seconds).toBeGreaterThan(0);
        expect(ours).not.toMatch(/NaN|undefined|null/);
      }
    }
  });

  test('results of studies name the version that computed them', () => {
    for (const { made } of results.studies.values()) {
      for (const { version, date } of made.lines) {
        expect(version).toMatch(/^\d+\.\d+\.\d+\+[0-9a-f]{7}/);
        expect(date).toMatch(/^\d{4}-\d\d-\d\d$/);
      }
    }
  });
});

describe('a verdict follows its numbers', () => {
  /** The claims with some rows of a study changed. */
  function claimsWith(
    study: string,
    change: (row: { model: string; metric: string; setting: string }) => number | null,
  ) {
    const studies = new Map(results.studies);
    const stored = studies.get(`study-${study}`)!;
    const rows = stored.findings.rows.map((row) => ({ ...row, ours: change(row) ?? row.ours }));
    studies.set(`study-${study}`, { ...stored, findings: { ...stored.findings, rows } });
    return claimsIn({ ...results, studies } satisfies FolderResults);
  }
  const verdicts = (list: readonly Claim[], title: RegExp) =>
    list.find((claim) => title.test(claim.title))!.evidence.map(({ verdict }) => verdict);

  test('a bound that is exceeded is contradicted', () => {
    expect(verdicts(claims, /hidden Markov/)).toEqual(['shown']);
    const exceeded = claimsWith('short-memory', ({ setting }) => (setting === 'any l' ? 1.01 : null));
    expect(verdicts(exceeded, /hidden Markov/)).toEqual(['contradicted']);
  });

  test('models that are no better than counting show nothing', () => {
    // The study on Shakespeare first, then the three tasks of the other.
    for (const [study, from, to] of [
      ['shootout-shakespeare', 0, 1],
      ['shootout', 1, 4],
    ] as const) {
      const verdictsWith = (change: Parameters<typeof claimsWith>[1]) =>
        verdicts(claimsWith(study, change), /^Feed-forward/).slice(from, to);
      const all = (verdict: string) => Array(to - from).fill(verdict);
      expect(verdictsWith(({ model }) => (model === 'GCNN' ? 1 : null))).toEqual(all('shown in small'));
      expect(verdictsWith(({ model }) => (model === 'GRU' ? 1 : null))).toEqual(all('contradicted'));
      const counted = /gram|Markov|marginals/;
      expect(verdictsWith(({ model }) => (counted.test(model) ? 1 : 50))).toEqual(all('not shown'));
    }
  });

  test('an n-gram that is worse, and what models need that are no better than counting', () => {
    const [gram, inference] = [/13-gram/, /^Shown only its last few/];
    const rated = (change: Parameters<typeof claimsWith>[1], title: RegExp) =>
      verdicts(claimsWith('context', change), title)[0];
    expect([verdicts(claims, gram)[0], verdicts(claims, inference)[0]]).toEqual([
      'shown in small',
      'shown in small',
    ]);
    expect(rated(({ setting }) => (setting.includes('k = 12') ? 9.5 : null), gram)).toBe('contradicted');
    expect(rated(({ setting }) => (setting.startsWith('cut at test') ? 99 : null), inference)).toBe(
      'contradicted',
    );
    const counted = ({ setting }: { setting: string }) => (setting.startsWith('counted') ? 1 : null);
    expect([rated(counted, gram), rated(counted, inference)]).toEqual(['not shown', 'not shown']);
  });

  test('what stability costs is judged by pairs of seeds, where models beat counting', () => {
    const stored = results.studies.get('study-shootout-shakespeare')!;
    const withTests = (change: (id: string, test: number) => number) => {
      const changed = new Map(
        [...stored.results].map(([id, result]) => {
          const { test } = result as { test?: number };
          return [
            id,
            test === undefined ? result : { ...(result as object), test: change(id, test) },
          ] as const;
        }),
      );
      const studies = new Map(results.studies).set('study-shootout-shakespeare', {
        ...stored,
        results: changed,
      });
      const { evidence } = claimsIn({ ...results, studies }).find(({ title }) => /^Made stable/.test(title))!;
      return evidence
        .filter(({ experiment }) => experiment.includes(' on shakespeare'))
        .map(({ verdict }) => verdict);
    };
    const seed = (id: string) => Number(/seed-(\d)/.exec(id)?.[1] ?? 1);
    const apart = (by: number) => (id: string) =>
      2 + 0.01 * seed(id) ** 2 + (id.includes('stable') ? by * (1 + seed(id) / 100) : 0);
    expect(withTests(apart(0.001))).toEqual(['shown in small', 'shown in small']);
    expect(withTests(apart(0.1))).toEqual(['contradicted', 'contradicted']);
    expect(withTests((id) => apart(0.001)(id) + 5)).toEqual(['not shown', 'not shown']);
  });

  test('a step that widens a difference contradicts the regime', () => {
    const wide = claimsWith('lags', ({ metric }) => (metric.includes('worst, trained') ? 1.2 : null));
    expect(verdicts(wide, /stable regime, though/)).toEqual(['contradicted', 'contradicted']);
  });

  test('systems that translate are judged by all their seeds', () => {
    const known = results.pairs.get('eng-fra')!;
    /** The verdict on sentences where these models have this score, in one seed or in all. */
    const withScore = (bleu: number, models: readonly string[], seeds: number) => {
      const changed = Object.entries(known).map(([model, { ours }]) => {
        const runs = ours.map((run, i) => (models.includes(model) && i < seeds ? { ...run, bleu } : run));
        return [model, { ours: runs }] as const;
      });
      const pairs = new Map([['eng-fra', Object.fromEntries(changed)]]);
      return verdicts(claimsIn({ ...results, pairs }), /in translation/)[0];
    };
    expect(withScore(0, [], 0)).toBe('shown in small');
    expect(withScore(20, ['gnmt'], 1)).toBe('not shown');
    expect(withScore(30, ['gnmt', 'seq2seq', 'attention-lstm'], 2)).toBe('contradicted');
  });

  test('all verdicts of a claim are said, the best first', () => {
    const evidence = (['contradicted', 'shown', 'contradicted'] as const).map((verdict) => ({
      ...claims[0].evidence[0],
      verdict,
    }));
    expect(verdictsOf({ title: '', evidence })).toBe('shown; contradicted');
  });
});

test('a README without its marks is refused', () => {
  expect(() => between('README.md', '# seqgpu', { claims: '' })).toThrow(
    'README.md has no place for the claims',
  );
});
