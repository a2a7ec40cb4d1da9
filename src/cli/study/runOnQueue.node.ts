// A study whose cells are run by the workers of a queue: this process decides, keeps the log, and shows how far it is.

import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import { Coordinator, type CoordinatorState } from '../../queue/coordinator.node';
import { TRIALS, inboxOf } from '../../queue/jobs';
import { QueueServer, shownUrl } from '../../queue/server.node';
import type { AnyStudy } from '../../runs/study';
import type { Place } from '../../runs/readData.node';
import type { StudyFolder } from '../../runs/studyFolder.node';
import type { TrialLog } from '../../runs/trials';
import { versionHere } from '../../runs/version.node';
import { whileStoppable } from '../engine/interruption.node';
import { serveDashboard, type Dashboard } from '../server/dashboard.node';
import { makeQueueProgress } from './queueProgress.node';

/** A study, and where its cells are run. */
export interface Spread {
  readonly url: string;
  readonly study: AnyStudy;
  /** The name by which a worker knows what to run. */
  readonly spread: string;
  readonly folder: StudyFolder;
  readonly log: TrialLog;
  readonly sums: Readonly<Record<string, string>>;
  /** Where data is; of it, files of the user's own are for the workers too. */
  readonly place: Place;
  readonly quiet: boolean;
  /** Serves a page on the queue, at HOST:PORT where `at` gives one; default: none. */
  readonly page?: { readonly at?: string };
}

/** Has the cells that are not finished run by workers. */
export async function runOnQueue({
  url,
  study,
  spread,
  folder,
  log,
  sums,
  place,
  quiet,
  page,
}: Spread): Promise<void> {
  const progress = makeQueueProgress(study, quiet);
  if (log.results.size) progress.before(log.results.size);
  if (!log.open().length) return;
  const server = await QueueServer.open(url);
  const key = folder.key(randomUUID);
  progress.begin(shownUrl(url));
  let dashboard: Dashboard | undefined;
  try {
    if (page) dashboard = await showPage(server, key, page.at);
    await whileStoppable((signal) => {
      const coordinator = new Coordinator({
        server,
        log,
        key,
        signal,
        about: { title: study.name, study: spread, sums, place: ownFiles(place), version: versionHere() },
        failed: study.failed?.bind(study),
        keep: (lines) => folder.append(lines),
        onState: (state: CoordinatorState) => progress.update(state),
        onLine: (line) => progress.end(line, log.results.size, log.count),
      });
      return coordinator.run();
    });
  } finally {
    progress.stop();
    dashboard?.close();
    await server.close();
  }
}

/** Serves a page on the trials and the inbox of a run, and says where. */
async function showPage(server: QueueServer, key: string, at?: string): Promise<Dashboard> {
  const queues = [TRIALS, inboxOf(key)].map((name) => server.queue(name));
  const dashboard = await serveDashboard(queues, at);
  console.log(`dashboard: ${dashboard.address}`);
  return dashboard;
}

/** The user's own files by paths that hold wherever they are seen. */
export function ownFiles({ from, parts }: Place): Place {
  const all = Object.entries(parts ?? {}).map(([name, path]) => [name, resolve(path)]);
  return { from: from?.map((path) => resolve(path)), parts: parts && Object.fromEntries(all) };
}
