// Servers of queues that a test starts for itself, on a free port of this machine, in a folder of their own: Redis (or
// Valkey) and PostgreSQL, as the distribution has them.

import { spawn, spawnSync, execFileSync, type ChildProcess } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

export interface Server {
  readonly url: string;
  /** Ends it without a word, as a crash does, and starts it again on what it has on disk. */
  crash(): Promise<void>;
  stop(): Promise<void>;
}

/** Why a server cannot be started here, for the name of a test; empty where it can. */
export const lacking = {
  redis: redisProgram() ? '' : 'redis-server or valkey-server is missing: apt-get install redis-server',
  postgres: postgresPrograms() ? '' : 'PostgreSQL is missing: apt-get install postgresql',
};

export const REDIS_SAFE = ['--appendonly', 'yes', '--maxmemory-policy', 'noeviction'];

/** A Redis; `settings` as on its command line. */
export async function startRedis(settings: readonly string[] = REDIS_SAFE): Promise<Server> {
  const folder = mkdtempSync(join(tmpdir(), 'seqgpu-redis-'));
  const port = await freePort();
  const where = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', ''];
  const program = redisProgram()!;
  let running: ChildProcess;
  const start = async () => {
    running = spawn(program, [...where, ...settings], { stdio: 'ignore' });
    const cli = program.replace(/server$/, 'cli');
    // One with a password asks for it.
    await until(() =>
      /PONG|NOAUTH/.test(String(spawnSync(cli, ['-h', '127.0.0.1', '-p', String(port), 'ping']).stdout)),
    );
  };
  await start();
  return {
    url: `redis://127.0.0.1:${port}`,
    crash: async () => {
      await killed(running, 'SIGKILL');
      await start();
    },
    stop: async () => {
      await killed(running, 'SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/**
 * A PostgreSQL with one database; `settings` as lines of postgresql.conf. `password`: of its only user; default: it asks
 * for none. It refuses to be root's.
 */
export async function startPostgres(settings: readonly string[] = [], password?: string): Promise<Server> {
  const folder = mkdtempSync(join(tmpdir(), 'seqgpu-postgres-'));
  const programs = postgresPrograms()!;
  const owner = process.getuid?.() === 0 ? ownerOfPostgres() : undefined;
  if (owner) chownSync(folder, owner.uid, owner.gid);
  chmodSync(folder, 0o700);
  const how = { cwd: folder, ...owner, stdio: 'ignore' } as const;
  const data = join(folder, 'data');
  const secret = join(folder, 'secret');
  if (password !== undefined) writeFileSync(secret, password, { mode: 0o644 });
  const asks = password === undefined ? ['-A', 'trust'] : ['-A', 'scram-sha-256', `--pwfile=${secret}`];
  execFileSync(join(programs, 'initdb'), ['-D', data, '-U', 'seqgpu', ...asks, '--no-sync'], how);
  const port = await freePort();
  const where = ['-D', data, '-p', String(port), '-h', '127.0.0.1', '-k', folder];
  const set = settings.flatMap((line) => ['-c', line]);
  let running: ChildProcess;
  const ready = ['-h', '127.0.0.1', '-p', String(port), '-q'];
  const begin = () => (running = spawn(join(programs, 'postgres'), [...where, ...set], how));
  // One that was killed leaves children, which hold its shared memory for a moment: until then another ends at once.
  const start = async () => {
    begin();
    await until(() => {
      if (running.exitCode !== null) begin();
      return spawnSync(join(programs, 'pg_isready'), ready).status === 0;
    });
  };
  await start();
  return {
    url: `postgres://seqgpu${password === undefined ? '' : `:${password}`}@127.0.0.1:${port}/postgres`,
    crash: async () => {
      await killed(running, 'SIGKILL');
      await start();
    },
    stop: async () => {
      await killed(running, 'SIGQUIT');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function redisProgram(): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter);
  const paths = ['redis-server', 'valkey-server'].flatMap((name) =>
    folders.map((folder) => join(folder, name)),
  );
  return paths.find((path) => existsSync(path));
}

/** The folder of its programs: Debian keeps them out of the way. */
function postgresPrograms(): string | undefined {
  const root = '/usr/lib/postgresql';
  const versions = existsSync(root) ? readdirSync(root).sort((a, b) => Number(b) - Number(a)) : [];
  const folders = [
    ...versions.map((name) => join(root, name, 'bin')),
    ...(process.env.PATH ?? '').split(delimiter),
  ];
  return folders.find((folder) => existsSync(join(folder, 'initdb')));
}

function ownerOfPostgres(): { readonly uid: number; readonly gid: number } {
  const id = (flag: string) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

function freePort(): Promise<number> {
  return new Promise((found, failed) => {
    const server = createServer().on('error', failed);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { readonly port: number };
      server.close(() => found(port));
    });
  });
}

export async function until(holds: () => unknown, seconds = 60): Promise<void> {
  for (let i = 0; i < seconds * 50; i++) {
    if (holds()) return;
    await new Promise((next) => setTimeout(next, 20));
  }
  throw new Error(`it did not come to pass within ${seconds} s: ${String(holds)}`);
}

/** Whether a process that was started here is gone. */
export const ended = ({ exitCode, signalCode }: ChildProcess): boolean =>
  exitCode !== null || signalCode !== null;

/** Ends a process that was started here; resolves when it is gone. */
export function killed(child: ChildProcess, signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
  if (ended(child)) return Promise.resolve();
  return new Promise((gone) => {
    child.once('exit', () => gone());
    child.kill(signal);
  });
}
