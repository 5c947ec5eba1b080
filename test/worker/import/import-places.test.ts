import { once } from 'node:events';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createSecrets } from '../../../src/core/secrets.ts';
import type { ImportSpec } from '../../../src/domain/data/import.ts';
import { readFile } from '../../../src/ingest/read-file.ts';
import { findFiles, type ImportPlaces } from '../../../src/worker/import/import-places.ts';
import { openImportSource } from '../../../src/worker/import/import-source.ts';
import { temporaryFolder } from '../../helpers/store.ts';

const { signal } = new AbortController();
const SPEC: ImportSpec = { type: 'import', kind: 'interactions', format: 'csv' };
const NO_UPLOADS = { open: () => Promise.reject(new Error('nothing was uploaded')) };
const places = (part: Partial<ImportPlaces>): ImportPlaces => ({
  ...{ artifacts: NO_UPLOADS, importUrls: [], importDir: undefined },
  ...part,
});

async function folderOf(files: Record<string, string | Buffer>) {
  const importDir = await temporaryFolder();
  for (const [name, text] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(importDir, name)), { recursive: true });
    await writeFile(path.join(importDir, name), text);
  }
  return importDir;
}

describe('a path of many files', () => {
  const find = async (part: Partial<ImportSpec>) => {
    const importDir = await folderOf({
      'march/b.csv': '',
      'march/a.csv': '',
      'march/a.csv.gz': '',
      'march/c1.tsv': '',
      'march/c12.tsv': '',
      'march/readme.txt': '',
      'march/.hidden.csv': '',
      'march/deeper/d.csv': '',
      'top.csv': '',
      'a[1].csv': '',
    });
    await symlink('/etc', path.join(importDir, 'away'));
    const found = await findFiles(places({ importDir }), { ...SPEC, ...part }, signal);
    return found.map(({ name }) => name);
  };

  it.each([
    [{ path: 'march' }, ['march/a.csv', 'march/a.csv.gz', 'march/b.csv', 'march/c1.tsv', 'march/c12.tsv']],
    [{ path: 'march/*.csv' }, ['march/a.csv', 'march/b.csv']],
    [{ path: 'march', files: '*.gz' }, ['march/a.csv.gz']],
    [{ path: 'march/', files: 'b.csv|*.gz' }, ['march/a.csv.gz', 'march/b.csv']],
    [{ path: 'march/c?.tsv' }, ['march/c1.tsv']],
    [{ path: './march/../*.csv' }, ['a[1].csv', 'top.csv']],
    [{ path: 'top.csv' }, ['top.csv']],
    [{ path: 'a[1].csv' }, ['a[1].csv']],
  ])('%j is %j', async (part, wanted) => {
    expect(await find(part)).toEqual(wanted);
  });

  it.each([
    [{ path: 'march/*.json' }, 'invalid-job', /No file in march matches \*\.json/],
    [{ path: 'march', files: '*.xml' }, 'invalid-job', /No file in march matches \*\.xml/],
    [{ path: 'april/*.csv' }, 'invalid-job', /april cannot be read in IMPORT_DIR/],
    [{ path: '*/a.csv' }, 'invalid-job', /\*\/a\.csv cannot be read/],
    [{ path: '../*' }, 'source-not-allowed', /is not within IMPORT_DIR/],
    [{ path: 'away/*' }, 'source-not-allowed', /away is not within IMPORT_DIR/],
  ])('%j is refused as %s', async (part, code, detail) => {
    await expect(find(part)).rejects.toMatchObject({ code, detail: expect.stringMatching(detail) });
  });

  it('is refused where no folder is set', async () => {
    await expect(findFiles(places({}), { ...SPEC, path: '*.csv' }, signal)).rejects.toMatchObject({
      code: 'source-not-allowed',
    });
  });
});

