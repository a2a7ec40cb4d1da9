// A process that runs one trial without training: it says when it begins and ends, and does what the trial's settings
// say. `localChild.mjs LOG`.

import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const [, , log] = process.argv;
const write = (...words) => appendFileSync(log, `${words.join(' ')}\n`);

async function run({ job, folder }) {
  const { id, settings } = job.cell;
  const kept = join(folder, 'kept');
  process.on('SIGTERM', () => {
    mkdirSync(folder, { recursive: true });
    writeFileSync(kept, '');
    process.exit(1);
  });
  write('begin', id, process.env.SEQGPU_GPU, process.env.LP_NUM_THREADS, existsSync(kept), process.pid);
  if (settings.fails) process.send({ kind: 'failed', message: settings.fails });
  if (settings.fails || settings.dies) process.exit(settings.dies ?? 0);
  process.send({ kind: 'report', share: 0.5 });
  while (settings.until && !readFileSync(log, 'utf8').includes(`begin ${settings.until} `)) await sleep(20);
  await sleep(settings.ms);
  write('end', id);
  const result = { of: id, from: job.results };
  const line = { cell: id, settings, result, seconds: 0, adapter: 'none' };
  process.send({ kind: 'told', line }, () => process.exit(0));
}

process.once('message', (order) => void run(order));
process.send({ kind: 'ready' });
