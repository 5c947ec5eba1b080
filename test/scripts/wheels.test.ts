import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { unpackWheel } from '../../scripts/setup/wheels.mjs';

let cache: string;

beforeEach(async () => {
  cache = await mkdtemp(join(tmpdir(), 'wheels-'));
  vi.stubEnv('STILLHOUSE_CACHE', cache);
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(cache, { recursive: true, force: true });
});

test('a file with another sha256 is refused and leaves nothing behind', async () => {
  const file = join(cache, 'example.whl');
  await writeFile(file, 'not what was pinned');
  const wheel = { requirement: 'example==1.0', sha256: '0'.repeat(64), members: ['example/'] };

  await expect(unpackWheel(file, wheel, join(cache, 'wheels/example'))).rejects.toThrow(
    /example==1\.0 was refused: its sha256 is [0-9a-f]{64}, not 0{64}/,
  );
  expect(await readdir(cache)).toEqual(['example.whl']);
});
