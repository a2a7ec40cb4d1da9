// The command line in one file. Node finds, opens, reads and links a file per module: for the 700 of a command that
// took half a second. Modules that only the command line needs are in that file and nowhere else.

import { builtinModules } from 'node:module';
import { posix } from 'node:path';
import { build, type Plugin, type Rolldown } from 'vite';

/** Puts what the program `fileName` imports into it. `external`: packages that stay what they are. */
export function program(fileName: string, external: readonly string[]): Plugin {
  return {
    name: 'program',
    apply: 'build',
    // Behind those that change what the modules say.
    enforce: 'post',
    async generateBundle(_options, bundle) {
      const chunks = Object.values(bundle).filter((one) => one.type === 'chunk');
      const one = chunks.find((chunk) => chunk.fileName === fileName)!;
      one.code = await bundled(one.fileName, bundle, external);
      delete bundle[`${fileName}.map`];
      const needed = reached(
        chunks.filter((chunk) => chunk.isEntry && chunk !== one),
        bundle,
      );
      for (const { fileName: file } of chunks) {
        if (file === fileName || needed.has(file)) continue;
        delete bundle[file];
        delete bundle[`${file}.map`];
      }
    },
  };
}

/** The files that these chunks import, and their own. */
function reached(chunks: readonly Rolldown.OutputChunk[], bundle: Rolldown.OutputBundle): Set<string> {
  const found = new Set<string>();
  const visit = (file: string): void => {
    const chunk = bundle[file];
    if (found.has(file) || chunk?.type !== 'chunk') return;
    found.add(file);
    [...chunk.imports, ...chunk.dynamicImports].forEach(visit);
  };
  for (const { fileName } of chunks) visit(fileName);
  return found;
}

/** The code of a file with that of the files it imports; what is no file of the bundle is imported as before. */
async function bundled(
  entry: string,
  files: Rolldown.OutputBundle,
  external: readonly string[],
): Promise<string> {
  const PREFIX = '\0built:';
  const packages = new Set([...builtinModules, ...external]);
  const built = await build({
    configFile: false,
    logLevel: 'warn',
    plugins: [
      {
        name: 'built',
        enforce: 'pre',
        resolveId(id, importer) {
          if (importer === undefined) return PREFIX + entry;
          if (id.startsWith('node:') || packages.has(id)) return { id, external: true };
          const path = posix.join(posix.dirname(importer.slice(PREFIX.length)), id);
          return path in files ? PREFIX + path : { id: `./${path}`, external: true };
        },
        load(id) {
          const file = files[id.slice(PREFIX.length)];
          return file?.type === 'chunk' ? file.code : null;
        },
      },
    ],
    build: {
      target: 'es2022',
      minify: false,
      ssr: true,
      write: false,
      rolldownOptions: {
        input: entry,
        checks: { pluginTimings: false },
        output: { codeSplitting: false, comments: false },
      },
    },
  });
  const [chunk] = (built as Rolldown.RolldownOutput).output;
  return chunk.code;
}