describe('Parquet', () => {
  const file = (users: string[]) =>
    Buffer.from(
      parquetWriteBuffer({
        columnData: [
          { name: 'userId', data: users, type: 'STRING' },
          { name: 'itemId', data: users.map(() => 7n), type: 'INT64' },
        ],
      }),
    );
  const read = async (spec: ImportSpec, part: Partial<ImportPlaces>) => {
    const source = await openImportSource(places(part), spec, signal);
    const users: unknown[] = [];
    for await (const each of source.files)
      for await (const rows of readFile(each, spec, {}, undefined))
        for (const row of rows) users.push('raw' in row ? (row.raw as { userId: string }).userId : row);
    return users;
  };
  const parquet: ImportSpec = { ...SPEC, format: 'parquet', interactionType: 'view' };

  it('is read from the files of a folder in the order of their names', async () => {
    const importDir = await folderOf({
      'part-1.parquet': file(['cy']),
      'part-0.parquet': file(['ann', 'bob']),
      'part-2.csv': 'userId,itemId\n',
    });
    expect(await read({ ...parquet, path: 'part-*.parquet' }, { importDir })).toEqual(['ann', 'bob', 'cy']);
    await expect(read({ ...parquet, path: '*' }, { importDir })).rejects.toMatchObject({
      code: 'invalid-rows',
      detail: expect.stringMatching(/The file is no Parquet: .* say format=csv/),
    });
  });

  it('is read from an address', async () => {
    const server = createServer((_, response) => void response.end(file(['dan']))).listen(0, '127.0.0.1');
    onTestFinished(() => void server.close());
    await once(server, 'listening');
    const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    expect(await read({ ...parquet, url: `${base}x.parquet` }, { importUrls: [base] })).toEqual(['dan']);
  });
});

describe('the query of an address', () => {
  const secrets = createSecrets('a'.repeat(32));
  const serve = async () => {
    const asked: string[] = [];
    const server = createServer(({ url = '' }, response) => {
      asked.push(url);
      if (url.startsWith('/moved')) response.writeHead(302, { location: '/gone.csv?token=t0ken' }).end();
      else response.writeHead(url.startsWith('/a.csv') ? 200 : 404).end('x');
    }).listen(0, '127.0.0.1');
    onTestFinished(() => void server.close());
    await once(server, 'listening');
    const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    return { asked, base, spec: { ...SPEC, url: `${base}a.csv`, sealedQuery: secrets.seal('?sig=s3cret') } };
  };

  it('is sent, although it is stored encrypted alone', async () => {
    const { asked, base, spec } = await serve();
    const [file] = await findFiles(places({ importUrls: [base], secrets }), spec, signal);
    expect(file!.name).toBe('/a.csv');
    expect(asked).toEqual(['/a.csv?sig=s3cret']);
  });

  it('stands in no sentence about what went wrong, nor do those of redirects', async () => {
    const { base, spec } = await serve();
    const why = async (url: string, importUrls = [base]) =>
      findFiles(places({ importUrls, secrets }), { ...spec, url }, signal).then(
        () => 'it was found',
        (error: { detail: string }) => error.detail,
      );
    expect(await why(`${base}b.csv`)).toBe(`${base}b.csv answered with status 404`);
    expect(await why(`${base}moved`)).toBe(`${base}gone.csv answered with status 404`);
    expect(await why(`${base}a.csv`, [`${base}data/`])).toBe(`${base}a.csv is not under one of IMPORT_URLS`);
    expect(await why('http://127.0.0.1:1/a.csv', ['http://127.0.0.1:1/'])).not.toContain('s3cret');
  });

  it('is of no use to a worker with another key, which is told why', async () => {
    const { base, spec } = await serve();
    for (const other of [undefined, createSecrets('b'.repeat(32))]) {
      await expect(
        findFiles(places({ importUrls: [base], secrets: other }), spec, signal),
      ).rejects.toMatchObject({
        code: 'invalid-job',
        detail: expect.stringMatching(/same SECRETS_KEY/),
      });
    }
  });
});
