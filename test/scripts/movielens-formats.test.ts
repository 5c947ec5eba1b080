import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { fromGroupLens, fromRecBole } from '../../scripts/demo/movielens-formats.mjs';
import { synthetic } from '../../scripts/demo/synthetic.mjs';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'stillhouse-movielens-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const expected = {
  items: [
    {
      itemId: '1',
      title: 'Misérables, Les (1995)',
      categories: ['Drama', 'Musical'],
      features: { year: 1995 },
    },
    { itemId: '267', title: 'unknown', categories: [], features: {} },
  ],
  users: [{ userId: '1', features: { age: 24, gender: 'M', occupation: 'technician' } }],
  ratings: 'userId,itemId,rating,timestamp\n196,1,3,881250949\n1,267,5,891717742\n',
  ratingCount: 2,
};

it("reads GroupLens's own files, which are in Latin-1", async () => {
  const flags = (on: number[]) => Array.from({ length: 19 }, (_, i) => (on.includes(i) ? 1 : 0)).join('|');
  mkdirSync(path.join(folder, 'ml-100k'));
  const write = (name: string, text: string) =>
    writeFileSync(path.join(folder, 'ml-100k', name), text, 'latin1');
  write(
    'u.item',
    `1|Misérables, Les (1995)|01-Jan-1995||http://x|${flags([8, 12])}\n267|unknown||||${flags([0])}\n`,
  );
  write('u.user', '1|24|M|technician|85711\n');
  write('u.data', '196\t1\t3\t881250949\n1\t267\t5\t891717742\n');
  expect(await fromGroupLens(folder)).toEqual(expected);
});

it("reads RecBole's form of the same data", async () => {
  const write = (name: string, text: string) => writeFileSync(path.join(folder, name), text);
  write(
    'ml-100k.item',
    'item_id:token\tmovie_title:token_seq\trelease_year:token\tclass:token_seq\n1\tMisérables, Les\t1995\tDrama Musical\n267\tunknown\t\tunknown\n',
  );
  write(
    'ml-100k.user',
    'user_id:token\tage:token\tgender:token\toccupation:token\tzip_code:token\n1\t24\tM\ttechnician\t85711\n',
  );
  write(
    'ml-100k.inter',
    'user_id:token\titem_id:token\trating:float\ttimestamp:float\n196\t1\t3\t881250949\n1\t267\t5\t891717742\n',
  );
  expect(await fromRecBole(folder)).toEqual(expected);
});

it('makes up the same data for the same seed, in the form that the service imports', () => {
  const data = synthetic(7, { users: 20, items: 50, perUser: 10 });
  expect(synthetic(7, { users: 20, items: 50, perUser: 10 })).toEqual(data);
  expect(synthetic(8, { users: 20, items: 50, perUser: 10 })).not.toEqual(data);
  const lines = data.ratings.trimEnd().split('\n');
  expect(lines[0]).toBe('userId,itemId,rating,timestamp');
  expect(lines).toHaveLength(data.ratingCount + 1);
  expect(lines.slice(1).every((line) => /^\d+,\d+,[1-5],\d+$/.test(line))).toBe(true);
});
