// Settings of the mutation run: npm run mutate, or with folders, npm run mutate -- --mutate 'src/train/**/*.ts'.

const FOLDERS = ['train', 'optim', 'spec', 'tasks', 'runs', 'data', 'decode', 'lab', 'bench', 'studies'];

export default {
  testRunner: 'vitest',
  vitest: { configFile: 'test/mutants/vitest.config.ts' },
  plugins: ['@stryker-mutator/vitest-runner'],
  mutate: [
    ...FOLDERS.map((folder) => `src/${folder}/**/*.ts`),
    'src/cli/flags/flags.ts',
    // Files and downloads.
    '!src/**/*.node.ts',
  ],
  // The words of a message.
  mutator: { excludedMutations: ['StringLiteral'] },
  // What is computed once when a module is loaded costs all tests for every mutant.
  ignoreStatic: true,
  incremental: true,
  incrementalFile: '.cache/mutants/incremental.json',
  reporters: ['clear-text', 'json', 'progress'],
  jsonReporter: { fileName: '.cache/mutants/report.json' },
  clearTextReporter: { allowColor: false, reportTests: false },
  tempDirName: '.cache/mutants/sandbox',
  ignorePatterns: ['dist', 'examples/results', 'test/golden', 'test/gpu'],
  concurrency: 1,
  timeoutMS: 20_000,
  // Types would be checked in a copy without what they need.
  disableTypeChecks: false,
  // Its rewriting of paths needs an older TypeScript.
  tsconfigFile: 'none',
  checkers: [],
};
