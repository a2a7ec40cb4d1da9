// The page of the bench, built and served as `seqgpu bench --page` does it, in a headless Chrome: its table, and the
// editor for a kernel of one's own. No time is asserted.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import type { Browser, Page } from 'puppeteer';
import { build, preview, type PreviewServer } from 'vite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchChrome } from '../../src/cli/browser/launch.node';
import { report, row } from '../fixtures/benchReport';
import { textsOf, violations } from '../harness/livePage';

const folder = mkdtempSync(join(tmpdir(), 'seqgpu-bench-page-'));
const complaints: string[] = [];
let server: PreviewServer;
let browser: Browser;
let page: Page;
let address: string;

beforeAll(async () => {
  const root = 'examples/bench';
  const config = { root, configFile: join(root, 'vite.config.ts'), logLevel: 'error' as const };
  const outDir = join(folder, 'page');
  await build({ ...config, build: { outDir, emptyOutDir: true } });
  server = await preview({ ...config, build: { outDir }, preview: { port: 0, host: '127.0.0.1' } });
  address = server.resolvedUrls!.local[0];
  browser = await launchChrome({ adapter: 'software', log: () => {}, protocolTimeout: 120_000 });
  page = await opened();
});
afterAll(async () => {
  await browser?.close();
  await server?.close();
  rmSync(folder, { recursive: true });
});

async function opened(hash = ''): Promise<Page> {
  const one = await browser.newPage();
  // As long as a test may take.
  one.setDefaultTimeout(120_000);
  one.on('pageerror', (error) => void complaints.push(String(error)));
  one.on('console', (message) => void (message.type() === 'error' && complaints.push(message.text())));
  await one.goto(address + hash);
  await one.waitForSelector('#own-run:not([disabled])');
  return one;
}

const said = (selector: string, one = page) => one.$eval(selector, ({ textContent }) => textContent ?? '');
/** Types a text in place of what stands in a field. */
const put = (selector: string, text: string) =>
  page.evaluate(
    `(() => { const box = document.querySelector(${JSON.stringify(selector)});
      box.value = ${JSON.stringify(text)};
      box.dispatchEvent(new Event('input')); })()`,
  );
const press = (id: string) => page.evaluate(`document.getElementById('${id}').click()`);

/** Runs the editor's kernel and gives what its status says at the end. */
async function runOwn(): Promise<string> {
  await page.bringToFront();
  await press('own-run');
  await page.waitForSelector('#own-run:not([disabled])');
  return said('#own-status');
}

const wgsl = () => page.$eval('#wgsl-text', (box) => Reflect.get(box, 'value') as string);
const RIGHT = 'for (let i = 0; i < p.size; i++) y[i] = p.a * x[i] + p.b;';

describe('the editor', () => {
  test('begins with a kernel that is right, and puts its row into the table', async () => {
    await press('quick');
    await put('#own-params input', '4096');
    expect(await runOwn()).toBe('Done: its row is in the table.');
    expect(await textsOf(page, '#table tr:not(.kernel) td:first-child')).toEqual(['a·x + b']);
    const found = await said('#own-result');
    const words = [
      /y against the reference/,
      /GB\/s[\d.e-]+, [\d.]+ % of copy/,
      /GFLOP\/s[\d.e-]+, [\d.]+ % of FMA/,
    ];
    for (const one of words) expect(found).toMatch(one);
    expect(await said('#ceilings')).toContain('FMA in registers');
    expect(await page.$$('#table svg.rounds circle.fastest')).toHaveLength(1);
    // The reference is in doubles: what is off in the last bit of an f32 is seen to be.
    const [, error, is, should] = /largest error (\S+) at \[\d+\]: (\S+), wanted (\S+);/.exec(found)!;
    expect(Math.abs(Number(is) - Number(should)) / Number(error)).toBeCloseTo(1, 1);
  });

  test('finds what a text binds, its params and its overrides', async () => {
    expect(await textsOf(page, '#own-buffers th')).toEqual(['x', 'y']);
    expect(await textsOf(page, '#own-buffers td:nth-child(2)')).toEqual([
      'array<vec4f> read',
      'array<vec4f> read and written',
    ]);
    expect(await textsOf(page, '#own-params label')).toEqual(['size u32', 'a f32', 'b f32']);
    expect(await textsOf(page, '#own-constants label')).toEqual(['WORKGROUP override']);
  });

  test('shows on its line what does not compile, and where', async () => {
    const before = await wgsl();
    await put('#wgsl-text', before.replace('p.a * x', 'p.q * x'));
    expect(await runOwn()).toContain('does not compile');
    expect(await said('#complaints li')).toMatch(/^12:\d+ .*q/);
    expect(await page.$eval('#marks .mark', (mark) => mark.getAttribute('style'))).toContain('11');
    await put('#wgsl-text', before);
    expect(await textsOf(page, '#complaints li')).toEqual([]);
  });

  test('says where a result is off, and does not measure it', async () => {
    await put('#own-reference', `${RIGHT}\ny[7] += 1;`);
    expect(await runOwn()).toBe('Wrong results: not measured.');
    expect(await said('#own-result')).toMatch(/largest error 1\.00e\+0 at \[7\]: .*relative .* at \[7\]/);
  });

  test.each([
    ['throws', '\nlet here = nothing;', 'The reference failed in line 2: ReferenceError'],
    ['is no JavaScript', '\n\ny[0] = ;', 'The reference failed in line 3: Uncaught SyntaxError'],
    ['asks the network', 'await fetch(location.origin);', 'The reference failed in line 1: TypeError'],
  ])('a reference that %s', async (_what, text, words) => {
    await put('#own-reference', text);
    expect(await runOwn()).toContain(words);
  });

  test('constants of the form are in the text that ran', async () => {
    await put('#own-reference', RIGHT);
    await put('#own-constants input', '32');
    expect(await runOwn()).toContain('Done');
    await page.evaluate(`document.querySelector('#table tr.kernel button').click()`);
    expect(await said('#wgsl')).toContain('const WORKGROUP : u32 = 32;');
    expect(await said('#variant')).toBe('a·x + b: 32 workgroups of 32');
    await press('close');
  });

  test('a formula of nothing known is told', async () => {
    await put('#own-flops', '2 * sizes');
    expect(await runOwn()).toMatch(
      /^The formula of the FLOPs is "2 \* sizes": .* of x, y, WORKGROUP, size, a, b\.$/,
    );
    await put('#own-flops', '2 * size');
  });
});

