import { once } from 'node:events';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { describe, expect, it, onTestFinished } from 'vitest';
import { loadScoreLists } from '../../../src/artifact/score-lists.ts';
import { createFsStore } from '../../../src/artifact/store/fs-store.ts';
import { problem } from '../../../src/core/errors.ts';
import { completeEvent } from '../../../src/domain/data/event-type.ts';
import type { ImportSpec } from '../../../src/domain/data/import.ts';
import { layoutOf } from '../../../src/domain/data/reading/presets.ts';
import type { JobProgress } from '../../../src/domain/jobs/job.ts';
import { type ImportRun, runImport } from '../../../src/worker/import/import-runner.ts';
import { openStore, temporaryFolder } from '../../helpers/store.ts';

const NOW = Date.parse('2026-03-01T12:00:00Z');
const HEADER = 'userId,itemId,rating,timestamp\n';

async function setUp() {
  const folder = await temporaryFolder();
  const store = await openStore(path.join(folder, 'test.db'));
  const artifacts = createFsStore(pathToFileURL(path.join(folder, 'artifacts')).href);
  const progress: JobProgress[] = [];
  await store.jobs.create({ id: 'job-1', type: 'import', model: null, spec: {} as ImportSpec });

  async function upload(body: string | Buffer, part: Partial<ImportSpec> = {}) {
    const file = part.file ?? 'imports/job-1.csv';
    const { bytes } = await artifacts.put(file, Buffer.from(body));
    const spec: ImportSpec = { type: 'import', kind: 'interactions', format: 'csv', ...part };
    return { ...spec, file, bytes };
  }

  const run = (spec: ImportSpec, part: Partial<ImportRun> = {}) =>
    runImport({
      jobId: 'job-1',
      spec,
      store,
      artifacts,
      importUrls: [],
      importDir: undefined,
      batchRows: 5_000,
      signal: new AbortController().signal,
      onProgress: (step) => progress.push(step),
      now: () => NOW,
      ...part,
    });
  return { store, artifacts, progress, upload, run };
}

const ratings = (count: number) =>
  Array.from({ length: count }, (_, i) => `user-${i % 50},film-${i},${1 + (i % 5)},${881250949 + i}\n`).join(
    '',
  );

