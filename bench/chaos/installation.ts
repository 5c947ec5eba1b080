import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { type PrivateRedis, startPrivateRedis } from '../../src/bin/all-in-one/private-redis.ts';
import { freePorts } from '../lib/free-ports.ts';
import { type KeptProcess, keepProcess } from './kept-process.ts';

export const PREFIX = 'chaos';

export interface Installation {
  apis: KeptProcess[];
  apiUrls: string[];
  workers: KeptProcess[];
  redisUrl: string;
  redisPid(): number | undefined;
  /** The trainers that run now, each with its job. */
  trainers(): { pid: number; jobId: string | undefined }[];
  databaseUrl: string;
  artifactsUrl: string;
  /** The last lines of each process, for when something went wrong. */
  story(): string;
  stop(): Promise<void>;
}

export interface InstallationOptions {
  folder: string;
  apis: number;
  workers: number;
  databaseUrl?: string | undefined;
  tensorBackend?: string | undefined;
  /** Unset: as in a real installation. */
  lostWorkerSeconds?: number | undefined;
  /** Further settings of apis and workers. */
  env?: Record<string, string>;
}

const REDIS_RESTART_MS = 300;
const STORY_LINES = 2000;

/** Redis, apis and workers as processes of their own on one database, as they would run on several machines. */
export async function startInstallation(options: InstallationOptions): Promise<Installation> {
  const { folder } = options;
  const databaseUrl = options.databaseUrl ?? `sqlite:${path.join(folder, 'stillhouse.db')}`;
  const artifactsUrl = pathToFileURL(path.join(folder, 'artifacts')).href;
  const redis = await keepRedis(path.join(folder, 'redis'));
  const lines: string[] = [];
  /** The job that each worker process is at. */
  const current = new Map<number, string>();
  const onLine = (name: string) => (line: string) => {
    lines.push(`${name} ${line}`);
    if (lines.length > STORY_LINES) lines.shift();
    const started = parse(line);
    if (started?.msg === 'job started' && started.jobId) current.set(started.pid, started.jobId);
  };
  const start = (kind: 'api' | 'worker', number: number, more: Record<string, string> = {}) => {
    const name = `${kind}-${number + 1}`;
    const env = {
      ...process.env,
      DATA_DIR: folder,
      REDIS_URL: redis.url,
      REDIS_PREFIX: PREFIX,
      DATABASE_URL: databaseUrl,
      ARTIFACTS_URL: artifactsUrl,
      API_KEYS: '',
      LOG_LEVEL: 'info',
      ...(options.tensorBackend && { TENSOR_BACKEND: options.tensorBackend }),
      ...(options.lostWorkerSeconds && { LOST_WORKER_SECONDS: String(options.lostWorkerSeconds) }),
      ...options.env,
      ...more,
    };
    return keepProcess(name, path.resolve(`dist/bin/${kind}.js`), env, onLine(name));
  };
  const ports = await freePorts(options.apis);
  const apis = ports.map((port, i) => start('api', i, { HOST: '127.0.0.1', PORT: String(port) }));
  const workers = Array.from({ length: options.workers }, (_, i) => start('worker', i));
  return {
    apis,
    apiUrls: ports.map((port) => `http://127.0.0.1:${port}`),
    workers,
    redisUrl: redis.url,
    redisPid: redis.pid,
    trainers: () =>
      workers.flatMap((worker) => {
        const parent = worker.pid();
        return parent === undefined
          ? []
          : childrenOf(parent, /bin\/trainer\.js/).map((pid) => ({ pid, jobId: current.get(parent) }));
      }),
    databaseUrl,
    artifactsUrl,
    story: () => lines.filter((line) => !line.includes('"msg":"request"')).join('\n'),
    async stop() {
      await Promise.all([...apis, ...workers].map((each) => each.stop()));
      await redis.stop();
    },
  };
}

async function keepRedis(dir: string) {
  const server = redisServer();
  let redis: PrivateRedis | undefined = await startPrivateRedis({ server, dir });
  const { url } = redis;
  let isStopping = false;
  const kept = (async () => {
    while (!isStopping) {
      await redis?.exited;
      redis = undefined;
      if (isStopping) return;
      await sleep(REDIS_RESTART_MS);
      redis = await startPrivateRedis({ server, dir });
    }
  })();
  return {
    url,
    pid: () => redis?.pid,
    async stop() {
      isStopping = true;
      await redis?.stop();
      await kept;
    },
  };
}

/** As set-up found it. */
export function redisServer(): string {
  const { redisServer } = JSON.parse(readFileSync(path.resolve('.runtime/setup.json'), 'utf8'));
  return redisServer ?? 'redis-server';
}

function parse(line: string): { msg?: string; jobId?: string; pid: number } | null {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}

/** From /proc, so on Linux alone. */
function childrenOf(parent: number, command: RegExp): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => parentOf(pid) === parent && command.test(read(`/proc/${pid}/cmdline`)))
    .map(Number);
}

/** The second field, the name, may hold anything, but ends with the last bracket. */
const parentOf = (pid: string) => Number(read(`/proc/${pid}/stat`).split(') ').at(-1)?.split(' ')[1]);

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
