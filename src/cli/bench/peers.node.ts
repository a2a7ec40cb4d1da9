// Measures our engine beside others in one page of one Chrome: in every round each case runs on all engines,
// one after the other, so that a machine that grows slower for a while is slower for everybody. A rival that is far
// behind another one is measured once: some take minutes where ours takes half a second.

import { CASES, type Ceiling } from '../../bench/index';
import {
  rivalRow,
  stillInIt,
  summaryOf,
  type Compared,
  type Contender,
  type PeerRow,
} from '../../bench/peers';
import type { Log } from '../browser/browser.node';
import { unknownWord } from '../../spec/words';
import { servePeersPage } from './peersPage.node';
import { PeersSession } from './peersSession.node';
import { duration, significant } from '../../report/text.node';

/** What is measured beside other engines, and how often. */
export interface PeersOptions {
  /** Names of cases; default: those that at least one of the others has. */
  readonly cases?: readonly string[];
  readonly rounds?: number;
  /** Gets a line for every step on the way. */
  readonly log?: Log;
  /** What a case may take on one engine, each time, in seconds. */
  readonly limit?: number;
}

/** Measures our engine beside the others in one page: times in ms, and what each did not do and why. */
export async function runPeers({
  cases = [],
  rounds = 5,
  log = () => {},
  limit = 300,
}: PeersOptions = {}): Promise<Compared> {
  const known = CASES.map(({ name }) => name);
  const unknown = cases.find((name) => !known.includes(name));
  if (unknown) unknownWord(`bench: there is no case "${unknown}".`, unknown, known);
  const { server, address } = await servePeersPage(log);
  const session = new PeersSession(server, address, limit, log);
  // Puppeteer kills its Chrome when this process exits, but not when a signal ends it.
  const leave = () => process.exit(130);
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  signals.forEach((signal) => process.once(signal, leave));
  try {
    return await compare(session, cases, rounds, log);
  } finally {
    signals.forEach((signal) => process.off(signal, leave));
    await session.closeAll();
  }
}

async function compare(
  session: PeersSession,
  wanted: readonly string[],
  rounds: number,
  log: Log,
): Promise<Compared> {
  const { adapter, contenders } = await session.open();
  log(`adapter: ${adapter}`);
  const [ours, ...rivals] = contenders;
  log(`beside: ${rivals.map(({ name, version }) => `${name} ${version}`).join(', ')}`);
  const taken = new Set(rivals.flatMap(({ cases }) => cases));
  const names = wanted.length ? wanted : ours.cases.filter((name) => taken.has(name));
  let ceiling: Ceiling | undefined;
  for (let round = 1; round <= rounds; round++) {
    ceiling = await session.ceiling();
    for (const name of names) {
      const begun = performance.now();
      const times = [];
      const asked = stillInIt(rivals.map((one) => session.pair(one, name).samples));
      for (const one of [ours, ...rivals.filter((_, i) => asked[i])]) {
        const ms = await session.sample(one, name);
        if (ms !== undefined) times.push(`${one.name} ${significant(ms, 3)}`);
      }
      const seconds = (performance.now() - begun) / 1000;
      log(`round ${round} of ${rounds}, ${name}: ${times.join(', ')} ms (${duration(seconds)})`);
    }
  }
  const rows = names.map((name) => rowOf(session, name, contenders));
  return { adapter, ceiling: ceiling!, rows };
}

function rowOf(session: PeersSession, name: string, [ours, ...rivals]: readonly Contender[]): PeerRow {
  const { about } = CASES.find((one) => one.name === name)!;
  const { ms: oursMs, median: oursMedian } = summaryOf(session.pair(ours, name).samples);
  const row = (rival: Contender) => rivalRow(rival, session.pair(rival, name), oursMs);
  return { name, about, oursMs, oursMedian, rivals: rivals.map(row) };
}
