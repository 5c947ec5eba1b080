import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import type { Job } from '../../src/domain/jobs/job.ts';
import { eventually } from './eventually.ts';
import { type ProcessInfo, processesOf } from './processes.ts';

/** Limit for a start or a job where many others take the processor too. */
export const LONG_MS = 120_000;

// Benches are compiled to another folder, and run from here too.
const BIN = path.resolve('dist/bin');

export interface TestService {
  url: string;
  port: number;
  dataDir: string;
  /** All its processes, with those that its children started. */
  processes(): ProcessInfo[];
  /** The process whose command line fits; fails when there is none. */
  processOf(command: RegExp): ProcessInfo;
  /** What it has printed so far. */
  output(): string;
  /** The same without the lines of requests: what a failed test shows. */
  story(): string;
  send(method: string, path: string, body?: unknown, contentType?: string): Promise<Answer>;
  /** Waits until the job is finished. */
  finished(jobId: string, timeoutMs?: number): Promise<Job>;
  untilReady(): Promise<void>;
  /** Of the process that supervises the others. */
  exited: Promise<number | null>;
  /** As an operator would. Fails when a process is left. Resolves with the exit code. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
  /** As if whoever started it with a channel had been killed; resolves when no process is left. */
  loseStarter(): Promise<void>;
  /** kill -9 of the process that supervises the others; resolves when none of them is left. */
  kill(): Promise<void>;
  /** kill -9 of all its processes at once, as when the machine loses power. */
  killAll(): Promise<void>;
  /** Kills what is there and removes the data. */
  dispose(): Promise<void>;
}

export interface Answer {
  status: number;
  headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape.
  body: any;
}

interface ServiceOptions {
  dataDir?: string;
  port?: number;
  env?: Record<string, string>;
  /** Program to start: all in one, the api, or a worker, whose port for health and metrics is then `port`. */
  program?: 'stillhouse' | 'api' | 'worker';
  /** True: the service notices when its starter is gone, which `loseStarter` plays. */
  hasChannel?: boolean;
  /** False: resolves right after the start. */
  waitsUntilReady?: boolean;
}

/** The all-in-one service from dist/, on a free port and in a folder of its own, as real processes. */
export async function startService(options: ServiceOptions = {}): Promise<TestService> {
  const script = path.join(BIN, `${options.program ?? 'stillhouse'}.js`);
  if (!existsSync(script)) throw new Error(`${script} is missing: run \`npm run setup\` first.`);
  const dataDir = options.dataDir ?? mkdtempSync(path.join(os.tmpdir(), 'stillhouse-service-'));
  const port = options.port ?? (await findFreePort());
  const { REDIS_URL: _outer, ...env } = process.env;
  const child = spawn(process.execPath, [script], {
    env: {
      ...{ ...env, DATA_DIR: dataDir, LOG_LEVEL: 'debug' },
      [options.program === 'worker' ? 'WORKER_PORT' : 'PORT']: String(port),
      ...options.env,
    },
    stdio: options.hasChannel ? ['ignore', 'pipe', 'pipe', 'ipc'] : ['ignore', 'pipe', 'pipe'],
  });
  const output = collect(child);
  const exited = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  const readyText =
    options.program === undefined || options.program === 'stillhouse' ? 'Stillhouse is ready' : '';
  const service = createHandle({ child, exited, output, dataDir, port, readyText });
  if (options.waitsUntilReady !== false) await service.untilReady();
  return service;
}

interface Started {
  child: ChildProcess;
  exited: Promise<number | null>;
  output: () => string;
  dataDir: string;
  port: number;
  readyText: string;
}

function createHandle({ child, exited, output, dataDir, port, readyText }: Started): TestService {
  const url = `http://127.0.0.1:${port}`;
  const processes = () => processesOf(dataDir);
  const send = async (method: string, target: string, body?: unknown, contentType = 'application/json') => {
    const isText = typeof body === 'string';
    const response = await fetch(url + target, {
      method,
      ...(body !== undefined && {
        headers: { 'content-type': contentType },
        body: isText ? body : JSON.stringify(body),
      }),
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json');
    return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
  };
  const killAll = async () => {
    for (const { pid } of processes()) killIfThere(pid);
    await noneLeft();
  };
  const noneLeft = () =>
    // In order an end may take the fifteen seconds that src/bin/exit-with-parent.ts gives it.
    eventually(`no process is left of:\n${describe(processes())}`, () => processes().length === 0);

  return {
    url,
    port,
    dataDir,
    processes,
    processOf(command) {
      const found = processes().find((one) => command.test(one.command));
      if (!found) throw new Error(`No process fits ${command}:\n${describe(processes())}`);
      return found;
    },
    output,
    story: () =>
      output()
        .split('\n')
        .filter((line) => !line.includes('"msg":"request"'))
        .join('\n'),
    send,
    finished(jobId, timeoutMs = LONG_MS) {
      const ask = async () => {
        const { body } = await send('GET', `/jobs/${jobId}`);
        return ['succeeded', 'failed', 'cancelled'].includes(body.state) ? (body as Job) : null;
      };
      // Not so often that asking takes the processor from the training.
      return eventually(`job ${jobId} is finished`, ask, timeoutMs, 200);
    },
    async untilReady() {
      await eventually(
        'the service is ready',
        async () => {
          if (child.exitCode !== null) throw new Error(`The service ended at its start:\n${output()}`);
          const answer = await send('GET', '/health/ready').catch(() => null);
          // The all-in-one process says so only when its worker is there too.
          return answer?.status === 200 && output().includes(readyText);
        },
        LONG_MS,
      );
    },
    exited,
    async stop(signal = 'SIGTERM') {
      child.kill(signal);
      const code = await exited;
      const left = processes();
      if (left.length > 0) throw new Error(`Left behind after the stop:\n${describe(left)}`);
      return code;
    },
    async loseStarter() {
      child.disconnect();
      await exited;
      await noneLeft();
    },
    async kill() {
      child.kill('SIGKILL');
      await exited;
      await noneLeft();
    },
    killAll,
    async dispose() {
      await killAll();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has followed its parent in the meantime.
  }
}

const describe = (list: ProcessInfo[]) => list.map(({ pid, command }) => `${pid} ${command}`).join('\n');

function collect(child: ChildProcess): () => string {
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      text += chunk.toString('utf8');
    });
  }
  return () => text;
}

export function findFreePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
