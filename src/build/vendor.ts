// The packages that the library and its command line are built from, each bundled into one module of dist/vendor: who
// installs seqgpu installs nothing else, and of echarts's 62 MB gets the part that draws SVG.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'vite';
import { licences, packageOf } from './licences.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The reflector, the parser, and the classes of its syntax tree. */
const WGSL_NAMES = `WgslReflect, WgslParser, Alias, Argument, ArrayIndex, ArrayType, Assign, BinaryOperator,
BitcastExpr, Break, Call, CallExpr, Case, Const, ConstExpr, Continue, Continuing, CreateExpr,
DefaultSelector, Diagnostic, Discard, Enable, Expression, For, Function, If, Increment, Let,
LiteralExpr, Loop, Override, PointerType, Requires, Return, StaticAssert, StringExpr, Struct,
Switch, TemplateType, Type, TypecastExpr, UnaryOperator, Var, VariableExpr, While`;

const ML_MATRIX = JSON.stringify(join(root, 'node_modules/ml-matrix/src/index.js'));

/** By package, the names that our sources import; what a package has besides them is left out. */
const VENDORED: Readonly<Record<string, string>> = {
  'cli-progress': `export { MultiBar } from 'cli-progress';`,
  'cli-table3': `export { default } from 'cli-table3';`,
  echarts: `export { init, setPlatformAPI, use } from 'echarts/core';
export { BarChart, LineChart, ParallelChart, ScatterChart } from 'echarts/charts';
export { GridComponent, LegendComponent, MarkLineComponent } from 'echarts/components';
export { GraphicComponent, ParallelComponent, TitleComponent } from 'echarts/components';
export { SVGRenderer } from 'echarts/renderers';`,
  'fft.js': `export { default } from 'fft.js';`,
  'midi-file': `export { parseMidi, writeMidi } from 'midi-file';`,
  // Its entry is CommonJS, which a bundle for Node loads by node:module; seqgpu/lab is for pages, too.
  'ml-matrix': `export { Matrix, SingularValueDecomposition } from ${ML_MATRIX};`,
  // Its entry for Node is CommonJS under the name of an ES module and does not load.
  wgsl_reflect: `export { ${WGSL_NAMES} } from 'wgsl_reflect/wgsl_reflect.module.js';`,
};

/** Sends imports of these packages to dist/vendor, and puts there what they need, with everybody's licence. */
export function vendor(): Plugin {
  return {
    name: 'vendor',
    apply: 'build',
    enforce: 'pre',
    resolveId(source) {
      const name = source.split('/')[0];
      return VENDORED[name] ? { id: join(root, 'src/vendor', `${name}.js`), external: 'relative' } : null;
    },
    async writeBundle({ dir }) {
      const packages = await bundle(join(dir!, 'vendor'));
      writeFileSync(join(dir!, 'vendor/LICENSES.txt'), licences(packages));
    },
  };
}

/** Returns the folders of the packages that came in. */
async function bundle(outDir: string): Promise<string[]> {
  const PREFIX = '\0vendor:';
  const seen = new Set<string>();
  await build({
    configFile: false,
    root,
    logLevel: 'warn',
    plugins: [
      {
        name: 'vendored',
        enforce: 'pre',
        resolveId: (id) => (id.startsWith(PREFIX) ? id : null),
        load: (id) => (id.startsWith(PREFIX) ? VENDORED[id.slice(PREFIX.length)] : null),
        moduleParsed: ({ id }) => void seen.add(packageOf(id)),
      },
    ],
    build: {
      target: 'es2022',
      outDir,
      emptyOutDir: true,
      minify: true,
      reportCompressedSize: false,
      ssr: true,
      rolldownOptions: {
        input: Object.fromEntries(Object.keys(VENDORED).map((name) => [name, PREFIX + name])),
        output: { entryFileNames: '[name].js', chunkFileNames: '[name].js' },
      },
    },
    ssr: { noExternal: true },
  });
  return [...seen].filter(Boolean).sort();
}
