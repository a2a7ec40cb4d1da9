// The built program, run as a person runs it: it trains, stops, goes on, and ends by itself. Needs an
// adapter.

import { spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { build } from 'vite';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { decodeSafetensors } from '../../src/train/safetensors';
import { TINY_TEXTS } from '../fixtures/tinyText';

// Beside the packages that the program imports.
const folder = mkdtempSync(resolve('node_modules', '.seqgpu-test-'));

beforeAll(async () => {
  await build({ logLevel: 'error', build: { outDir: join(folder, 'dist'), emptyOutDir: true } });
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true }));

interface Ended {
  code: number | null;
  out: string[];
  error: string;
}

/** Runs a command line; interrupts it as soon as `until` holds. */
function seqgpu(words: string, until?: () => boolean): Promise<Ended> {
  const child = spawn(process.execPath, [join(folder, 'dist/cli.js'), ...words.split(' ')], { cwd: folder });
  let [out, error] = ['', ''];
  const watch = until && setInterval(() => until() && child.kill('SIGINT'), 50);
  child.stdout.on('data', (text) => (out += text));
  child.stderr.on('data', (text) => (error += text));
  return new Promise((done) => {
    child.on('close', (code) => {
      clearInterval(watch);
      done({ code, out: out.trimEnd().split('\n'), error });
    });
  });
}

const TINY = 'train copy --model tcn --hidden 4 --levels 2 --kernel-size 3 --length 5 --batch 2';

/** Parameters and moments, bit by bit. */
function bitsOf(run: string): Record<string, string> {
  const path = join(folder, run, 'last.safetensors');
  const { tensors } = decodeSafetensors(new Uint8Array(readFileSync(path)), path);
  return Object.fromEntries(
    [...tensors].map(([name, { data }]) => [name, Buffer.from(data.buffer).toString('hex')]),
  );
}

test('trains, and ends with one JSON object', async () => {
  const { code, out, error } = await seqgpu(`${TINY} --steps 3 --out short --json`);
  expect({ code, error }).toEqual({ code: 0, error: '' });
  expect(out[0]).toMatch(/^adapter: ./);
  const result = JSON.parse(out.at(-1)!);
  expect(result).toMatchObject({ task: 'copy', model: 'tcn', steps: 3, metric: 'cross-entropy', seed: 1 });
  for (const name of ['parameters', 'validMetric', 'testMetric', 'stepsPerSecond', 'seconds']) {
    expect(result[name]).toBeGreaterThan(0);
  }
  expect(readdirSync(join(folder, 'short')).sort()).toEqual([
    ...['best.safetensors', 'last.safetensors', 'report.html', 'results.json', 'settings.json'],
  ]);

  const again = await seqgpu(`${TINY} --steps 3 --out short`);
  expect(again.code).toBe(1);
  expect(again.error).toContain('holds a run already');
}, 120_000);

test('a run that was stopped and resumed ends with the same bits', async () => {
  const dropped = `${TINY} --dropout 0.2 --evaluate-every 2 --schedule constant`;
  await seqgpu(`${dropped} --steps 6 --out whole`);
  await seqgpu(`${dropped} --steps 4 --out parts`);
  const { code, error } = await seqgpu('train copy --model tcn --out parts --resume --steps 6');
  expect({ code, error }).toEqual({ code: 0, error: '' });
  expect(bitsOf('parts')).toEqual(bitsOf('whole'));
}, 120_000);

test('text: a run goes on with the state that it carried; a text that is too short is refused', async () => {
  mkdirSync(join(folder, 'texts/wikitext-2'), { recursive: true });
  for (const [split, text] of Object.entries(TINY_TEXTS)) {
    writeFileSync(join(folder, `texts/wikitext-2/${split}.txt`), text);
  }
  const base = 'train wikitext2 --model rnn --data texts';
  const tiny = `${base} --hidden 4 --embedding 3 --cutoffs 8,20 --batch 9 --bptt 5 --evaluate-every 2 --dropout 0.1`;
  const { code, error, out } = await seqgpu(`${tiny} --steps 5 --out text --schedule plateau --json`);
  expect({ code, error }).toEqual({ code: 0, error: '' });
  expect(JSON.parse(out.at(-1)!)).toMatchObject({ task: 'wikitext2', metric: 'perplexity', steps: 5 });
  await seqgpu(`${tiny} --steps 3 --out half --schedule plateau`);
  const again = await seqgpu(`${base} --steps 5 --out half --resume`);
  expect({ code: again.code, error: again.error }).toEqual({ code: 0, error: '' });
  expect(bitsOf('half')).toEqual(bitsOf('text'));
  expect(Object.keys(bitsOf('half'))).toContain('carried.h_l0');

  const short = await seqgpu(`${tiny} --batch 100 --out short-text`);
  expect(short.code).toBe(1);
  expect(short.error).toMatch(/training text has \d+ tokens, too few[^]*batch 100 · \(bptt 5 \+ 1\) = 600/);
}, 120_000);

test('an interruption leaves whole files and says how to go on', async () => {
  const saved = () => existsSync(join(folder, 'long/last.safetensors'));
  const { code, error } = await seqgpu(`${TINY} --steps 100000 --evaluate-every 1 --out long`, saved);
  expect(code).toBe(130);
  expect(error).toContain('--resume');
  expect(readdirSync(join(folder, 'long')).filter((name) => name.endsWith('.part'))).toEqual([]);
  bitsOf('long');
}, 120_000);

test('wrong words end with 2, a run that cannot be resumed with 1', async () => {
  expect((await seqgpu('trian')).code).toBe(2);
  const { code, error } = await seqgpu('train copy --model tcn --out none --resume');
  expect({ code, error }).toMatchObject({ code: 1, error: expect.stringContaining('nothing to resume') });
});

test('doctor describes the adapter', async () => {
  const { code, out } = await seqgpu('doctor --json');
  expect(code).toBe(0);
  expect(JSON.parse(out.at(-1)!).adapter).toMatchObject({
    family: expect.stringMatching(/direct|workgroup/),
    quads: expect.any(Boolean),
    peakGflops: expect.any(Number),
    copyGBps: expect.any(Number),
  });
}, 60_000);
