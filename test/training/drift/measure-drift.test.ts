import path from 'node:path';
import { expect, it } from 'vitest';
import { usuallyMeant } from '../../../src/domain/data/weighting.ts';
import { type DriftSources, measureDrift } from '../../../src/training/drift/measure-drift.ts';
import { blockRows } from '../../helpers/data.ts';
import { testEngine } from '../../helpers/engine.ts';
import { interaction, openStore, temporaryFolder } from '../../helpers/store.ts';
import { run } from '../run-job.ts';

it('measures a version and its teacher on what they have not learned from', async () => {
  const job = await run();
  const store = await openStore(path.join(await temporaryFolder(), 'test.db'));
  const sources: DriftSources = {
    store,
    artifacts: job.artifacts as never,
    engine: testEngine,
    installed: usuallyMeant,
    now: Date.now(),
  };
  expect(await measureDrift('blocks', 100, sources)).toMatchObject({
    version: null,
    notes: ['No version of blocks is live.'],
  });
  await store.models.publish(job.version, 'stable');
  expect(await measureDrift('blocks', 100, sources)).toMatchObject({
    ...{ version: 1, sampled: 0, ndcg: null, popularityShare: null },
    notes: [expect.stringMatching(/^Not enough data: 0 users did something lately, and 10 are needed/)],
  });
  await store.interactions.add(
    blockRows().map(({ user, item, type = 'click', timestamp = null }) =>
      interaction({ userId: user, itemId: item, type, timestamp }),
    ),
  );
  // Two of the twelve pairs of each of the 24 users were its test: the items of the own block that are left.
  const fine = await measureDrift('blocks', 100, sources);
  expect(fine).toMatchObject({ version: 1, sampled: 24, users: 24, pairs: 48, notes: [] });
  expect(fine).toMatchObject({ popularityShare: 0, unknownItems: 0 });
  expect(fine.teacherNdcg!.value).toBeGreaterThan(0.8);
  expect(fine.ndcg!.value).toBeGreaterThan(0.8);
  expect(fine.ndcgRetained!.value).toBeCloseTo(fine.ndcg!.value / fine.teacherNdcg!.value, 6);
  expect(fine.overlap!.value).toBeGreaterThan(0.4);
  expect(fine.overlap!.high).toBeLessThanOrEqual(1);
  expect((await measureDrift('blocks', 12, sources)).sampled).toBe(12);

  // As many users come with items that are new to it, and everybody takes two of these.
  const users = [...new Set(blockRows().map(({ user }) => user))];
  const taken = ['new-1', 'new-2'].flatMap((itemId) =>
    users.map((userId) => interaction({ userId, itemId })),
  );
  const others = users.flatMap((user) =>
    ['new-1', 'new-3'].map((itemId) => interaction({ userId: `${user}!`, itemId })),
  );
  await store.interactions.add([...taken, ...others]);
  const drifted = await measureDrift('blocks', 100, sources);
  expect(drifted).toMatchObject({
    sampled: 48,
    users: 24,
    pairs: 96,
    popularityShare: 0.5,
    unknownItems: 0.5,
  });
  expect(drifted.ndcg!.value).toBeLessThan(fine.ndcg!.value);

  // A version of which nobody stored the teacher is measured by itself.
  for (const key of job.artifacts.files.keys())
    if (key.includes('/teacher/')) job.artifacts.files.delete(key);
  expect(await measureDrift('blocks', 100, sources)).toMatchObject({
    ndcg: drifted.ndcg,
    ...{ teacherNdcg: null, ndcgRetained: null, overlap: null },
    notes: [expect.stringContaining('none is stored with the version')],
  });
});
