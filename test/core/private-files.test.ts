import { chmod, mkdir, readlink, stat, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { makePrivateFiles, tighten } from '../../src/core/private-files.ts';
import { temporaryFolder } from '../helpers/store.ts';

const modeOf = async (file: string) => ((await stat(file)).mode & 0o777).toString(8);

it('new files are for their owner alone, and the folder is closed at once', async () => {
  const before = process.umask();
  onTestFinished(() => void process.umask(before));
  const dataDir = path.join(await temporaryFolder(), 'data');
  await mkdir(dataDir, { mode: 0o755 });
  makePrivateFiles(dataDir);
  await mkdir(path.join(dataDir, 'artifacts'));
  await writeFile(path.join(dataDir, 'artifacts', 'a'), '');
  expect(await modeOf(dataDir)).toBe('700');
  expect(await modeOf(path.join(dataDir, 'artifacts'))).toBe('700');
  expect(await modeOf(path.join(dataDir, 'artifacts', 'a'))).toBe('600');
});

it('files of before lose the rights of others, and nothing behind a link does', async () => {
  const folder = await temporaryFolder();
  const dataDir = path.join(folder, 'data');
  await mkdir(path.join(dataDir, 'deep', 'er'), { recursive: true });
  const outside = path.join(folder, 'outside');
  for (const [file, mode] of [
    [outside, 0o644],
    [path.join(dataDir, 'stillhouse.db'), 0o644],
    [path.join(dataDir, 'deep', 'er', 'tool'), 0o755],
  ] as const) {
    await writeFile(file, '');
    await chmod(file, mode);
  }
  await symlink(outside, path.join(dataDir, 'link'));
  const said: object[] = [];
  const logger = { info: (line: object) => said.push(line), warn: (line: object) => said.push(line) };
  await tighten(dataDir, logger as never);
  expect(await modeOf(path.join(dataDir, 'stillhouse.db'))).toBe('600');
  expect(await modeOf(path.join(dataDir, 'deep', 'er'))).toBe('700');
  expect(await modeOf(path.join(dataDir, 'deep', 'er', 'tool'))).toBe('700');
  expect(await modeOf(outside)).toBe('644');
  expect(await readlink(path.join(dataDir, 'link'))).toBe(outside);
  expect(said).toEqual([{ changed: 5, dataDir }]);
  await tighten(dataDir, logger as never);
  expect(said).toHaveLength(1);
});

it('what cannot be changed is said once, and does not stop the start', async () => {
  const said: object[] = [];
  const logger = { info: (line: object) => said.push(line), warn: (line: object) => said.push(line) };
  const dataDir = path.join(await temporaryFolder(), 'x'.repeat(300));
  await tighten(dataDir, logger as never);
  expect(said).toMatchObject([{ left: 1, first: expect.stringMatching(/ENAMETOOLONG/) }]);
});
