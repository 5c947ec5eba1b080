import path from 'node:path';
import { expect, it } from 'vitest';
import { runReleaseKills } from '../../bench/chaos/release-kills.ts';
import { temporaryFolder } from '../helpers/store.ts';

it('aliases, versions and artifacts stay whole when who works on them is killed', async () => {
  const folder = await temporaryFolder();
  const result = await runReleaseKills({
    folder,
    databaseUrl: `sqlite:${path.join(folder, 'test.db')}`,
    kills: 2,
    seed: 3,
  });
  expect(result.faults).toEqual([]);
  expect(result.moves).toBeGreaterThan(0);
});
