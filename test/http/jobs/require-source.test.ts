import { expect, it } from 'vitest';
import { requireSource } from '../../../src/http/jobs/require-source.ts';

const SETTINGS = { importDir: '/data/in', importUrls: ['s3://lake/events', 'https://example.com/'] };
const ask = (parquet: string, settings: Parameters<typeof requireSource>[0] = SETTINGS) =>
  requireSource(settings, { dataset: { source: { parquet } } });

it.each([
  'a.parquet',
  'march/*.parquet',
  '..a/b.parquet',
  'x/../a.parquet',
  '/data/in/a.parquet',
  's3://lake/events/*.parquet',
])('lets %s pass without a word', (parquet) => {
  expect(ask(parquet)).toEqual([]);
});

it.each([
  ['../a.parquet', 'source-not-allowed', /^dataset\.source\.parquet must be within IMPORT_DIR; got \.\./],
  ['x/../../a.parquet', 'source-not-allowed', /within IMPORT_DIR/],
  ['/etc/passwd', 'source-not-allowed', /within IMPORT_DIR/],
  ['/data/in-secret/a.parquet', 'source-not-allowed', /within IMPORT_DIR/],
  ['s3://lake/events-of-others/a.parquet', 'source-not-allowed', /below an address s3.* of IMPORT_URLS/],
  ['s3://lake/events/../a.parquet', 'source-not-allowed', /IMPORT_URLS/],
  ['https://example.com/a.parquet', 'invalid-job', /a path within IMPORT_DIR or an address s3/],
])('refuses %s as %s', (parquet, code, detail) => {
  expect(() => ask(parquet)).toThrow(
    expect.objectContaining({ code, detail: expect.stringMatching(detail) }),
  );
});

it('says where only a worker can know, and refuses what no folder of a worker can hold', () => {
  for (const parquet of ['a.parquet', '/lake/a.parquet'])
    expect(ask(parquet, {})).toEqual([expect.stringMatching(/IMPORT_DIR is not set for this api/)]);
  expect(() => ask('../a.parquet', {})).toThrow(expect.objectContaining({ code: 'source-not-allowed' }));
  expect(() => ask('s3://lake/a.parquet', {})).toThrow(
    expect.objectContaining({ code: 'source-not-allowed' }),
  );
  expect(requireSource({}, {})).toEqual([]);
});
