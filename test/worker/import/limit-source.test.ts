import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import type { ImportSpec } from '../../../src/domain/data/import.ts';
import type { JobProgress } from '../../../src/domain/jobs/job.ts';
import { runImport } from '../../../src/worker/import/import-runner.ts';
import { limitSource } from '../../../src/worker/import/limit-source.ts';

import { openStore, temporaryFolder } from '../../helpers/store.ts';

const WINDOW = { windowMs: 200 };

async function* chunks(bytes: number, everyMs: number, count: number) {
  for (let i = 0; i < count; i++) {
    await sleep(everyMs);
    yield Buffer.alloc(bytes);
  }
}

async function read(source: { bytes: Readable }, pauseMs = 0): Promise<number> {
  let bytes = 0;
  for await (const chunk of source.bytes) {
    bytes += chunk.length;
    if (pauseMs > 0) await sleep(pauseMs);
  }
  return bytes;
}

const source = (stream: Readable, part: object) =>
  limitSource(
    stream,
    'rows.csv',
    { leastBytesPerSecond: 0, mostSeconds: 0, ...WINDOW, ...part },
    performance.now(),
  );

it('passes on every byte of a source that is fast enough, and of any without limits', async () => {
  const fast = source(Readable.from(chunks(1000, 1, 50)), { leastBytesPerSecond: 100, mostSeconds: 60 });
  expect(await read(fast)).toBe(50_000);
  expect(fast.bytesRead()).toBe(50_000);
  expect(await read(source(Readable.from(chunks(1, 40, 10)), {}))).toBe(10);
});

it('ends one that trickles, and one that sends nothing at all, with what would be right', async () => {
  const trickle = source(Readable.from(chunks(1, 20, 10_000)), { leastBytesPerSecond: 10_000 });
  await expect(read(trickle)).rejects.toMatchObject({
    code: 'source-too-slow',
    retryable: true,
    detail: expect.stringMatching(
      /^rows\.csv came at \d+ bytes a second, and MIN_IMPORT_BYTES_PER_SECOND asks for 10000$/,
    ),
  });
  const silent = new Readable({ read() {} });
  await expect(read(source(silent, { leastBytesPerSecond: 1 }))).rejects.toMatchObject({
    detail: expect.stringContaining('at 0 bytes a second'),
  });
  expect(silent.destroyed).toBe(true);
});

it('does not blame the source for a reader that is slow', async () => {
  const large = Readable.from([Buffer.alloc(10), Buffer.alloc(10), Buffer.alloc(10)]);
  expect(await read(source(large, { leastBytesPerSecond: 100_000 }), 250)).toBe(30);
});

it('ends an attempt that takes too long, however fast its bytes come', async () => {
  const endless = Readable.from(chunks(1000, 5, 1e9));
  await expect(read(source(endless, { leastBytesPerSecond: 10, mostSeconds: 0.4 }))).rejects.toMatchObject({
    code: 'import-timeout',
    retryable: true,
    detail: 'The attempt took longer than the 0.4 seconds of MAX_IMPORT_SECONDS',
  });
});

it('lets go of a file that nobody has begun to read', () => {
  const stream = new Readable({ read() {} });
  source(stream, {}).close();
  expect(stream.destroyed).toBe(true);
});

it('an import whose source trickles stores what came, and says how to go on', async () => {
  const folder = await temporaryFolder();
  const store = await openStore(`${folder}/test.db`);
  await store.jobs.create({ id: 'job-1', type: 'import', model: null, spec: {} as ImportSpec });
  const rows = Array.from({ length: 10_000 }, (_, i) => `user-${i},film-1,click\n`).join('');
  async function* trickle() {
    yield Buffer.from(`userId,itemId,type\n${rows}`);
    yield* chunks(1, 20, 10_000);
  }
  const progress: JobProgress[] = [];
  const importing = runImport({
    jobId: 'job-1',
    spec: { type: 'import', kind: 'interactions', format: 'csv', file: 'rows.csv' },
    store,
    artifacts: { open: async () => Readable.from(trickle()) } as never,
    importUrls: [],
    importDir: undefined,
    limits: { leastBytesPerSecond: 1000, mostSeconds: 60, windowMs: 300 },
    signal: new AbortController().signal,
    onProgress: (step) => progress.push(step),
    now: Date.now,
  });
  // The first window has all that came at once.
  await expect(importing).rejects.toMatchObject({
    code: 'source-too-slow',
    detail: expect.stringMatching(
      /10000 rows are stored; sending the whole file again stores nothing twice$/,
    ),
  });
  // The attempt after it goes on behind these rows.
  expect(progress.at(-1)).toMatchObject({ rows: 10_000, accepted: 10_000 });
});
