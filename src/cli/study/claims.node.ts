// The command `seqgpu claims`: the claims of the article, each beside what the results in a folder say of it. It trains
// nothing: pages of studies are drawn again from their stored cells, so that words, tables and pictures are today's.

import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { reading, statAt } from '../../files/reading.node';
import { fail, SeqgpuError } from '../../graph/check';
import { draw } from '../../report/plot.node';
import { studyCommand, type Results, type Setup } from '../../runs/study';
import { RunFolder, parseJson } from '../../runs/runFolder.node';
import type { Line } from '../../runs/trials';
import type { Claim } from '../../studies/claims/claim';
import { claimsOf } from '../../studies/claims/claims';
import {
  Sources,
  type RunSource,
  type StudySource,
  type TranslatorsSource,
} from '../../studies/claims/sources';
import { STUDIES } from '../../studies/index';
import { between, claimsMarkdown, claimsPage, claimsSummary, runsMarkdown } from './claimsText.node';
import { demoFiles } from '../demo.node';
import { runPage, type StoredRun } from '../train/report.node';
import { readFlags, type Flags } from '../flags/flags';
import { madeOf } from './made';
import { resultsText, studyPage, type Concluded } from './studyReport.node';

/** Flags of `claims`. */
export const CLAIMS_FLAGS = {
  readme: {
    kind: 'switch',
    help: "write the tables between the marks of README.md and examples/results/README.md, of seqgpu's own repository",
  },
} as const satisfies Flags;

const DEFAULT = 'examples/results';

/** Reads the words of `claims`; the action draws the pages again and gives the exit code. */
export function readClaimsCommand(words: readonly string[]): () => Promise<number> {
  const { positionals, given } = readFlags('claims', words, CLAIMS_FLAGS);
  const [folder = DEFAULT, ...more] = positionals;
  if (more.length) fail('claims: one folder of results at a time.', { given: more.join(' ') });
  return async () => {
    for (const [path, text] of await drawnClaims(folder, Boolean(given.readme))) write(path, text);
    return 0;
  };
}

function write(path: string, text: string): void {
  const [name, ...above] = path.split('/').reverse();
  new RunFolder(join(...above.reverse(), '.')).write(name, text);
  console.log(path);
}

/** What is in results.json of a study. */
interface StoredStudy extends Setup {
  readonly study: string;
  readonly cells: readonly Line[];
}

/** Every file that the results in a folder make, by its path: what is there already may differ. */
async function drawnClaims(folder: string, readme: boolean): Promise<Map<string, string>> {
  const results = readResults(folder);
  const { studies, runs } = results;
  const files = new Map<string, string>();
  for (const [name, concluded] of studies) {
    const at = (file: string) => join(folder, name, file);
    files.set(at('results.json'), resultsText(concluded.study, concluded));
    files.set(at('report.html'), await studyPage(concluded));
    const picture = PICTURES[name];
    if (picture) files.set(at(picture), await draw(concluded.findings.figures[0]));
  }
  for (const [name, runs] of results.pages) {
    const drawn =
      runs.length > 1 ? await demoFiles(runs) : new Map([['report.html', await runPage(runs[0])]]);
    for (const [file, text] of drawn) files.set(join(folder, name, file), text);
  }
  const claims = claimsFrom(folder, results);
  files.set(join(folder, 'claims', 'claims.json'), `${JSON.stringify(claims, null, 1)}\n`);
  files.set(join(folder, 'claims', 'report.html'), claimsPage(claims, `npx seqgpu claims ${folder}`));
  if (readme) {
    for (const [file, tables] of Object.entries(tablesOf(claims, runs))) {
      files.set(
        file,
        between(
          file,
          reading(file, () => readFileSync(file, 'utf8')),
          tables,
        ),
      );
    }
  }
  return files;
}

/** The claims; where one of the studies is not there that they rest on, an error that says where it was looked for. */
function claimsFrom(folder: string, results: FolderResults): Claim[] {
  try {
    return claimsIn(results);
  } catch (error) {
    if (!(error instanceof SeqgpuError)) throw error;
    const there = [...results.studies.keys(), ...results.runs.keys(), ...results.pairs.keys()];
    return fail(error.message.split('\n')[0], {
      given: `${folder} has ${there.length ? there.join(', ') : 'no results of studies or of runs'}`,
      fix: 'name a folder that has a folder `study-NAME` for each study, as `npx seqgpu study NAME --out` fills it.',
    });
  }
}

