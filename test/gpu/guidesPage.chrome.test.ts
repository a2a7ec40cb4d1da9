// The guides' programs for a page, in a page, with the HTML that the guides give them.

import { describe, expect, test, vi } from 'vitest';
import firstPage from '../../examples/guides/first-model.md?raw';
import workersPage from '../../examples/guides/workers.md?raw';

// By a pattern: they know the browser's names, and the tests have none.
const programs = import.meta.glob('../../examples/guides/page/*.ts');
const run = (name: string) => programs[`../../examples/guides/page/${name}.ts`]();

interface Body {
  innerHTML: string;
  querySelector(selector: string): { textContent: string; click(): void } | null;
}
function body(): Body {
  const document: { readonly body: Body } = Reflect.get(globalThis, 'document');
  return document.body;
}

/** Puts the body of a guide's block of HTML into the page; scripts that stand there are not run. */
function show(guide: string): void {
  const html = /```html\n([^]*?)```/.exec(guide)![1];
  body().innerHTML = /<body>([^]*)<\/body>/.exec(html)?.[1] ?? html;
}
const said = () => body().querySelector('#said')!.textContent;

describe('in a page', () => {
  test('a worker trains, tells the page, and gives its weights', async () => {
    show(workersPage);
    await run('inWorker');
    await vi.waitFor(() => expect(said()).toMatch(/^weights/), { timeout: 60_000 });
    expect(said()).toMatch(/^weights( -?\d\.\d\d,?){3}$/);
  });

  test('on the page’s own device: the loss falls, and the weights are in its own buffer', async () => {
    const { losses, weights } = (await run('ownDevice')) as Record<'losses' | 'weights', number[]>;
    expect(losses).toHaveLength(2);
    expect(losses[1]).toBeLessThan(losses[0] / 2);
    expect(weights.map(Number.isFinite)).toEqual([true, true, true, true]);
  });

  // The last one: it goes on until this page is left. To what end, says the test of examples/first.ts.
  test('a first model learns, and the page says so', async () => {
    show(firstPage);
    expect(said()).toMatch(/^Looking/);
    void run('first');
    const [step, loss] = [() => /step (\d+)/.exec(said()), () => /loss ([\d.]+)$/.exec(said())].map(
      (found) => () => Number(found()?.[1] ?? Number.NaN),
    );
    await vi.waitFor(() => expect(step()).toBeGreaterThanOrEqual(40), { timeout: 60_000 });
    // Guessing costs ln 8 = 2.08.
    expect(loss()).toBeLessThan(1.95);
  });
});