describe('an import', () => {
  it('declares the half stars of its preset where nobody has declared a scale', async () => {
    const csv = 'userId,movieId,rating,timestamp\nann,a,0.5,1260759144\nann,b,5,1260759144\n';
    const { store, upload, run } = await setUp();
    const spec = await upload(csv, {
      ...layoutOf('movielens-32m', 'interactions'),
      preset: 'movielens-32m',
    } as never);
    expect(await run({ ...spec, dryRun: true })).toMatchObject({ accepted: 2, rejected: 0 });
    expect(await store.eventTypes.list()).toEqual([]);
    expect(await run(spec)).toMatchObject({ accepted: 2, rejected: 0, reading: { declared: ['rating'] } });
    expect(await store.eventTypes.list()).toMatchObject([
      { type: 'rating', meaning: { scale: { min: 0.5, max: 5, step: 0.5, likedFrom: 4 } } },
    ]);
    expect((await run(spec)).reading).not.toHaveProperty('declared');
  });

  it('holds to the scale that somebody has declared', async () => {
    const { store, upload, run } = await setUp();
    const scale = { min: 1, max: 5, likedFrom: 3 };
    await store.eventTypes.put('rating', completeEvent('rating', { scale })!);
    const csv = 'userId,movieId,rating,timestamp\nann,a,0.5,1260759144\nann,b,5,1260759144\n';
    const result = await run(await upload(csv, { preset: 'auto' }));
    expect(result).toMatchObject({ accepted: 1, rejected: 1, rejects: [{ line: 2 }] });
    expect(result.reading).not.toHaveProperty('declared');
  });

  it('stores the good rows, lists the bad ones with line and reason, and leaves the upload to its caller', async () => {
    const { store, artifacts, upload, run } = await setUp();
    const spec = await upload(
      `${HEADER}ann,a,5,881250949\nann,b,9,881250949\nann,a,5,881250949\nbob,,3,\nann,c\n`,
    );
    expect(await run(spec)).toEqual({
      rows: 5,
      accepted: 1,
      duplicates: 1,
      rejected: 3,
      rejects: [
        { line: 3, reason: expect.stringMatching(/value must be .*; got 9/) },
        { line: 5, reason: expect.stringContaining('itemId is missing') },
        { line: 6, reason: 'the row has 2 cells, the header has 4' },
      ],
      reading: { encoding: 'utf-8', timestamps: { timestamp: 's' } },
    });
    expect(await store.interactions.history('ann', 5)).toEqual([
      { itemId: 'a', type: 'rating', value: 5, timestamp: 881_250_949_000 },
    ]);
    expect(await artifacts.stat(spec.file)).not.toBeNull();
  });

  it('stores nothing twice when the same file comes again', async () => {
    const { store, upload, run } = await setUp();
    const body = HEADER + ratings(5_000);
    expect(await run(await upload(body))).toMatchObject({ rows: 5_000, accepted: 5_000, duplicates: 0 });
    expect(await run(await upload(body))).toMatchObject({ rows: 5_000, accepted: 0, duplicates: 5_000 });
    expect(await store.interactions.countUpTo(10_000)).toBe(5_000);
  });

  it.each(['imports/job-1.csv.gz', 'imports/job-1.csv'])('unzips a gzip file kept as %s', async (file) => {
    const { upload, run } = await setUp();
    const spec = await upload(gzipSync(HEADER + ratings(3_000)), { file });
    expect(await run(spec)).toMatchObject({ rows: 3_000, accepted: 3_000 });
  });

  it('reads items and users, as CSV and as JSON lines', async () => {
    const { store, upload, run } = await setUp();
    const items = await upload('itemId,title,year\nfilm-1,Toy Story,1995\n', { kind: 'items' });
    expect(await run(items)).toMatchObject({ rows: 1, accepted: 1 });
    const users = await upload('{"userId":"ann","features":{"age":24}}\n', {
      kind: 'users',
      format: 'ndjson',
    });
    expect(await run(users)).toMatchObject({ rows: 1, accepted: 1 });
    expect(await store.catalogue.getItem('film-1')).toMatchObject({
      title: 'Toy Story',
      features: { year: 1995 },
    });
    expect(await store.catalogue.getUser('ann')).toEqual({ userId: 'ann', features: { age: 24 } });
  });

  it('gives rows without a type the one of the query, and no time to rows without one', async () => {
    const { store, upload, run } = await setUp();
    await run(await upload('userId,itemId\nann,a\n', { interactionType: 'like' }));
    expect(await store.interactions.history('ann', 5)).toEqual([
      { itemId: 'a', type: 'like', value: null, timestamp: null },
    ]);
  });

  it('reports how far it is, in rows and bytes, not more often than ten times a second', async () => {
    const { progress, upload, run } = await setUp();
    const spec = await upload(HEADER + ratings(20_000));
    const started = performance.now();
    await run(spec);
    const seconds = (performance.now() - started) / 1000;
    expect(progress.length).toBeGreaterThan(0);
    // And one at the end.
    expect(progress.length).toBeLessThanOrEqual(10 * seconds + 2);
    expect(progress.at(-1)).toMatchObject({ rows: 20_000, accepted: 20_000 });
    for (const { stage, fraction, rows, bytes } of progress) {
      expect(stage).toBe('import');
      expect(fraction).toBeGreaterThan(0);
      expect(fraction).toBeLessThanOrEqual(1);
      expect(rows).toBeGreaterThan(0);
      expect(bytes).toBeLessThanOrEqual(spec.bytes);
    }
  });

  it('lists no more than the first hundred bad rows, and counts them all', async () => {
    const { upload, run } = await setUp();
    const result = await run(await upload(`${HEADER}ann,a,5,\n${'ann,a,7,\n'.repeat(250)}`));
    expect(result).toMatchObject({ rows: 251, accepted: 1, rejected: 250 });
    expect(result.rejects).toHaveLength(100);
    expect(result.rejects.at(-1)?.line).toBe(102);
  });

  it('has nothing to do with only a header', async () => {
    const { upload, run } = await setUp();
    expect(await run(await upload(HEADER))).toEqual({
      rows: 0,
      accepted: 0,
      duplicates: 0,
      rejected: 0,
      rejects: [],
      reading: { encoding: 'utf-8' },
    });
  });
});

