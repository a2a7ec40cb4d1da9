// Walls that are seen in the text of a file: its first comment, its size, its lines.

import { linesOf, type SourceFile, type Tree, type Wall } from './tree';

const namesOf = (tree: Tree, wrong: (file: SourceFile) => boolean): string[] =>
  tree.filter(wrong).map(({ path }) => path);

/** Lines that match, as `path:line`. */
const linesWith = (tree: Tree, wrong: (line: string) => boolean): string[] =>
  tree.flatMap((file) => linesOf(file).flatMap((line, i) => (wrong(line) ? [`${file.path}:${i + 1}`] : [])));

const HEADER_LINES = 6;

/** A file opens with a comment of one to six lines; formulas and sources may follow, after an empty line. */
export const openings: Wall = (tree) =>
  namesOf(tree, ({ text }) => {
    const header = /^(?:\/\/.*\n)+/.exec(text.replace(/^#!.*\n/, ''))?.[0] ?? '';
    const [first] = header.split(/^\/\/\s*$/m);
    const lines = first.trim().split('\n').filter(Boolean).length;
    return !lines || lines > HEADER_LINES;
  });

const FILE_LINES = 250;

export const longFiles: Wall = (tree) =>
  tree.flatMap((file) => {
    const { length } = linesOf(file);
    return length > FILE_LINES ? [`${file.path}: ${length}`] : [];
  });

const COLUMNS = 120;

export const wideLines: Wall = (tree) => linesWith(tree, (line) => [...line].length > COLUMNS);

const LEFTOVER =
  /\b(TODO|FIXME|XXX|debugger)\b|\b(describe|test|it)(\.\w+)*\.(only|skip|todo|fails)\b|\b(xit|xdescribe|fit\(')|\bretry:/;

/** Notes to oneself, tests that are switched off or alone, and tests that may fail. */
export const leftovers: Wall = (tree) => namesOf(tree, ({ text }) => LEFTOVER.test(text));

/** A library does not talk: only the command line does. */
export const talk: Wall = (tree) =>
  namesOf(tree, ({ path, text }) => !path.startsWith('src/cli/') && /\bconsole\.\w+\(/.test(text));

/** Characters that nobody sees: a \b that became a backspace matches nothing, and a wall of it stands for nothing. */
export const hidden: Wall = (tree) =>
  namesOf(tree, ({ text }) => [...text].some((one) => /[\p{Cc}\p{Cf}]/u.test(one) && one !== '\n'));

const COMMANDS = 'train|generate|eval|study|search|translate|bench|claims|demo|doctor|help';
/** What begins a message under the name of a command: where that may be, by the beginning of its path. */
const ROOMS: Readonly<Record<string, readonly string[]>> = {
  translate: ['src/cli/translate/', 'src/decode/beams.ts'],
  bench: ['src/cli/bench/', 'src/bench/', 'src/cli/browser/'],
  study: ['src/cli/study/', 'src/studies/', 'src/runs/study'],
  claims: ['src/cli/study/', 'src/studies/claims/'],
};

/** Only a command complains under its name: what others use too would complain under that of another. */
export const complaints: Wall = (tree) =>
  tree.flatMap(({ path, text }) => {
    const named = [...text.matchAll(new RegExp(`\\bfail\\(\\s*['"\`](${COMMANDS}): `, 'g'))];
    const allowed = (command: string) => ROOMS[command] ?? [`src/cli/${command}`];
    const wrong = named.filter(([, command]) => !allowed(command).some((room) => path.startsWith(room)));
    return wrong.map(([, command]) => `${path}: ${command}`);
  });

/** The engine throws through check.ts. */
export const throwers: Wall = (tree) =>
  namesOf(
    tree.filter(({ path }) => !path.startsWith('src/cli/') && !path.endsWith('.node.ts')),
    ({ text }) => /\bthrow new (Error|TypeError|RangeError)\b/.test(text),
  );

/** Errors of types that are silenced. */
export const silenced: Wall = (tree) =>
  namesOf(tree, ({ text }) => /@ts-(ignore|nocheck|expect-error)/.test(text));

/** Values that are given another type by way of `unknown`, which hides that the two have nothing in common. */
export const doubleCasts: Wall = (tree) => linesWith(tree, (line) => /\bas unknown as\b/.test(line));

/** Ops, models and plans see no objects of WebGPU. */
export const gpuObjects: Wall = (tree) =>
  namesOf(
    tree.filter(({ path }) => /^src\/(ops|graph|plan|nn|optim)\//.test(path)),
    ({ text }) => /\bGPU[A-Z]\w+/.test(text),
  );

/**
 * Code that reads a global of WebGPU's constants, which a device of one's own need not come with; but for what takes
 * Dawn's globals itself.
 */
export const globalConstants: Wall = (tree) =>
  namesOf(
    tree.filter(
      ({ path, text }) =>
        /^src\/(gpu|bench|lab|testing|train)\//.test(path) && !text.includes('dawn.globals'),
    ),
    ({ text }) =>
      /^(?! *\*| *\/\/)[^'"`\n]*\bGPU(BufferUsage|MapMode|ShaderStage|TextureUsage)\b/m.test(text),
  );

/** Names of ops as words in the texts of gpu/. */
export const opsInGpu =
  (ops: ReadonlySet<string>): Wall =>
  (tree) =>
    tree
      .filter(({ path }) => path.startsWith('src/gpu/'))
      .flatMap(({ path, text }) =>
        [...text.matchAll(/(['"`])(\w+)\1/g)]
          .filter(([, , word]) => ops.has(word))
          .map(([, , word]) => `${path}: ${word}`),
      );

const FOLDER_FILES = 30;

/** Folders in which so many files stand that nobody finds one. */
export const crowds: Wall = (tree) => {
  const counts = new Map<string, number>();
  for (const { path } of tree) {
    const folder = path.replace(/\/[^/]*$/, '');
    counts.set(folder, (counts.get(folder) ?? 0) + 1);
  }
  return [...counts].filter(([, n]) => n > FOLDER_FILES).map(([folder, n]) => `${folder}: ${n}`);
};

/** The largest u32, which stands for "none" in kernels: its name is in one file. */
export const sentinels =
  (home: string): Wall =>
  (tree) =>
    linesWith(
      tree.filter(({ path }) => path !== home),
      (line) =>
        /\b(0xffff_?ffff|4294967295|4_294_967_295)\b/i.test(line.replace(/\/[/*].*|^\s*\*.*|'[^']*'/g, '')),
    );

/** Pictures that begin by themselves: without what all begin with, a narrow page cuts them off. */
export const ownPictures =
  (home: string): Wall =>
  (tree) =>
    linesWith(
      tree.filter(({ path }) => path !== home),
      (line) => /<svg\s[^>]*xmlns=/.test(line),
    );

/** Ops, one a file, without a reference of their own. */
export const missingReferences =
  (hasReference: (name: string) => boolean, exempt: Readonly<Record<string, string>>): Wall =>
  (tree) => {
    const defining = tree
      .filter(({ path, text }) => path.startsWith('src/ops/') && /\bdefineOp\b[<(]/.test(text))
      .map(({ path }) => path.replace(/^.*\/|\.ts$/g, ''));
    const missing = defining.filter((name) => !hasReference(name) && !exempt[name]);
    const needless = Object.keys(exempt).filter((name) => hasReference(name) || !defining.includes(name));
    return [...missing, ...needless.map((name) => `${name} is excused and need not be`)];
  };
