// Every op against plain loops in doubles, and every gradient, with random incoming gradients, against central
// differences of those loops; and where a NaN goes that one input has. Every family of kernels runs on every adapter,
// each op by its own (chain.test.ts: joined).

import { afterAll, describe, test } from 'vitest';
import type { Engine } from '../../src/index';
import { CHROME, CHROME_TOO, openTestEngine } from '../harness/engine';
import { checkNaN, smallest } from '../harness/nan';
import { checkCase } from '../harness/opCase';
import type { Reference } from '../harness/reference';

const references = import.meta.glob<Reference>('../reference/*.ts', { eager: true });
/** Kernels that share loads: only their ops are another test where quads are allowed. */
const kernels = Object.keys(import.meta.glob('../../shaders/*/*Quad.wgsl', { query: '?raw' }));
/** Ops that launch them under another name. */
const ALSO = ['selfAttention', 'causalAttention', 'cachedAttention', 'sequences'];
const families = {
  direct: { family: 'direct', quads: false },
  quads: { family: 'direct' },
  workgroup: { family: 'workgroup' },
} as const;

/** A product with picked rows multiplies those that nobody picked by zero, and 0 · NaN is NaN. */
const SPREADS = /^\[.*\] of \[.*, times /;

const DENO = 'Deno' in globalThis;

/** One for all ops of a family: most of the time goes into compiling kernels, and several ops launch the same. */
const engines = new Map<keyof typeof families, Promise<Engine>>();

function engineOf(family: keyof typeof families): Promise<Engine> {
  let engine = engines.get(family);
  if (!engine) {
    engine = openTestEngine({ ...families[family], chains: false, poison: true });
    engines.set(family, engine);
  }
  return engine;
}

afterAll(async () => {
  for (const engine of engines.values()) (await engine).destroy();
});

for (const [path, ref] of Object.entries(references)) {
  const name = path.replace(/.*\/(.*)\.ts/, '$1');
  const shared = ALSO.includes(name) || kernels.some((path) => path.includes(`/${name}`));
  const run = (Object.keys(families) as (keyof typeof families)[]).filter((f) => shared || f !== 'quads');
  // Chrome and Deno have the adapters of Node again, Chrome behind the same compiler, Deno behind another. All families
  // run in Node, one of them there, and in Node the others alone where Chrome is asked too; the models of
  // training.test.ts have the other.
  const own = shared ? 'quads' : 'direct';
  if (CHROME) run.splice(0, run.length, own);
  if (CHROME_TOO) run.splice(run.indexOf(own), 1);
  if (DENO) run.splice(1);
  describe.each(run)(`${name} (%s)`, (family) => {
    test.each(ref.cases)('$name', async (c) => checkCase(ref, c, await engineOf(family)));
    test.each(smallest(ref).filter((c) => !SPREADS.test(c.name)))('NaN in $name', async (c) =>
      checkNaN(ref, c, await engineOf(family)),
    );
  });
}
