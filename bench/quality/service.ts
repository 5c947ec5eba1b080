import { spawn } from 'node:child_process';
import { mkdtempSync, openSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Job } from '../../src/domain/jobs/job.ts';
import type { Report } from '../../src/domain/reports/report.ts';
import type { Upload } from './data-sets.ts';

export interface QualityService {
  upload(upload: Upload): Promise<void>;
  send<T>(path: string, body: object): Promise<T>;
  get<T>(path: string): Promise<T>;
  /** Waits for the end of a job, which must succeed. */
  finished(id: string): Promise<{ job: Job; peakMiB: number }>;
  /** Runs a distillation job to its end. */
  distil(spec: object): Promise<{ report: Report; seconds: number; peakMiB: number }>;
  stop(): Promise<void>;
}

/** A service of its own on a temporary folder and a free port, asked over HTTP like any other. */
export async function startQualityService(root: string): Promise<QualityService> {
  const dataDir = mkdtempSync(join(tmpdir(), 'stillhouse-quality-'));
  const port = await freePort();
  const log = join(dataDir, 'service.log');
  const output = openSync(log, 'w');
  const { REDIS_URL: _r, DATABASE_URL: _d, ARTIFACTS_URL: _a, API_KEYS: _k, ...env } = process.env;
  const child = spawn(process.execPath, [join(root, 'dist/bin/stillhouse.js')], {
    cwd: root,
    env: { ...env, DATA_DIR: dataDir, HOST: '127.0.0.1', PORT: String(port), LOG_LEVEL: 'warn' },
    stdio: ['ignore', output, output, 'ipc'],
  });
  const ended = new Promise<void>((settle) => child.once('exit', () => settle()));
  const base = `http://127.0.0.1:${port}`;

  async function call<T>(path: string, init?: RequestInit): Promise<T> {
    const response = await fetch(base + path, init);
    const body = await response.json();
    if (!response.ok) throw new Error(`${path}: ${response.status} ${JSON.stringify(body)}`);
    return body as T;
  }

  function send<T>(path: string, body: object): Promise<T> {
    const headers = { 'content-type': 'application/json' };
    return call<T>(path, { method: 'POST', headers, body: JSON.stringify(body) });
  }

  async function finished(id: string): Promise<{ job: Job; peakMiB: number }> {
    for (let peakMiB = 0; ; await sleep(300)) {
      // Asked twice: after a pause of the machine the connection that was kept is gone, and the job is not.
      const job = await call<Job>(`/jobs/${id}`).catch(() => call<Job>(`/jobs/${id}`));
      peakMiB = Math.max(peakMiB, (job.progress as { rssMiB?: number } | null)?.rssMiB ?? 0);
      if (job.state === 'succeeded') return { job, peakMiB };
      if (job.state === 'failed' || job.state === 'cancelled')
        throw new Error(`job ${id} ${job.state}: ${JSON.stringify(job.problem)}`);
    }
  }

  async function stop(): Promise<void> {
    if (child.exitCode === null) child.kill('SIGTERM');
    await ended;
    rmSync(dataDir, { recursive: true, force: true });
  }

  const deadline = Date.now() + 60_000;
  while (!(await fetch(`${base}/health/ready`).catch(() => null))?.ok) {
    if (child.exitCode !== null || Date.now() > deadline)
      throw new Error(`the service did not start: ${log}`);
    await sleep(100);
  }
  return {
    async upload({ csv, type }) {
      // Seconds in every set, or places in a sequence.
      const shape = { kind: 'interactions', format: 'csv', timestampFormat: 's' };
      const query = new URLSearchParams({ ...shape, ...(type ? { type } : {}) });
      const headers = { 'content-type': 'text/csv' };
      const { id } = await call<Job>(`/imports?${query}`, { method: 'POST', headers, body: csv });
      await finished(id);
    },
    send,
    get: (path) => call(path),
    finished,
    async distil(spec: { evaluation?: object }) {
      // The page is about what was tested; the spec may ask for the refit all the same.
      const { evaluation } = spec;
      const { id } = await send<Job>('/jobs', { ...spec, evaluation: { refit: false, ...evaluation } });
      const { job, peakMiB } = await finished(id);
      const { model, version } = job.result as { model: string; version: number };
      const report = await call<Report>(`/models/${model}/versions/${version}/report`);
      const seconds = Object.values(report.seconds).reduce((sum, s) => sum + s, 0);
      return { report, seconds, peakMiB };
    },
    stop,
  };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
