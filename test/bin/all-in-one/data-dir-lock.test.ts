import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { lockDataDir } from '../../../src/bin/all-in-one/data-dir-lock.ts';
import { temporaryFolder } from '../../helpers/store.ts';

const CHILD = path.join(import.meta.dirname, 'lock-child.mjs');
/** A process tree that sees no others, as in a container of its own. */
const APART = ['--user', '--map-root-user', '--pid', '--fork', '--mount-proc', '--kill-child'];
const canPart = spawnSync('unshare', [...APART, 'true']).status === 0;
const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

/** Starts a process that wants the folder. @returns it, and what it says */
async function want(folder: string, isApart = false) {
  const node = [process.execPath, CHILD, folder];
  const [command, ...args] = isApart ? ['unshare', ...APART, ...node] : node;
  const child = spawn(command!, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  const [said] = await once(child.stdout!, 'data');
  return { child, said: JSON.parse(String(said)) as { pid?: number; wasStale?: boolean; refused?: string } };
}

it('one process has the folder, whoever comes later is told who, and kill -9 frees it', async () => {
  const folder = await temporaryFolder();
  const first = await want(folder);
  expect(first.said).toEqual({ pid: first.child.pid, wasStale: false });
  const refused = `Another Stillhouse (process ${first.child.pid} on ${os.hostname()}) uses ${folder}: stop it, or set another DATA_DIR and PORT.`;
  expect((await want(folder)).said).toEqual({ refused });
  expect(() => lockDataDir(folder)).toThrow(refused);
  // Looking at it has not freed it.
  expect((await want(folder)).said).toEqual({ refused });
  first.child.kill('SIGKILL');
  await once(first.child, 'exit');
  const next = lockDataDir(folder);
  expect(next.wasStale).toBe(true);
  expect((await want(folder)).said.refused).toContain(`process ${process.pid} on`);
  next.release();
  expect(existsSync(path.join(folder, 'stillhouse.lock'))).toBe(false);
  const last = lockDataDir(folder);
  expect(last.wasStale).toBe(false);
  last.release();
});

it.runIf(canPart)('processes that cannot see each other, as in two containers on one volume', async () => {
  const folder = await temporaryFolder();
  const first = await want(folder, true);
  // Both are process 1 of their own, and neither finds the other in its /proc.
  expect(first.said).toEqual({ pid: 1, wasStale: false });
  expect((await want(folder, true)).said.refused).toContain(`process 1 on ${os.hostname()}`);
  expect(() => lockDataDir(folder)).toThrow('Another Stillhouse');
  first.child.kill('SIGKILL');
  await once(first.child, 'exit');
  await expect
    .poll(async () => (await want(folder, true)).said, { timeout: 20_000 })
    .toMatchObject({ pid: 1 });
});
if (!canPart) it.skip('processes that cannot see each other: NOT RUN, unshare may not make namespaces here');

it.each([
  ['of an earlier release', '{"pid":999999999,"mark":"x"}'],
  ['that nobody can read', 'garbage'],
])('the note of an owner %s is written over', async (_, content) => {
  const folder = await temporaryFolder();
  const file = path.join(folder, 'stillhouse.lock');
  writeFileSync(file, content);
  const lock = lockDataDir(folder);
  expect(lock.wasStale).toBe(true);
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({ pid: process.pid, host: os.hostname() });
  lock.release();
});

it('a file that is no lock is named', async () => {
  const folder = await temporaryFolder();
  writeFileSync(path.join(folder, 'stillhouse.lock.db'), 'garbage that is no database'.repeat(100));
  expect(() => lockDataDir(folder)).toThrow(
    /stillhouse\.lock\.db cannot be locked \(.+\): see to its rights/,
  );
});