describe('an import fails', () => {
  it('when every row is bad, naming the first reasons', async () => {
    const { upload, run } = await setUp();
    const spec = await upload(`${HEADER}ann,a,6,\nann,b,x,\n`);
    await expect(run(spec)).rejects.toMatchObject({
      code: 'invalid-rows',
      detail: expect.stringMatching(
        /None of the 2 rows.*line 2: value must be .*; got 6.*line 3: value must be .*; got "x"/,
      ),
      extra: { rows: 2, rejected: 2 },
    });
  });

  it('at a broken quote, with the rows before it stored and counted', async () => {
    const { store, upload, run } = await setUp();
    const spec = await upload(`${HEADER}${ratings(2_500)}ann,"a,5,\nann,b,4,\n`);
    await expect(run(spec)).rejects.toMatchObject({
      code: 'invalid-csv',
      detail: expect.stringMatching(/^Line 2502: .*never closed.*2500 rows are stored.*nothing twice/),
      extra: { line: 2502, accepted: 2_500 },
    });
    expect(await store.interactions.countUpTo(10_000)).toBe(2_500);
  });

  it.each([
    ['a column is missing', 'userId,rating\nann,5\n', /itemId is missing; found userId, rating/],
    ['the file is empty', '', /The file is empty/],
  ])('at once when %s', async (_what, body, detail) => {
    const { store, upload, run } = await setUp();
    await expect(run(await upload(body))).rejects.toMatchObject({
      code: 'invalid-csv',
      detail: expect.stringMatching(detail),
    });
    expect(await store.interactions.countUpTo(10)).toBe(0);
  });

  it('when a gzip file ends in the middle or is none', async () => {
    const { upload, run } = await setUp();
    const whole = gzipSync(HEADER + ratings(3_000));
    await expect(run(await upload(whole.subarray(0, whole.length - 200)))).rejects.toMatchObject({
      code: 'invalid-csv',
      detail: expect.stringContaining('gzip file ends in the middle'),
    });
    await expect(run(await upload('no gzip', { file: 'imports/a.csv.gz' }))).rejects.toMatchObject({
      code: 'invalid-csv',
      detail: expect.stringContaining('not proper gzip'),
    });
  });

  it('as cancelled between two batches when it is told to stop', async () => {
    const { store, upload, run } = await setUp();
    const spec = await upload(HEADER + ratings(10_000));
    const abort = new AbortController();
    const { addBatch } = store.interactions;
    const stopAfterFirstBatch: typeof addBatch = async (rows) => {
      abort.abort();
      return addBatch(rows);
    };
    const stopping = { ...store, interactions: { ...store.interactions, addBatch: stopAfterFirstBatch } };
    await expect(run(spec, { signal: abort.signal, store: stopping })).rejects.toMatchObject({
      code: 'cancelled',
      detail: expect.stringContaining('5000 rows are stored'),
    });
    expect(await store.interactions.countUpTo(10_000)).toBe(5_000);
  });

  it('with the upload kept when the database is away, so that a retry can succeed', async () => {
    const { store, upload, run } = await setUp();
    const spec = await upload(HEADER + ratings(10));
    const away = async () => {
      throw problem('store-unavailable', 'The database is not usable: the disk is full');
    };
    const broken = { ...store, interactions: { ...store.interactions, addBatch: away } };
    await expect(run(spec, { store: broken })).rejects.toMatchObject({ code: 'store-unavailable' });
    expect(await run(spec)).toMatchObject({ accepted: 10 });
  });
});

