// Every scene as a person sees it: pictures of it, and how it feels while it trains.

import { mkdirSync, writeFileSync } from 'node:fs';
import type { Page } from 'puppeteer';
import { launchChrome } from '../../../src/cli/browser/launch.node';
import { serve } from '../../../src/cli/live/live.node';
import { filesOfData, filesOfSite } from '../../../src/cli/live/site.node';
import { TABLES } from '../../../src/runs/tables';
import { longestTask } from './longestTask.node';

/** Settings under which a scene shows something on two cores within a minute. */
const SCENES: Readonly<Record<string, string>> = {
  copy: '?length=10&steps=80',
  k: '?steps=100',
  field: '',
  stable: '?steps=60',
  writing: '?steps=100',
  attention: '?steps=100',
  music: '?steps=60',
  sound: '?steps=40',
  bench: '?task=adding&model=tcn&length=50&steps=40',
};

/** The widths of a desktop and of a phone. */
const WIDTHS = [1200, 360];
const THEMES = ['light', 'dark'] as const;
/** How good the pictures are, of 100: they are looked at, not measured. */
const QUALITY = 10;
const MOST_MS = 300_000;

/** Opens the page, does something with it, and closes it. */
async function withPage(act: (page: Page) => Promise<void>): Promise<void> {
  const files = new Map([...filesOfSite('dist/site'), ...filesOfData(TABLES)]);
  const { server, address } = await serve(files, 0);
  const browser = await launchChrome({ adapter: 'software', log: console.error, protocolTimeout: MOST_MS });
  try {
    const page = await browser.newPage();
    page.on('pageerror', (error) => console.error(error));
    await page.goto(address);
    await page.waitForSelector('.device:not(.looking)', { timeout: 60_000 });
    await act(page);
  } finally {
    await browser.close();
    server.close();
  }
}

async function go(page: Page, scene: string): Promise<void> {
  await page.evaluate(`location.hash = ${JSON.stringify(`#${scene}${SCENES[scene]}`)}`);
  await page.waitForSelector(`nav a[href$="#${scene}"][aria-current]`);
  await page.waitForSelector('article h1');
}

const BUTTON = 'button.main:enabled';
/** Whether what was started has ended, or what needs no start is there. */
const DONE = `!document.querySelector('.run') ? [...document.querySelectorAll('[data-model]')]
  .every((one) => one.textContent.includes('moved')) : [...document.querySelectorAll('.result')]
  .every((one) => one.textContent !== '–') || document.querySelector('.status.wrong')`;

/** Buttons that were pressed are out of sight elsewhere, and so is the scene's name where the list is wider than a phone. */
const TO_THE_TOP = `document.querySelector('nav [aria-current]').scrollIntoView({ inline: 'center' }); scrollTo(0, 0)`;

/** Runs the scene to its end, and takes a picture of it in both themes, at both widths. */
async function shoot(page: Page, scene: string): Promise<void> {
  await page.setViewport({ width: WIDTHS[0], height: 800 });
  await go(page, scene);
  if (scene !== 'field') {
    await page.waitForSelector(BUTTON);
    await page.click(BUTTON);
  }
  await page.waitForFunction(DONE, { timeout: MOST_MS });
  for (const theme of THEMES) {
    const folder = `examples/live/seen/${theme}`;
    mkdirSync(folder, { recursive: true });
    for (const width of WIDTHS) {
      await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: theme }]);
      await page.setViewport({ width, height: 800 });
      await page.evaluate(TO_THE_TOP);
      // Canvases are drawn anew behind the next frame.
      await new Promise((resolve) => setTimeout(resolve, 400));
      const bytes = await page.screenshot({ type: 'webp', quality: QUALITY, fullPage: true });
      writeFileSync(`${folder}/${scene}-${width}.webp`, bytes);
      console.log(`${theme}/${scene}-${width}.webp: ${(bytes.length / 1024).toFixed(1)} KiB`);
    }
  }
}

/** How long the page is watched behind its first curve. */
const WATCHED_MS = 8000;

/** Presses start; milliseconds to the first number of a curve, and the longest between two frames from then on. */
const WATCH = `new Promise((resolve) => {
  const begin = performance.now();
  let [first, last, gap, frames] = [0, 0, 0, 0];
  document.querySelector('${BUTTON}').click();
  const look = (now) => {
    const cells = [...document.querySelectorAll('.numbers tbody tr')].map((row) => row.children[2].textContent);
    if (!first && cells.every((text) => /^[1-9]/.test(text))) first = performance.now() - begin;
    if (last && first) gap = Math.max(gap, now - last);
    last = now;
    frames++;
    const over = performance.now() - begin;
    if (first && over > first + ${WATCHED_MS}) resolve({ first, gap, frames: frames / over * 1000 });
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
})`;

async function measure(page: Page, scene: string): Promise<void> {
  if (scene === 'field') return;
  await go(page, scene);
  await page.waitForSelector(BUTTON);
  await page.tracing.start({ categories: ['toplevel'] });
  const { first, gap, frames } = (await page.evaluate(WATCH)) as Record<string, number>;
  const { longest } = longestTask((await page.tracing.stop())!);
  const words = [
    `first curve ${(first / 1000).toFixed(2)} s`,
    `longest task ${longest.toFixed(1)} ms`,
    `longest frame ${gap.toFixed(0)} ms (${frames.toFixed(0)} a second)`,
  ];
  console.log(`${scene}: ${words.join(', ')}`);
  await page.evaluate(
    `[...document.querySelectorAll('button')].find((one) => one.textContent === 'Stop').click()`,
  );
}

/** `shots` or `measure`, and the scenes; all of them where none is named. */
async function main([what, ...named]: readonly string[]): Promise<void> {
  const act = { shots: shoot, measure }[what];
  const unknown = named.find((name) => !(name in SCENES));
  if (!act || unknown) {
    console.error(
      `${unknown ?? what} is none of ${Object.keys(act ? SCENES : { shots: 0, measure: 0 }).join(', ')}.`,
    );
    process.exitCode = 1;
    return;
  }
  await withPage(async (page) => {
    for (const scene of named.length ? named : Object.keys(SCENES)) await act(page, scene);
  });
}

// Here, and not by who imports it: what loads this file loads nothing more behind its end.
await main(process.argv.slice(2));