/** The tables between the marks of two pages, by file and mark. */
export const tablesOf = (claims: readonly Claim[], runs: FolderResults['runs']) => ({
  'README.md': { summary: claimsSummary(claims) },
  'examples/results/README.md': { claims: claimsMarkdown(claims), runs: runsMarkdown(runs) },
});

/** What the results of a folder say of the article's claims. */
export function claimsIn({ studies, runs, pairs }: FolderResults): Claim[] {
  const sources = [...studies].map(([path, concluded]) => {
    const folder = path.replace(/^study-/, '');
    return [folder, sourceOf(folder, concluded)] as const;
  });
  return claimsOf(new Sources(new Map(sources), runs, pairs));
}

/** Studies whose first picture stands in the README. */
const PICTURES: Readonly<Record<string, string>> = {
  'study-twins': 'twins.svg',
  'study-shootout': 'shootout.svg',
};

type Stored = Concluded & { readonly study: string; readonly results: Results<unknown> };

const sourceOf = (folder: string, { study, setup, findings, results, made }: Stored): StudySource => ({
  folder,
  name: study,
  setup,
  results,
  findings,
  seconds: made.seconds,
});

/** Results by the names of their folders. */
export interface FolderResults {
  readonly studies: ReadonlyMap<string, Stored>;
  readonly runs: ReadonlyMap<string, RunSource>;
  /** Models that were trained on the same pairs of sentences. */
  readonly pairs: ReadonlyMap<string, TranslatorsSource>;
  /** The runs of a folder, which are on one page. */
  readonly pages: ReadonlyMap<string, readonly StoredRun[]>;
}

/** Reads what `study` and `train` have left; the findings are made anew from the stored cells. */
export function readResults(folder: string): FolderResults {
  if (!statAt(folder)?.isDirectory()) {
    const ours = folder === DEFAULT ? ', as it is in the repository of seqgpu' : '';
    fail(`claims: there is no folder ${folder} here${ours}.`, {
      fix: 'name the folder that holds those of studies: `npx seqgpu claims FOLDER`.',
    });
  }
  const [studies, runs] = [new Map<string, Stored>(), new Map<string, RunSource>()];
  const pages = new Map<string, readonly StoredRun[]>();
  const pairs = new Map<string, TranslatorsSource>();
  for (const name of readdirSync(folder).sort()) {
    const path = join(folder, name, 'results.json');
    if (!existsSync(path)) continue;
    const stored = parseJson(readFileSync(path, 'utf8'), path);
    if (isStudy(stored)) studies.set(name, concludedOf(stored));
    if (areTranslators(stored)) pairs.set(name, stored);
    // The demo has several runs in one folder.
    const list = (Array.isArray(stored) ? stored : [stored]).filter(isRun);
    list.forEach((run, i) => runs.set(i ? `${name}/${i}` : name, run));
    if (list.length && list.every(isStamped)) pages.set(name, list);
  }
  return { studies, runs, pairs, pages };
}

const isStudy = (stored: unknown): stored is StoredStudy =>
  typeof stored === 'object' && stored !== null && 'study' in stored && 'cells' in stored;
const isRun = (stored: unknown): stored is RunSource =>
  typeof stored === 'object' && stored !== null && 'settings' in stored && 'test' in stored;
const areTranslators = (stored: unknown): stored is TranslatorsSource =>
  typeof stored === 'object' && stored !== null && 'transformer' in stored;
/** Runs of earlier versions do not say how they are run again: their pages stay as they are. */
const isStamped = (run: RunSource): run is RunSource & StoredRun => 'command' in run && 'version' in run;

function concludedOf({ study: name, cells, budget, seed, task, seeds }: StoredStudy): Stored {
  const study = STUDIES.find((one) => one.name === name) ?? fail(`claims: there is no study called ${name}.`);
  const setup = { budget, seed, task, seeds };
  const results = new Map(cells.map(({ cell, result }) => [cell, result]));
  const findings = study.findings(setup, results);
  const command = studyCommand(name, setup);
  const { title, claim, source } = study;
  return { study: name, title, claim, source, command, setup, findings, results, made: madeOf(cells) };
}
