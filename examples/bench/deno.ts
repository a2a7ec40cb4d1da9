// The bench in Deno, on wgpu: `npx deno run --allow-all --unstable-webgpu examples/bench/deno.ts`, after
// `npm run build`. It takes `seqgpu bench`'s --only, --rounds, --quick, --kernels, --out and --json, and
// prints Markdown.

import { existsSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { vulkanEnvironment } from '../../src/gpu/device/vulkan.node.ts';

declare const Deno: {
  readonly args: string[];
  readonly version: { readonly deno: string };
  readonly build: { readonly os: string; readonly arch: string };
  execPath(): string;
  exit(code: number): never;
  Command: new (
    program: string,
    options: object,
  ) => { spawn(): { readonly status: Promise<{ readonly code: number }> } };
};

const AGAIN = 'SEQGPU_DENO';

// The Vulkan loader reads the environment of the program's start: one that knows better starts itself again.
async function withAdapter(): Promise<void> {
  const wanted = vulkanEnvironment();
  const known = ['LD_LIBRARY_PATH', 'VK_ICD_FILENAMES'].every((name) => wanted[name] === process.env[name]);
  if (known || process.env[AGAIN]) return;
  const self = ['run', '--allow-all', '--unstable-webgpu', '--no-lock', new URL(import.meta.url).pathname];
  const args = [...self, ...Deno.args];
  const { status } = new Deno.Command(Deno.execPath(), { args, env: { ...wanted, [AGAIN]: '1' } }).spawn();
  Deno.exit((await status).code);
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    args: Deno.args,
    options: {
      ...{ only: { type: 'string', multiple: true }, rounds: { type: 'string' }, out: { type: 'string' } },
      ...{ quick: { type: 'boolean' }, kernels: { type: 'boolean' }, json: { type: 'boolean' } },
    },
  });
  const built = new URL('../../dist/bench.js', import.meta.url);
  if (!existsSync(built)) throw new Error(`There is no ${built.pathname}. fix: npm run build`);
  const library = (await import(built.href)) as typeof import('../../src/bench/index');
  const { CASES, bench, choose, markdown } = library;
  const words = values.only?.flatMap((text) => text.split(','));
  const { cases, firstResult } = choose(CASES, words);
  const rounds = values.rounds === undefined ? undefined : Number(values.rounds);
  if (rounds !== undefined && !(Number.isInteger(rounds) && rounds > 0)) {
    throw new Error(`--rounds: "${values.rounds}" is no whole number of at least 1.`);
  }
  const { os, arch } = Deno.build;
  let next = performance.now();
  const report = await bench({
    ...{ cases, firstResult, quick: values.quick, kernels: Boolean(values.kernels) },
    rounds,
    runtime: `Deno ${Deno.version.deno} (wgpu), ${os} ${arch}`,
    onProgress(what) {
      if (performance.now() < next) return;
      console.error(what);
      next = performance.now() + 10_000;
    },
  });
  console.log(markdown(report, { kernels: values.kernels }));
  if (values.out) writeFileSync(values.out, `${JSON.stringify(report, null, 2)}\n`);
  if (values.json) console.log(JSON.stringify(report));
}

await withAdapter();
try {
  await main();
} catch (error) {
  console.error((error as Error).message);
  Deno.exit(1);
}
