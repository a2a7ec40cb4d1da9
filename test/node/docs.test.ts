// The documentation as a site: every link leads somewhere, nothing is loaded from elsewhere, every kernel has its page,
// and in a Chrome, from the disk, it can be searched, and used without eyes, in both themes and on a phone.

import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { GUIDES } from '../../examples/docs/site/plan';
import { launchChrome } from '../../src/cli/browser/launch.node';
import { readCommand } from '../../src/cli/commands';
import { violations } from '../harness/livePage';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 120_000 });

const site = mkdtempSync(join(tmpdir(), 'seqgpu-docs-'));
const docs = join(site, 'docs');
let pages: string[] = [];
/** Pages as TypeDoc writes them, as far as their links go. */
const API = ['api/index.html', 'api/functions/index.open.html'];
const read = (page: string) => readFileSync(join(docs, page), 'utf8');

beforeAll(async () => {
  // What makes pages of Markdown is no package of the repository's own.
  if (!existsSync('examples/docs/node_modules/marked')) {
    const words = 'ci --prefix examples/docs --omit=dev --ignore-scripts --no-audit --no-fund'.split(' ');
    const { stderr, status } = spawnSync('npm', words, {
      encoding: 'utf8',
      shell: process.platform === 'win32',
    });
    if (status !== 0) throw new Error(`npm could not install what examples/docs needs: ${stderr}`);
  }
  const { writeSite } = await import('../../examples/docs/site/site.node');
  writeApi(site);
  copyFileSync('examples/live/index.html', join(site, 'index.html'));
  await writeSite(site);
  pages = readdirSync(docs, { recursive: true, encoding: 'utf8' })
    .map((name) => name.replaceAll('\\', '/'))
    .filter((name) => name.endsWith('.html'));
});
afterAll(() => rmSync(site, { recursive: true }));

/** Writes pages with the links that TypeDoc is told to give them. */
function writeApi(folder: string): void {
  const { navigationLinks } = JSON.parse(readFileSync('examples/docs/typedoc.json', 'utf8'));
  const links = Object.entries<string>(navigationLinks).map(
    ([title, place]) => `<a href="${place}" class="tsd-nav-link">${title}</a>`,
  );
  for (const path of API) {
    const file = join(folder, 'docs', path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, `<!doctype html>\n<html lang="en"><body>${links.join('')}</body></html>\n`);
  }
}

const linksIn = (file: string): string[] =>
  [...readFileSync(file, 'utf8').matchAll(/<a [^>]*href="([^"]*)"/g)].map(([, link]) => link);

/** What a page links or loads that is not there, by a path or by an anchor. */
function lost(page: string): string[] {
  const from = pathToFileURL(join(docs, page));
  const found = [...read(page).matchAll(/\s(?:href|src|srcset)="([^"]*)"/g)].map(([, link]) => link);
  return found.filter((link) => {
    if (/^(https?:|mailto:|data:)/.test(link)) return false;
    const { pathname, hash, href } = new URL(link.replaceAll('&amp;', '&'), from);
    const path = fileURLToPath(href.replace(hash, ''));
    if (link.startsWith('/') || pathname.endsWith('/') || !existsSync(path)) return true;
    const id = decodeURIComponent(hash.slice(1));
    return id !== '' && !readFileSync(path, 'utf8').includes(`id="${id}"`);
  });
}

