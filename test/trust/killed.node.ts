// The program, killed with SIGKILL at random moments of whatever it can do, and gone on with: it must end with the bits
// of one that nobody killed, and never take half a file for a whole one.

import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { dataFolder } from '../../src/data/folder.node';
import { encodeWav } from '../../src/data/wav';
import { Random } from '../../src/random';
import { midiFile } from '../../src/report/midi';
import { PYTHON } from '../fixtures/ownFiles';
import { lacking, startRedis } from '../harness/queueServers';
import { digest, finish, start } from './program.node';

/** What is killed: a command that begins, and what goes on with what is there. */
interface Job {
  readonly name: string;
  /** With OUT in place of the folder, or the file. */
  readonly begin: string;
  readonly goOn?: string;
  /** What is added where a worker of a queue computes; the end is compared with that of one process. */
  readonly queue?: true;
  /** Published data that it reads: the folder within that of the data. */
  readonly data?: string;
}

const SMALL = '--steps 12 --evaluate-every 1 --batch 2 --hidden 8 --quiet --out OUT';
const train = (name: string, rest: string): Job => {
  const begin = `train ${name} ${rest} ${SMALL}`;
  return { name: `train ${name}`, begin, goOn: `${begin} --resume` };
};

/** One of every kind of data, in the order in which they are killed. */
const JOBS: readonly Job[] = [
  train('copy', '--model tcn --levels 2 --kernel-size 3 --length 5 --dropout 0.2'),
  train('adding', '--model lstm --length 9'),
  train('text', '--model lstm --from text.txt --bptt 8'),
  train('series', '--model gru --from series.csv --columns price'),
  train('music', '--model rnn --from midi'),
  train('sound', '--model gru --from sound --length 32 --embedding 8 --levels 1'),
  train('dates', '--model transformer --levels 1 --heads 2'),
  train('translation', '--model seq2seq --from pairs.tsv --levels 1'),
  { ...train('mnist', '--model rnn --evaluation-images 4'), data: 'mnist' },
  {
    name: 'search',
    begin: 'search copy --model lstm --length 5 --hidden 4 --batch 2 --trials 3 --steps 9 --quiet --out OUT',
  },
  { name: 'study', begin: 'study unstable --budget small --quiet --out OUT' },
  {
    name: 'search over a queue',
    begin: 'search copy --model lstm --length 5 --hidden 4 --batch 2 --trials 3 --steps 9 --quiet --out OUT',
    queue: true,
  },
  { name: 'study over a queue', begin: 'study unstable --budget small --quiet --out OUT', queue: true },
  { name: 'generate', begin: 'generate made --length 300 --out OUT.txt --overwrite' },
];

/** The data of the jobs, and a run to generate from. */
async function prepare(folder: string): Promise<void> {
  const at = (name: string) => join(folder, name);
  mkdirSync(at('midi'));
  mkdirSync(at('sound'));
  writeFileSync(at('text.txt'), PYTHON.repeat(60));
  const rows = Array.from({ length: 300 }, (_, i) => `${i},${Math.sin(i / 7).toFixed(4)}`);
  writeFileSync(at('series.csv'), `time,price\n${rows.join('\n')}\n`);
  for (let i = 0; i < 8; i++) {
    const piece = Array.from({ length: 24 }, (_, t) => [50 + ((t * 3 + i) % 20), 60 + (t % 12)]);
    writeFileSync(at(`midi/${i}.mid`), midiFile(piece, 120, 'toy'));
    const samples = Float32Array.from({ length: 4000 }, (_, t) => 0.5 * Math.sin((t * (i + 3)) / 20));
    writeFileSync(at(`sound/${i}.wav`), encodeWav({ rate: 8000, samples }));
  }
  const words = ['one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten'];
  const pairs = Array.from({ length: 80 }, (_, i) => {
    const said = [words[i % 10], words[Math.floor(i / 10)], words[(i * 7) % 10]];
    return `${said.join(' ')}\t${said.reverse().join(' ').toUpperCase()}`;
  });
  writeFileSync(at('pairs.tsv'), `${pairs.join('\n')}\n`);
}

const wordsOf = (command: string, out: string, more: readonly string[] = []): string[] => [
  ...command.replaceAll('OUT', out).split(' '),
  ...more,
];

const resultOf = (folder: string, out: string): unknown =>
  existsSync(join(folder, `${out}.txt`))
    ? readFileSync(join(folder, `${out}.txt`), 'utf8')
    : digest(join(folder, out));

/** Waits until something is so, or a process has ended. */
async function until(isSo: () => boolean, ended: Promise<unknown>): Promise<void> {
  let over = false;
  void ended.then(() => (over = true));
  while (!over && !isSo()) await new Promise((next) => setTimeout(next, 5));
}

