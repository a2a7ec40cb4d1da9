// A run of the comparison: the page, which cases are ready in it, and how each went. A case that fails, or
// does not end in time, is not tried again, and the page is opened anew where it took the page with it.

import type { Browser, Page } from 'puppeteer';
import type { PreviewServer } from 'vite';
import { TOLERANCE } from '../../bench/measure';
import type { Contender, PeersPage } from '../../bench/peers';
import type { Log } from '../browser/browser.node';
import { openPage } from '../browser/page.node';
import { duration, significant } from '../../report/text.node';

/** A case on an engine. */
export interface Pair {
  readonly samples: number[];
  error?: number;
  /** Why it is not run, or not any more. */
  note?: string;
  /** The page in which it is ready to run. */
  readyIn?: Page;
}

type Opened = Awaited<ReturnType<PeersPage['open']>>;

/** The page of the comparison, and what has become of every case on every engine. */
export class PeersSession {
  private readonly pairs = new Map<string, Pair>();
  private browser: Browser | null = null;
  private page: Page | null = null;
  private opened!: Opened;

  constructor(
    private readonly server: PreviewServer,
    private readonly address: string,
    /** Seconds that a case may take on an engine, each time. */
    private readonly limit: number,
    private readonly log: Log,
  ) {}

  async open(): Promise<Opened> {
    if (this.page) return this.opened;
    const { browser, page } = await openPage(this.address, this.log);
    this.browser = browser;
    this.page = page;
    // The promise of a page that is lost is never settled otherwise.
    page.on('error', () => void this.close());
    this.opened = await this.ask('open');
    return this.opened;
  }

  pair({ name: engine, cases, missing, failure }: Contender, name: string): Pair {
    const key = `${engine}: ${name}`;
    let pair = this.pairs.get(key);
    if (!pair) {
      const absent = cases.includes(name) ? undefined : (missing[name] ?? missing['*'] ?? 'not written');
      this.pairs.set(key, (pair = { samples: [], note: failure ?? absent }));
    }
    return pair;
  }

  async ceiling() {
    await this.open();
    return this.ask('ceiling');
  }

  /** Milliseconds of a run; nothing where the engine does not do the case. Throws for our own engine only. */
  async sample(engine: Contender, name: string): Promise<number | undefined> {
    const pair = this.pair(engine, name);
    if (pair.note) return undefined;
    const [ours] = (await this.open()).contenders;
    try {
      if (engine.name !== ours.name) await this.makeReady(ours, name);
      await this.makeReady(engine, name);
      if (pair.note) return undefined;
      const ms = await this.ask('sample', engine.name, name);
      pair.samples.push(ms);
      return ms;
    } catch (error) {
      if (engine.name === ours.name) throw error;
      [pair.note] = (error as Error).message.split('\n');
      this.log(`${engine.name}, ${name}: ${pair.note}`);
      return undefined;
    }
  }

  async closeAll(): Promise<void> {
    await this.close();
    await this.server.close();
  }

  private async makeReady(engine: Contender, name: string): Promise<void> {
    const pair = this.pair(engine, name);
    if (pair.readyIn === this.page) return;
    pair.error = await this.ask('start', engine.name, name);
    pair.readyIn = this.page!;
    if (pair.error < TOLERANCE) return;
    pair.note = `wrong: differs by ${significant(pair.error, 2)} of the largest value, ${TOLERANCE} is allowed`;
    this.log(`${engine.name}, ${name}: ${pair.note}`);
  }

  /** Calls a function of the page, and closes the page when there is no answer in time. */
  private async ask<M extends keyof PeersPage>(method: M, ...words: Parameters<PeersPage[M]>) {
    let timer: NodeJS.Timeout;
    const late = new Promise<never>((_, reject) => {
      const give = () => reject(new Error(`no answer within ${duration(this.limit)}`));
      timer = setTimeout(give, this.limit * 1000);
    });
    late.catch(() => this.close());
    const answer = this.page!.evaluate(call, method, words) as ReturnType<PeersPage[M]>;
    try {
      return (await Promise.race([answer, late])) as Awaited<ReturnType<PeersPage[M]>>;
    } finally {
      clearTimeout(timer!);
    }
  }

  private async close(): Promise<void> {
    const { browser } = this;
    this.browser = this.page = null;
    // A page that hangs does not let its browser close politely.
    browser?.process()?.kill('SIGKILL');
    await browser?.close().catch(() => {});
  }
}

/** Runs in the page. */
const call = (method: string, words: readonly string[]): unknown => {
  const peers: Record<string, (...words: string[]) => unknown> = Reflect.get(globalThis, 'peers');
  return peers[method](...words);
};
