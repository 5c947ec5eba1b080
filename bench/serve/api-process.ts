import { type ChildProcess, fork } from 'node:child_process';
import { openSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export interface ApiProcess {
  url: string;
  /** Of a Fastify with nothing but the hello-world route, in the same process. */
  bareUrl: string;
  /** From the start of the process to the first answer that it is ready. */
  readyMs: number;
  rssMiB(): number;
  /** Processor time so far, of all its threads. */
  cpuSeconds(): number;
  /** Of the thread with the event loop so far. */
  loop(): ThreadTime;
  /** What the processor was at while `work` ran. */
  profile(work: () => Promise<unknown>): Promise<CpuProfile>;
  stop(): Promise<void>;
}

export interface ThreadTime {
  /** On a core. */
  ranSeconds: number;
  /** Ready to run, while others had the cores. */
  waitedSeconds: number;
}

export interface CpuProfile {
  nodes: { id: number; callFrame: { functionName: string; url: string } }[];
  samples: number[];
  timeDeltas: number[];
}

const START_MS = 90_000;
const POLL_MS = 5;
/** USER_HZ, which is the same on every Linux. */
const TICKS = 100;

/** The api as it is started in production, with the routes of hello-route.ts added. */
export async function startApi(options: {
  port: number;
  barePort: number;
  logFile: string;
  env: Record<string, string>;
}): Promise<ApiProcess> {
  const { port, barePort, logFile } = options;
  const { REDIS_PREFIX: _p, API_KEYS: _k, DEFAULT_MODEL: _m, LOG_LEVEL: _l, ...outer } = process.env;
  const output = openSync(logFile, 'a');
  const started = performance.now();
  const child = fork(path.resolve('dist/bin/api.js'), [], {
    env: { ...outer, ...options.env, HOST: '127.0.0.1', PORT: String(port), BARE_PORT: String(barePort) },
    execArgv: [
      ...['--import', path.resolve('dist/bin/exit-with-parent.js')],
      ...['--import', path.join(import.meta.dirname, 'hello-route.js')],
    ],
    stdio: ['ignore', output, output, 'ipc'],
  });
  const url = `http://127.0.0.1:${port}`;
  while (!(await fetch(`${url}/health/ready`).catch(() => null))?.ok) {
    if (child.exitCode !== null || performance.now() - started > START_MS)
      throw new Error(`the api did not start:\n${readFileSync(logFile, 'utf8').slice(-2000)}`);
    await sleep(POLL_MS);
  }
  return {
    url,
    bareUrl: `http://127.0.0.1:${barePort}`,
    readyMs: performance.now() - started,
    rssMiB: () => Number(/VmRSS:\s+(\d+)/.exec(proc(child, 'status'))![1]) / 1024,
    cpuSeconds() {
      const fields = proc(child, 'stat').split(') ').at(-1)!.split(' ');
      return (Number(fields[11]) + Number(fields[12])) / TICKS;
    },
    loop: () => threadTime(String(child.pid), String(child.pid)),
    async profile(work) {
      await tell<object>(child, { profile: 'start' });
      await work();
      return (await tell<{ profile: CpuProfile }>(child, { profile: 'stop' })).profile;
    },
    async stop() {
      if (child.exitCode !== null) return;
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await ended;
    },
  };
}

/** As Linux counts it, to the nanosecond. */
export function threadTime(pid: string, thread: string): ThreadTime {
  const [ran, waited] = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ').map(Number);
  return { ranSeconds: ran! / 1e9, waitedSeconds: waited! / 1e9 };
}

const proc = (child: ChildProcess, file: string) => readFileSync(`/proc/${child.pid}/${file}`, 'utf8');

function tell<T>(child: ChildProcess, order: object): Promise<T> {
  return new Promise((resolve) => {
    child.once('message', (answer) => resolve(answer as T));
    child.send(order);
  });
}
