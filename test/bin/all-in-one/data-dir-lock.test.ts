import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { lockDataDir } from '../../../src/bin/all-in-one/data-dir-lock.ts';
import { temporaryFolder } from '../../helpers/store.ts';

it.each([
  ['of a process that is gone', '{"pid":999999999,"mark":"x"}'],
  ['of a process whose number another one has now', `{"pid":${process.pid},"mark":"another start"}`],
  ['that nobody can read', 'garbage'],
])('a lock %s is taken over, and is gone when it is released', async (_, content) => {
  const folder = await temporaryFolder();
  const file = path.join(folder, 'stillhouse.lock');
  writeFileSync(file, content);
  const lock = lockDataDir(folder);
  expect(lock.wasStale).toBe(true);
  expect(JSON.parse(readFileSync(file, 'utf8')).pid).toBe(process.pid);
  lock.release();
  expect(existsSync(file)).toBe(false);
});

it('a lock of a process that lives is refused, with its number, and left alone', async () => {
  const folder = await temporaryFolder();
  const lock = lockDataDir(folder);
  expect(lock.wasStale).toBe(false);
  const content = readFileSync(path.join(folder, 'stillhouse.lock'), 'utf8');
  expect(() => lockDataDir(folder)).toThrow(`Another Stillhouse (process ${process.pid}) uses ${folder}`);
  expect(readFileSync(path.join(folder, 'stillhouse.lock'), 'utf8')).toBe(content);
});
