import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { createDisk } from '../../src/core/disk.ts';

const MIB = 2 ** 20;

it('the disk with the least room counts, and is looked at once within a second', async () => {
  let [time, looks] = [0, 0];
  const room: Record<string, number> = { data: 900 * MIB, artifacts: 700 * MIB };
  const free = async (folder: string) => {
    looks++;
    return room[folder]!;
  };
  const disk = createDisk(['data', 'artifacts'], 512 * MIB, { now: () => time, free });
  expect(await disk.look()).toEqual({ freeBytes: 700 * MIB, leastBytes: 512 * MIB, isLow: false });
  await disk.require();
  room.artifacts = 400 * MIB;
  await disk.require();
  expect(looks).toBe(2);
  time = 1_001;
  await expect(disk.require()).rejects.toMatchObject({
    code: 'storage-full',
    status: 507,
    detail: expect.stringContaining('has 400 MiB free, and MIN_FREE_DISK_MIB asks for 512'),
  });
});

it('a folder that is not there yet will be on the disk of its parents', async () => {
  const { freeBytes } = await createDisk([path.join(tmpdir(), 'not', 'there')], 0).look();
  expect(freeBytes).toBeGreaterThan(0);
});
