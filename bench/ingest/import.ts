import { createReadStream, readFileSync } from 'node:fs';
import http from 'node:http';
import { pipeline } from 'node:stream/promises';
import type { ImportResult, Job } from '../../src/domain/jobs/job.ts';
import type { Client } from '../chaos/client.ts';

export interface ImportMeasured {
  rows: number;
  uploadSeconds: number;
  /** From the start of the upload to the end of the job. */
  seconds: number;
  rowsPerSecond: number;
}

/** As `curl --data-binary @file` sends it. */
export async function measureImport(url: string, client: Client, file: string): Promise<ImportMeasured> {
  const started = performance.now();
  const job = await upload(new URL('/imports?kind=interactions&format=csv', url), file);
  const uploadSeconds = (performance.now() - started) / 1000;
  await client.follow(job.id, AbortSignal.timeout(1_800_000));
  const seconds = (performance.now() - started) / 1000;
  const ended: Job = (await client.send('GET', `/jobs/${job.id}`)).body;
  if (ended.state !== 'succeeded') throw new Error(`the import ended as ${JSON.stringify(ended)}`);
  const { accepted: rows } = ended.result as ImportResult;
  return { rows, uploadSeconds, seconds, rowsPerSecond: rows / seconds };
}

async function upload(target: URL, file: string): Promise<Job> {
  const answer = new Promise<Job>((resolve, reject) => {
    const request = http.request(target, { method: 'POST', headers: { 'content-type': 'text/csv' } });
    request.once('error', reject);
    request.once('response', async (response) => {
      let text = '';
      for await (const chunk of response) text += chunk;
      if (response.statusCode === 202) resolve(JSON.parse(text));
      else reject(new Error(text));
    });
    pipeline(createReadStream(file), request).catch(reject);
  });
  return answer;
}

/** The most memory that the process ever held, in MB. Linux only. */
export function peakRssMb(pid: number): number {
  return (Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) * 1024) / 1e6;
}