describe('blocks of code in guides', () => {
  const blocks = (file: string, language: string) => {
    const found = readFileSync(file, 'utf8').matchAll(/^```(\w*)\n([^]*?)^```$/gm);
    return [...found].flatMap(([, name, code]) => (name === language ? [code] : []));
  };
  const straight = (code: string) =>
    code
      .split('\n')
      .map((line) => line.trim())
      .filter(Boolean)
      .join('\n');

  test('are whole programs that tests run, or consecutive lines of them', () => {
    // By the tests that import them: of examples, guides, a guide's pages, and the live drawing.
    const tests = ['examples.test', 'guides.node.test', 'guidesPage.chrome.test', 'draw.test'];
    const imports = tests.map((name) => readFileSync(`test/gpu/${name}.ts`, 'utf8')).join('\n');
    const folders = ['examples', 'examples/guides', 'examples/guides/page'];
    const files = folders.flatMap((folder) => readdirSync(folder).map((name) => `${folder}/${name}`));
    const programs = files.filter((file) => file.endsWith('.ts'));
    const texts = programs.map((file) => straight(readFileSync(file, 'utf8')));
    for (const file of programs) {
      const byName = imports.includes(`'../../${file.slice(0, -3)}'`);
      const inPage = imports.includes(`run('${file.split('/').at(-1)!.slice(0, -3)}')`);
      expect(byName || inPage || file.endsWith('/worker.ts'), `${file} is run by no test`).toBe(true);
    }
    expect(GUIDES.flatMap(({ file }) => blocks(file, 'ts')).length).toBeGreaterThan(10);
    for (const { file } of [...GUIDES, { file: 'README.md' }])
      for (const code of blocks(file, 'ts')) {
        const whole = texts.some((text) => `\n${text}\n`.includes(`\n${straight(code)}\n`));
        expect(whole, `${file} shows what no program has:\n${code}`).toBe(true);
      }
  });

  test('are command lines that the program takes', () => {
    const lines = GUIDES.flatMap(({ file }) => blocks(file, 'sh').flatMap((code) => code.split('\n')));
    const commands = lines.flatMap((line) => /^npx seqgpu ([^#|]*)/.exec(line)?.[1].trim() ?? []);
    expect(commands.length).toBeGreaterThan(10);
    for (const command of commands) expect(() => readCommand(command.split(/\s+/)), command).not.toThrow();
  });
});

describe('as files', () => {
  test('every link leads to a file or a heading that is there, by a path that a folder above does not change', () => {
    expect(pages.length).toBeGreaterThan(150);
    expect(pages.flatMap((page) => lost(page).map((link) => `${page} → ${link}`))).toEqual([]);
  });

  test('live page, documentation and API lead to each other, wherever the site lies; what was not built is not linked', async () => {
    expect(linksIn(join(site, 'index.html'))).toEqual(['docs/index.html']);
    const home = linksIn(join(docs, 'index.html'));
    for (const place of ['../index.html', 'api/index.html']) expect(home).toContain(place);
    expect(API.map((path) => linksIn(join(docs, path)))).toEqual([
      ['../index.html', '../../index.html'],
      ['../../index.html', '../../../index.html'],
    ]);
    const { joinApi, joinLive } = await import('../../examples/docs/site/joined.node');
    const before = readFileSync(join(site, 'index.html'), 'utf8');
    joinLive(site);
    expect(readFileSync(join(site, 'index.html'), 'utf8')).toBe(before);
    const alone = join(site, 'alone');
    writeApi(alone);
    writeFileSync(join(alone, 'docs/index.html'), '');
    joinLive(alone);
    joinApi(join(alone, 'docs'));
    expect(API.map((path) => linksIn(join(alone, 'docs', path)))).toEqual([
      ['../index.html'],
      ['../../index.html'],
    ]);
  });

  test('nothing is loaded from another host, and no script stands in a page', () => {
    for (const page of pages) {
      const text = read(page);
      expect(text, page).not.toMatch(
        /<(?:script|img|source|iframe|audio|video)\b[^>]*\s(?:src|srcset)="(?:\w+:)?\/\//,
      );
      expect(text, page).not.toMatch(/<link\b[^>]*\shref="(?:\w+:)?\/\/|url\(["']?(?:https?:)?\/\//);
      expect(text, page).not.toMatch(/<script\b(?![^>]*\ssrc=)|\son\w+="/);
    }
  });

  test('every kernel has a page with its WGSL, and every study its report', async () => {
    const { kernelsOf, lostSections } = await import('../../examples/docs/site/kernels.node');
    const kernels = kernelsOf();
    expect(new Set(kernels.map(({ path }) => path)).size).toBe(kernels.length);
    expect(kernels.length).toBeGreaterThan(100);
    const plain = (html: string) =>
      html
        .replace(/<[^>]*>/g, '')
        .replaceAll('&lt;', '<')
        .replaceAll('&gt;', '>')
        .replaceAll('&quot;', '"')
        .replaceAll('&amp;', '&');
    for (const { path, summary, code } of kernels) {
      const text = plain(read(path));
      expect(summary.length, path).toBeGreaterThan(10);
      expect(text, path).toContain(summary);
      expect(text, path).toContain(code.slice(code.search(/^(?!\/\/)/m)).trim());
    }
    expect(lostSections()).toEqual([]);
    expect(read('kernels/matmulQuad.html')).toMatch(
      /id="measured"[^]*matmul 512<\/td>[^]*id="tried"[^]*Sharing/,
    );
    const studies = readdirSync('examples/results').filter((name) => name.startsWith('study-'));
    for (const name of studies) expect(read('index.html')).toContain(`results/${name}/report.html`);
  });
});

test('in a Chrome, from the disk: it runs by its policy, finds what is looked for, and axe finds nothing', async () => {
  const complaints: string[] = [];
  const log = (line: string) => void complaints.push(line);
  const browser = await launchChrome({ adapter: 'software', log });
  try {
    const page = await browser.newPage();
    page.on('pageerror', (error) => log(String(error)));
    page.on('console', (message) => void (message.type() === 'error' && log(message.text())));
    const go = (path: string) => page.goto(pathToFileURL(join(docs, path)).href);
    await go('kernels/causalConvQuad.html');
    for (const [words, path] of [
      ['matmulq', 'kernels/matmulQuad.html'],
      ['gpu lost', 'guides/debugging.html#a-gpu-that-is-lost'],
      ['what stability costs', 'results/study-stability/report.html'],
    ]) {
      await page.$eval('#search', (input) => void ((input as { value?: string }).value = ''));
      await page.type('#search', words);
      const first = await page.$eval('#found a', (link) => String((link as { href?: string }).href));
      expect(first).toBe(pathToFileURL(docs).href + `/${path}`);
    }
    await page.keyboard.press('Enter');
    await page.waitForFunction("location.href.endsWith('study-stability/report.html')");
    expect(complaints).toEqual([]);
    // Axe is put into the page by an expression, and asks a disk for what it may not have.
    await page.setBypassCSP(true);
    for (const [path, theme, width] of [
      ['index.html', 'light', 360],
      ['guides/own-op.html', 'dark', 1200],
      ['kernels/causalConvQuad.html', 'light', 360],
    ] as const) {
      await go(path);
      expect(await violations(page, theme, width), `${path} ${theme}`).toEqual([]);
    }
  } finally {
    await browser.close();
  }
});
