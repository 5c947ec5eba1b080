import { expect, it } from 'vitest';
import { queryOf, withoutQuery } from '../../../src/domain/data/import-address.ts';

it.each([
  ['https://a/b.csv', 'https://a/b.csv', ''],
  ['https://a/b.csv?sig=x&y=%3F', 'https://a/b.csv', '?sig=x&y=%3F'],
  ['https://a/b.csv?sig=x?y#part', 'https://a/b.csv', '?sig=x?y'],
  ['https://a/b.csv#part?sig', 'https://a/b.csv', ''],
  ['https://a/b.csv?sig=\nx', 'https://a/b.csv', '?sig=\nx'],
])('%j is %j and the query %j', (url, address, query) => {
  expect([withoutQuery(url), queryOf(url)]).toEqual([address, query]);
});