/** What came of a job. */
export interface Killed {
  readonly name: string;
  readonly kills: number;
  /** How often something was there to go on with. */
  readonly goneOn: number;
  readonly wrong: readonly string[];
}

/** A server, and a worker that is killed too: each third time. */
async function workingQueue(folder: string, random: Random) {
  if (lacking.redis) throw new Error(lacking.redis);
  const server = await startRedis();
  const words = ['--queue', server.url];
  const worker = () => start(['worker', ...words, '--lease', '2', '--checkpoints', 'checkpoints'], folder);
  let working = worker();
  return {
    words,
    async strike() {
      if (random.integer(3)) return;
      working.kill();
      await working.ended;
      working = worker();
    },
    async stop() {
      working.kill();
      await working.ended;
      await server.stop();
    },
  };
}

/** Kills a job so many times, goes on each time, and compares the end with that of one that nobody killed. */
async function killJob(job: Job, kills: number, folder: string, random: Random): Promise<Killed> {
  await finish(wordsOf(job.begin, 'whole'), folder);
  const queue = job.queue && (await workingQueue(folder, random.fork('worker') as Random));
  try {
    return await killAndCompare(job, kills, folder, random, queue);
  } finally {
    await queue?.stop();
  }
}

async function killAndCompare(
  { name, begin, goOn }: Job,
  kills: number,
  folder: string,
  random: Random,
  queue?: Awaited<ReturnType<typeof workingQueue>>,
): Promise<Killed> {
  const wrong: string[] = [];
  // What computes on the host names no adapter.
  const working = ({ ready, ended }: ReturnType<typeof start>, out: string) =>
    Promise.race([ready, until(() => existsSync(join(folder, out, 'settings.json')), ended)]);
  const begun = performance.now();
  const again = start(wordsOf(begin, 'timed', queue?.words), folder);
  await working(again, 'timed');
  const from = performance.now();
  await again.ended;
  const lasts = performance.now() - from;
  const [starting, wanted] = [from - begun, resultOf(folder, 'whole')];
  if (!isDeepStrictEqual(resultOf(folder, 'timed'), wanted)) wrong.push(`${name}: two runs differ`);
  let [goneOn, turn] = [0, 0];
  for (let killed = 0; killed < kills && turn < 4 * kills; turn++) {
    const out = `killed${turn}`;
    const step = () => {
      const isThere = existsSync(join(folder, out, 'settings.json'));
      if (isThere) goneOn++;
      return start(wordsOf(isThere && goOn ? goOn : begin, out, queue?.words), folder);
    };
    // Some die before they have a device; most while they work, and then there is something to go on with.
    for (; killed < kills; killed++) {
      const child = step();
      const early = random.integer(10) === 0;
      if (!early) await working(child, out);
      if (!early && goOn) await until(() => existsSync(join(folder, out, 'settings.json')), child.ended);
      const timer = setTimeout(child.kill, random.uniform() * (early ? starting : lasts * 0.9));
      const { signal, code, error } = await child.ended;
      clearTimeout(timer);
      await queue?.strike();
      if (signal === 'SIGKILL') continue;
      if (code !== 0) wrong.push(`${name}: ended with ${code}: ${error.slice(-500)}`);
      break;
    }
    const last = await step().ended;
    if (last.code !== 0) wrong.push(`${name}: went on with ${last.code}: ${last.error.slice(-500)}`);
    else if (!isDeepStrictEqual(resultOf(folder, out), wanted))
      wrong.push(`${name}: ${out} ended with other bits`);
    if (wrong.length > 3) break;
  }
  return { name, kills, goneOn, wrong };
}

/** Kills every job that has one of the words in its name, so many times in all. */
export async function killAll(
  count: number,
  only: readonly string[],
  folder: string,
  tell: (one: Killed) => void,
) {
  await prepare(folder);
  const wished = JOBS.filter(({ name }) => !only.length || only.some((word) => name.includes(word)));
  const jobs = wished.filter(({ data }) => !data || existsSync(join(dataFolder(), data)));
  for (const { name } of wished) {
    if (!jobs.some((job) => job.name === name)) console.warn(`left out: ${name}, whose data are not here`);
  }
  if (jobs.some(({ name }) => name === 'generate')) {
    await finish(wordsOf(JOBS[2].begin, 'made'), folder);
  }
  for (const [i, job] of jobs.entries()) {
    const share = Math.floor(count / jobs.length) + (i < count % jobs.length ? 1 : 0);
    const own = join(folder, job.name.replaceAll(' ', '-'));
    mkdirSync(own);
    for (const name of ['text.txt', 'series.csv', 'midi', 'sound', 'pairs.tsv', 'made']) {
      if (existsSync(join(folder, name))) symlinkSync(join(folder, name), join(own, name));
    }
    tell(await killJob(job, share, own, new Random(1).fork(job.name)));
  }
}
