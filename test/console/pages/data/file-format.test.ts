import { describe, expect, it } from 'vitest';
import { beginningOf, formatOf, previewRefusal } from '../../../../src/console/pages/data/file-format.ts';

describe('formatOf', () => {
  it.each([
    ['ratings.csv', 'csv'],
    ['ratings.CSV.gz', 'csv'],
    ['yelp_dataset.tar', 'csv'],
    ['events.jsonl.zst', 'ndjson'],
    ['events.json', 'ndjson'],
    ['part-0.parquet', 'parquet'],
    ['noname', 'csv'],
  ])('%s is %s', (name, format) => {
    expect(formatOf(name)).toBe(format);
  });
});

describe('beginningOf', () => {
  it('cuts texts behind the first megabyte, and leaves Parquet whole', () => {
    const large = new Blob([new Uint8Array(2 * 2 ** 20)]);
    expect(beginningOf(large, 'csv').size).toBeGreaterThan(2 ** 20);
    expect(beginningOf(large, 'csv').size).toBeLessThan(large.size);
    expect(beginningOf(large, 'parquet')).toBe(large);
  });

  it('says where the API would refuse Parquet', () => {
    const huge = { size: 65 * 2 ** 20 } as Blob;
    expect(previewRefusal(huge, 'parquet')).toMatch(/64 MiB/);
    expect(previewRefusal(huge, 'csv')).toBeNull();
  });
});
