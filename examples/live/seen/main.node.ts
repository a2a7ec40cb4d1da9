// Every scene as a person sees it: pictures of it, and how it feels while it trains.

import { mkdirSync, writeFileSync } from 'node:fs';
import type { Page } from 'puppeteer';
import { measure, restarts, training } from './measure.node';
import { BUTTON, go, MOST_MS, SCENES, withPage } from './page.node';

/** The widths of a desktop and of a phone. */
const WIDTHS = [1200, 360];
const THEMES = ['light', 'dark'] as const;
/** How good the pictures are, of 100: they are looked at, not measured. */
const QUALITY = 4;

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

async function shots(page: Page, named: readonly string[]): Promise<void> {
  for (const scene of named) await shoot(page, scene);
}

/** `shots` or `measure`, and the scenes, all of them where none is named; or `restarts`, or `training`. */
async function main([what, ...named]: readonly string[]): Promise<void> {
  const acts: Readonly<Record<string, (page: Page, named: readonly string[]) => Promise<void>>> = {
    ...{ shots, measure, restarts, training },
  };
  const act = Object.hasOwn(acts, what) ? acts[what] : undefined;
  const known = act ? SCENES : acts;
  const unknown = named.find((name) => !(name in SCENES));
  if (!act || unknown) {
    console.error(`${unknown ?? what} is none of ${Object.keys(known).join(', ')}.`);
    process.exitCode = 1;
    return;
  }
  await withPage((page) => act(page, named.length ? named : Object.keys(SCENES)));
}

// Here, and not by who imports it: what loads this file loads nothing more behind its end.
await main(process.argv.slice(2));
