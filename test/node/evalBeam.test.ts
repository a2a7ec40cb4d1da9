// `seqgpu eval --beam`: refused of a run that writes nothing, before data are read or an adapter is opened.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { readEvalCommand } from '../../src/cli/eval.node';
import { RunFolder } from '../../src/runs/runFolder.node';
import { makeSettings } from '../../src/runs/settings';

const folder = mkdtempSync(join(tmpdir(), 'eval-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('beams are for what translates', async () => {
  const nothing = { tensors: new Map(), metadata: {} };
  new RunFolder(folder).save(makeSettings('adding', 'gru', { hidden: 4 }), nothing, nothing);
  const said = await readEvalCommand([folder, '--beam', '5'])().then(String, String);
  expect(said).toContain(`eval: --beam is for what translates, and the run in ${folder} is on adding.`);
  expect(() => readEvalCommand([folder, '--beam', '0'])).toThrow('--beam');
});