describe('where the file comes from', () => {
  it('is a path within the folder, and nothing outside it, even through a link', async () => {
    const { store, run } = await setUp();
    // What is outside lies beside the folder and has its name as a beginning.
    const both = await temporaryFolder();
    const [folder, outside] = [path.join(both, 'in'), path.join(both, 'in-secret')];
    for (const each of [folder, outside]) await mkdir(each);
    await writeFile(path.join(folder, 'a.csv'), `${HEADER}ann,a,5,\n`);
    await writeFile(path.join(outside, 'b.csv'), `${HEADER}bob,a,5,\n`);
    await symlink(path.join(outside, 'b.csv'), path.join(folder, 'link.csv'));
    const spec: ImportSpec = { type: 'import', kind: 'interactions', format: 'csv' };
    expect(await run({ ...spec, path: 'a.csv' }, { importDir: folder })).toMatchObject({ accepted: 1 });
    for (const name of ['link.csv', '../in-secret/b.csv', path.join(outside, 'b.csv')]) {
      await expect(run({ ...spec, path: name }, { importDir: folder })).rejects.toMatchObject({
        code: 'source-not-allowed',
      });
    }
    await expect(run({ ...spec, path: 'none.csv' }, { importDir: folder })).rejects.toMatchObject({
      code: 'invalid-job',
      detail: expect.stringContaining('none.csv'),
    });
    await expect(run({ ...spec, path: 'a.csv' })).rejects.toMatchObject({ code: 'source-not-allowed' });
    expect(await store.interactions.history('bob', 1)).toEqual([]);
  });

  it('is an address under the allowed ones, and a redirect leads nowhere else', async () => {
    const { run } = await setUp();
    const server = createServer((request, response) => {
      if (request.url === '/data/moved.csv') response.writeHead(302, { location: '/secret/a.csv' }).end();
      else if (request.url === '/data/busy.csv') response.writeHead(503).end();
      else if (request.url === '/data/a.csv.gz') response.end(gzipSync(`${HEADER}ann,a,5,\n`));
      else response.writeHead(404).end();
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const root = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const importUrls = [`${root}/data/`];
    const spec: ImportSpec = { type: 'import', kind: 'interactions', format: 'csv' };
    const from = (url: string) => run({ ...spec, url }, { importUrls });
    expect(await from(`${root}/data/a.csv.gz`)).toMatchObject({ accepted: 1 });
    for (const url of [`${root}/data/moved.csv`, `${root}/database.csv`, `${root}/data/../secret/a.csv`]) {
      await expect(from(url)).rejects.toMatchObject({ code: 'source-not-allowed' });
    }
    await expect(from(`${root}/data/none.csv`)).rejects.toMatchObject({
      code: 'invalid-job',
      retryable: false,
    });
    await expect(from(`${root}/data/busy.csv`)).rejects.toMatchObject({ retryable: true });
  });
});

describe('packed files', () => {
  // "userId,itemId,rating,timestamp\nann,a,5,\n" by the zstd program.
  const ZSTD = Buffer.from(
    'KLUv/SQoQQEAdXNlcklkLGl0ZW1JZCxyYXRpbmcsdGltZXN0YW1wCmFubixhLDUsCn/KNrY=',
    'base64',
  );

  it.each(['imports/job-1.csv.zst', 'imports/job-1.csv'])('unpacks zstd kept as %s', async (file) => {
    const { upload, run } = await setUp();
    expect(await run(await upload(ZSTD, { file }))).toMatchObject({ rows: 1, accepted: 1 });
  });

  it.each([
    [
      'a truncated gzip',
      gzipSync(HEADER + ratings(9_000)).subarray(0, 20_000),
      /gzip file ends in the middle/,
    ],
    ['a truncated zstd', ZSTD.subarray(0, ZSTD.length - 6), /zstd file ends in the middle/],
    [
      'a broken zstd',
      Buffer.concat([ZSTD.subarray(0, 6), Buffer.alloc(30, 255)]),
      /not proper zstd|ends in the middle/,
    ],
    ['a megabyte of nothing', gzipSync(Buffer.alloc(64 * 1024 * 1024)), /Line 1: a row of more than/],
  ])('refuses %s', async (_what, bytes, detail) => {
    const { upload, run } = await setUp();
    await expect(run(await upload(bytes))).rejects.toMatchObject({
      code: 'invalid-csv',
      detail: expect.stringMatching(detail),
    });
  });
});

describe('bad lines', () => {
  it('are kept with their text, and too many of them stop the import', async () => {
    const { store, upload, run } = await setUp();
    const body = `${HEADER}ann,a,5,\nann,b,9,\nann,c\nann,d,1e999,\nann,e,4,\n`;
    const spec = await upload(body, { maxRejects: 3 });
    expect(await run(spec)).toMatchObject({ accepted: 2, rejected: 3 });
    expect((await store.rejects.list('job-1', 10)).rows).toEqual([
      { line: 3, reason: expect.stringMatching(/value must be .*; got 9/), text: 'ann,b,9,' },
      { line: 4, reason: expect.stringContaining('2 cells'), text: 'ann,c' },
      { line: 5, reason: expect.stringMatching(/value must be .*; got "1e999"/), text: 'ann,d,1e999,' },
    ]);
    await expect(run({ ...spec, maxRejects: 1 })).rejects.toMatchObject({
      code: 'invalid-rows',
      detail: expect.stringMatching(/^Line 4: .*more than the 1 bad lines/),
    });
  });

  it('of a person are gone with the person, and no others', async () => {
    const { store, upload, run } = await setUp();
    await run(await upload(`${HEADER}7,a,5,\n7,b,9,\n77,b,9,\n`));
    await store.deletions.user('7');
    expect((await store.rejects.list('job-1', 10)).rows.map(({ line }) => line)).toEqual([4]);
  });
});

it('stores nothing in a dry run, and checks everything', async () => {
  const { store, upload, run } = await setUp();
  const spec = await upload(`${HEADER}ann,a,5,\nann,b,9,\n`, { dryRun: true });
  expect(await run(spec)).toMatchObject({ rows: 2, accepted: 1, rejected: 1 });
  expect(await store.interactions.countUpTo(5)).toBe(0);
});

it('goes on where a shutdown had stopped it, and has read every row once in the end', async () => {
  const { store, upload, run, progress } = await setUp();
  const spec = await upload(`${HEADER}ann,bad,9,\n${ratings(20_000)}ann,bad,7,\n`);
  const abort = new AbortController();
  let batches = 0;
  const { addBatch } = store.interactions;
  const stopInTheMiddle: typeof addBatch = async (rows) => {
    if (++batches === 2) abort.abort('shutdown');
    return addBatch(rows);
  };
  const stopping = { ...store, interactions: { ...store.interactions, addBatch: stopInTheMiddle } };
  await expect(run(spec, { signal: abort.signal, store: stopping })).rejects.toMatchObject({
    code: 'cancelled',
  });
  const before = progress.at(-1)!;
  expect(before).toMatchObject({ rows: 10_001, accepted: 10_000, duplicates: 0, rejected: 1 });
  const again: number[] = [];
  const counting: typeof addBatch = async (rows) => {
    again.push(rows.length);
    return addBatch(rows);
  };
  const store2 = { ...store, interactions: { ...store.interactions, addBatch: counting } };
  expect(await run(spec, { before, store: store2 })).toMatchObject({
    rows: 20_002,
    accepted: 20_000,
    duplicates: 0,
    rejected: 2,
    rejects: [{ line: 2 }, { line: 20_003 }],
  });
  expect(again.reduce((sum, rows) => sum + rows, 0)).toBe(10_000);
});

it('goes on after a crash where it had got to, and counts as if nothing had happened', async () => {
  const { store, upload, run } = await setUp();
  const body = `${HEADER}ann,bad,9,\n${ratings(20_000)}`;
  const spec = await upload(body);
  const before: JobProgress = {
    stage: 'import',
    fraction: 0.5,
    rows: 10_001,
    accepted: 10_000,
    duplicates: 0,
    rejected: 1,
  };
  expect(await run(spec, { before })).toMatchObject({
    rows: 20_001,
    accepted: 20_000,
    duplicates: 0,
    rejected: 1,
  });
  expect(await store.interactions.countUpTo(99_999)).toBe(10_000);
  expect(await run(spec)).toMatchObject({ accepted: 10_000, duplicates: 10_000 });
});

describe('the import of a teacher', () => {
  const scores = 'userId,itemId,score\nann,a,0.5\nann,b,nan\nbob,a,1e39\nann,a,0.75\nzoe,x,-3\nbob,,1\n';
  const teacher = { kind: 'teacher', name: 'theirs' } as const;

  async function withRatings() {
    const setup = await setUp();
    await setup.run(await setup.upload(`${HEADER}ann,a,5,881250949\nbob,b,4,881250949\n`));
    return setup;
  }

  it('keeps the good scores as one artifact, counts what came twice and what nobody knows', async () => {
    const { store, artifacts, upload, run } = await withRatings();
    const coverage = {
      users: 2,
      items: 2,
      unknownUsers: 1,
      unknownItems: 1,
      shareOfUsers: 0.5,
      shareOfItems: 0.5,
    };
    expect(await run(await upload(scores, teacher))).toEqual({
      rows: 6,
      accepted: 2,
      duplicates: 1,
      rejected: 3,
      rejects: [
        { line: 3, reason: 'score must be a finite number; got "nan"' },
        { line: 4, reason: 'score must be a number between -3.4e38 and 3.4e38; got 1e+39' },
        { line: 7, reason: 'itemId is missing; it must be text of 1-256 bytes' },
      ],
      coverage,
      reading: { encoding: 'utf-8' },
    });
    const known = (await store.externalTeachers.get('theirs'))!;
    expect(known).toMatchObject({ jobId: 'job-1', scores: 2, longest: 1, coverage });
    expect(await loadScoreLists(artifacts, known.artifact)).toEqual({
      users: ['ann', 'zoe'],
      items: ['a', 'x'],
      indptr: Int32Array.of(0, 1, 2),
      indices: Int32Array.of(0, 1),
      scores: Float32Array.of(0.75, -3),
    });
  });

  it('takes JSON lines, and the place of what had its name', async () => {
    const { store, artifacts, upload, run } = await withRatings();
    await run(await upload(scores, teacher));
    const before = (await store.externalTeachers.get('theirs'))!;
    const lines = '{"userId":"bob","itemId":"a","score":2}\n{"userId":"bob","itemId":"b","score":NaN}\n';
    const spec = await upload(lines, { ...teacher, format: 'ndjson', file: 'imports/job-2.ndjson' });
    await store.jobs.create({ id: 'job-2', type: 'import', model: null, spec });
    const result = await run(spec, { jobId: 'job-2' });
    expect(result).toMatchObject({ rows: 2, accepted: 1, rejected: 1 });
    expect(result.rejects[0]!.reason).toContain('not valid JSON');
    const after = (await store.externalTeachers.list())!;
    expect(after).toMatchObject([{ name: 'theirs', jobId: 'job-2', scores: 1 }]);
    await expect(loadScoreLists(artifacts, before.artifact)).rejects.toMatchObject({ code: 'not-found' });
  });

  it('starts over after a crash, as nothing was stored', async () => {
    const { upload, run } = await withRatings();
    const before = { stage: 'import', fraction: 0.5, rows: 4, accepted: 2, duplicates: 0, rejected: 2 };
    expect(await run(await upload(scores, teacher), { before })).toMatchObject({ rows: 6, accepted: 2 });
  });

  it.each<[string, string, Partial<ImportSpec>, RegExp]>([
    [
      'a file without a score',
      'userId,itemId\nann,a\n',
      {},
      /the column score is missing; found userId, itemId/,
    ],
    ['another column', 'userId,itemId,score,rank\nann,a,1,1\n', {}, /unknown column rank/],
    [
      'no good row',
      'userId,itemId,score\nann,a,inf\n',
      {},
      /None of the 1 rows could be stored.*score must be .*; got "inf"/,
    ],
    [
      'too many bad ones',
      scores,
      { maxRejects: 1 },
      /Line 4: .* more than the 1 bad lines .*Nothing is stored/,
    ],
    [
      'a quote that breaks',
      'userId,itemId,score\nann,a,1\n"b',
      {},
      /quote .* never closed.*\. Nothing is stored/,
    ],
  ])('refuses %s, and keeps nothing', async (_, body, part, detail) => {
    const { store, upload, run } = await withRatings();
    await expect(run(await upload(body, { ...teacher, ...part }))).rejects.toMatchObject({
      detail: expect.stringMatching(detail),
    });
    expect(await store.externalTeachers.list()).toEqual([]);
  });

  it('only counts where that is asked', async () => {
    const { store, upload, run } = await withRatings();
    const spec = await upload(scores, { ...teacher, dryRun: true });
    expect(await run(spec)).toMatchObject({ accepted: 2, coverage: { unknownUsers: 1 } });
    expect(await store.externalTeachers.list()).toEqual([]);
  });
});

describe('what an import may take', () => {
  it('keeps as many bad lines as it may, and counts the others', async () => {
    const { store, upload, run } = await setUp();
    const spec = await upload(`${HEADER}${'ann,a,9,881250949\n'.repeat(1_000)}bob,b,5,881250949\n`);
    const result = await run(spec, { keepRejects: 150, batchRows: 100 });
    expect(result).toMatchObject({ rows: 1_001, rejected: 1_000, rejectsKept: 150, accepted: 1 });
    expect((await store.rejects.list('job-1', 1_000)).rows).toHaveLength(150);
    expect(await run(spec)).not.toHaveProperty('rejectsKept');
  });

  it('stops before it writes to a disk without room, and says how far it came', async () => {
    const { store, upload, run } = await setUp();
    const spec = await upload(`${HEADER}${ratings(30)}`);
    let looks = 0;
    const disk = {
      require: async () => {
        if (++looks > 1) throw problem('storage-full', 'The disk has 1 MiB free');
      },
    };
    await expect(run(spec, { disk, batchRows: 10 })).rejects.toMatchObject({
      code: 'storage-full',
      retryable: true,
    });
    const { rows } = await store.exports.interactions(
      undefined,
      await store.exports.newestInteraction(),
      100,
      {},
    );
    expect(rows).toHaveLength(10);
  });
});