describe('links', () => {
  test('carry the kernel and its settings to another page', async () => {
    await press('own-link');
    await page.waitForFunction(`location.hash.startsWith('#kernel=')`);
    const hash = await page.evaluate('location.hash');
    const other = await opened(String(hash));
    await other.waitForFunction(`document.getElementById('own-status').textContent.includes('address')`);
    const values = `['wgsl-text', 'own-reference', 'own-name', 'own-x'].map((id) => document.getElementById(id).value)`;
    expect(await other.evaluate(values)).toEqual(await page.evaluate(values));
    expect(await other.$eval('#own-constants input', (box) => Reflect.get(box, 'value') as string)).toBe(
      '32',
    );
    expect(await said('#own-status', other)).toContain('Nothing of it runs before you press Run');
    await other.close();
  });

  const packed = (given: unknown) => deflateRawSync(JSON.stringify(given)).toString('base64url');
  test.each([
    ['letters', 'q%q', 'cut off or too long, or was never a link'],
    [
      'half a link',
      packed({ name: 'x'.repeat(99) }).slice(0, 12),
      'cut off or too long, or was never a link',
    ],
    ['no kernel', packed([1]), 'it has a field "0"'],
    ['fields of another kind', packed({ name: 1 }), 'its name is no text'],
    ['more than it may hold', packed('x'.repeat(2 ** 20 + 1)), 'cut off or too long, or was never a link'],
  ])('nonsense is told, and changes nothing: %s', async (_what, letters, words) => {
    const before = await wgsl();
    await page.evaluate(`document.getElementById('own-status').textContent = '';
      location.hash = ${JSON.stringify(`#kernel=${letters}`)};`);
    await page.waitForFunction(`document.getElementById('own-status').textContent !== ''`);
    expect(await said('#own-status')).toMatch(/^The link holds no kernel: it /);
    expect(await said('#own-status')).toContain(words);
    expect(await wgsl()).toBe(before);
  });
});

describe("the library's kernels", () => {
  const choose = async (name: string) => {
    await page.select('#library', name);
    await page.waitForSelector('#shader[open]');
  };

  test('are there as they ran, with their comments, to be changed and compared', async () => {
    await choose('matmul 256');
    expect(await said('#wgsl')).toMatch(
      /^\/\/ matmul\w* — y = act\(a·b \+ bias\)[^]*const TRANSPOSE_B = false;/,
    );
    await press('edit');
    expect(await runOwn()).toContain('Done');
    expect(await said('#own-result')).toContain('y against the reference');
  });

  test('without a reference they are compared with what they were', async () => {
    await put('#own-reference', '');
    expect(await runOwn()).toContain('Done');
    expect(await said('#own-result')).toMatch(/y against the kernel that it began as.*equal/);
    await put('#wgsl-text', (await wgsl()).replace(/^ +[^/]*?y\[.*?\] = /m, '$&1.0 + '));
    expect(await runOwn()).toBe('Wrong results: not measured.');
  });

  test('every row of a run has its kernels, with the texts that ran', async () => {
    const names = ['matmul 256', 'x over its length'];
    await page.evaluate(`seqgpuBench.run(${JSON.stringify({ names, quick: true, kernels: false })})`);
    const rows = await textsOf(page, '#table tr:not(.kernel) td:first-child');
    expect(rows.slice(0, 2)).toEqual(names);
    expect((await textsOf(page, '#table tr.kernel td:first-child button')).slice(0, 2)).toEqual([
      expect.stringMatching(/^matmul\w*\.wgsl$/),
      expect.stringMatching(/\.wgsl$/),
    ]);
  });
});

describe('rows that are no times of a case', () => {
  test('a ratio has the kernels of both its sides, with the texts that ran', async () => {
    const [ratio, first] = ['Adam / Adam by ops', 'time to first result'];
    const options = { names: [ratio, first], quick: true, kernels: false, firstResult: true };
    await page.evaluate(`seqgpuBench.run(${JSON.stringify(options)})`);
    // The names of the kernels below a row, up to the next row.
    const below = (name: string): Promise<string[]> =>
      page.$$eval(
        '#table tbody tr',
        (rows, wanted) => {
          const at = rows.findIndex((row) => row.cells[0].textContent === wanted) + 1;
          const end = rows.findIndex((row, i) => i >= at && row.className !== 'kernel');
          return rows.slice(at, end < 0 ? undefined : end).map((row) => row.cells[0].textContent);
        },
        name,
      );
    expect(await below(ratio)).toEqual(
      expect.arrayContaining([expect.stringMatching(/^adam\.wgsl/), expect.stringMatching(/^chain\.wgsl/)]),
    );
    expect(await below(first)).toEqual([expect.stringMatching(/^matmul\w*\.wgsl$/)]);
    await page.evaluate(`[...document.querySelectorAll('#table tr.kernel button')]
      .find(({ textContent }) => textContent === 'adam.wgsl').click()`);
    expect(await said('#wgsl')).toMatch(/^\/\/ adam[^]*fn main/);
    await press('close');
  });

  test('measured again, a row has each text once', async () => {
    const rows = () => textsOf(page, '#table tr.kernel td:first-child');
    const options = JSON.stringify({ names: ['host per launch'], quick: true, kernels: false });
    await page.evaluate(`seqgpuBench.run(${options})`);
    const before = await rows();
    await page.evaluate(`seqgpuBench.run(${options})`);
    expect(await rows()).toEqual(before);
  });
});

test('saved results are compared with each other, and with what was measured here', async () => {
  const file = (name: string, ms: number) => {
    const path = join(folder, name) as `${string}.json`;
    writeFileSync(path, JSON.stringify(report({ ...row, name: 'a·x + b', ms, min: ms / 2, max: ms * 2 })));
    return path;
  };
  const box = (await page.$('input#saved-file'))!;
  const upload = async (...paths: string[]) => {
    await box.uploadFile(...paths);
    await page.waitForFunction(`document.getElementById('saved-words').textContent !== ''`);
  };
  writeFileSync(join(folder, 'none.json'), '{}');
  await upload(join(folder, 'none.json'));
  expect(await said('#saved-words')).toContain('none.json is no result of the bench');
  await upload(file('old.json', 5e6));
  await page.waitForSelector('#saved-table td');
  const [[name, old, , ratio]] = await page.$$eval('#saved-table tbody tr', (rows) =>
    rows.map((line) => [...line.children].map(({ textContent }) => textContent)),
  );
  expect([name, old]).toEqual(['a·x + b', '5,000,000']);
  expect(Number(ratio)).toBeLessThan(0.1);
});

test.each([
  ['light', 1200],
  ['light', 360],
  ['dark', 1200],
  ['dark', 360],
] as const)('axe finds nothing, %s, %i pixels wide', async (theme, width) => {
  await page.evaluate(`document.querySelector('#own-constants-all').open = true`);
  await put('#wgsl-text', `${await wgsl()}\nnonsense`);
  await page.waitForSelector('#complaints li');
  expect(await violations(page, theme, width)).toEqual([]);
  if (width > 360) return;
  await page.evaluate(`document.querySelector('#table tr.kernel button').click()`);
  expect(await violations(page, theme, width)).toEqual([]);
  await press('close');
});

test('nothing failed but what was asked to', () => {
  // A worker's syntax error is the page's, too.
  expect(complaints.filter((line) => !line.includes('SyntaxError'))).toEqual([]);
});
