// Where the tests run. The same GPU tests run in Node (Dawn), in headless Chrome, and in Deno (wgpu): there, Vitest
// itself runs in Deno, see test/run.mjs.

import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { puppeteer } from './test/harness/puppeteer.ts';
import { isolated as headers, shared as built } from './vite.config.ts';

/** As built, and `seqgpu` in the examples is the sources. */
const seqgpu = fileURLToPath(new URL('test/harness/seqgpu.ts', import.meta.url));
const parts = ['lab/index', 'train/index', 'testing/index', 'wgsl/reflect'].map((file) => [
  `seqgpu/${file.replace('/index', '').replace('wgsl/', '')}`,
  fileURLToPath(new URL(`src/${file}.ts`, import.meta.url)),
]);
const alias = { ...built.resolve.alias, ...Object.fromEntries(parts), seqgpu };
const shared = { ...built, resolve: { alias } };
/** What somebody has measured on this machine changes no test. */
const env = { SEQGPU_TUNING: 'none' };

// A software adapter takes its time, most of all for the first run of a kernel.
const gpu = {
  include: ['test/gpu/**/*.test.ts'],
  testTimeout: 120_000,
  hookTimeout: 120_000,
  fileParallelism: false,
};
const runtime = process.versions.deno ? 'deno' : 'node';
/** Of the GPU tests those for Node alone. */
const NODE_ONLY = 'test/gpu/**/*.node.test.ts';
/**
 * What is built on ops, and no page does otherwise than Node, whose compiler and adapters Chrome has again: where both
 * are asked, as in `npm test`, Node alone. Trainings to the losses of PyTorch are asked of both.
 */
const ON_OPS = 'test/gpu/onOps/*.test.ts';
const shares = process.env.SEQGPU_NODE_AND_CHROME === '1';
const inPage = { ...gpu, exclude: shares ? [NODE_ONLY, ON_OPS] : [NODE_ONLY] };
/** And those for a page alone; `npm test` runs those for Node alone by themselves. */
const others = process.env.SEQGPU_NODE_ONLY === '0' ? [NODE_ONLY] : [];
const inNode = { ...gpu, exclude: ['test/gpu/**/*.chrome.test.ts', ...others] };
/**
 * In Deno, those for what a second implementation of WebGPU may do otherwise: take a kernel, compute with it, replay
 * a step, train. What is built on top of that is the same program there.
 */
const SECOND = ['smoke', 'shaders', 'probe', 'ops', 'chain', 'view', 'replay', 'training', 'pages'];
const deno = { ...gpu, include: SECOND.map((name) => `test/gpu/${name}.test.ts`) };

export default defineConfig({
  ...shared,
  test: {
    slowTestThreshold: 5000,
    projects: [
      // Deep graphs take a second; a busy machine takes ten.
      { ...shared, test: { name: 'node', env, include: ['test/node/**/*.test.ts'], testTimeout: 30_000 } },
      // Pages as their users see them, driven from Node in a Chrome of their own.
      {
        ...shared,
        test: {
          ...gpu,
          name: 'pages',
          env,
          include: ['test/pages/*.test.ts'],
          pool: 'forks',
          isolate: false,
        },
      },
      // One process for all files: Dawn lives as long as its process.
      {
        ...shared,
        test: {
          ...(runtime === 'node' ? inNode : deno),
          name: `gpu-${runtime}`,
          env,
          pool: 'forks',
          isolate: false,
        },
      },
      {
        ...shared,
        server: { headers },
        test: {
          ...inPage,
          name: 'gpu-chrome',
          browser: {
            enabled: true,
            // One page for all files, which loads each module once.
            isolate: false,
            headless: true,
            screenshotFailures: false,
            provider: puppeteer(),
            instances: [{ browser: 'chrome' }],
          },
        },
      },
    ],
  },
});
