import { expect, it } from 'vitest';
import type { RegisteredVersion } from '../../../src/domain/answers/model.ts';
import { completeDistillation } from '../../../src/domain/jobs/complete-distillation.ts';
import { findLive, type LiveSources } from '../../../src/training/live/find-live.ts';
import { createLiveFate } from '../../../src/training/run/live-fate.ts';
import { newVersion } from '../../helpers/store.ts';

const version = (number: number, ...aliases: string[]): RegisteredVersion => ({
  ...newVersion({ jobId: `job-${number}` }),
  ...{ version: number, createdAt: '', aliases },
});

/** Versions 2 and 3 are students of the request of job-2, and 3 has taken the alias from 2. */
async function find(contest: string | undefined, before: RegisteredVersion[]) {
  const live = createLiveFate();
  const models = {
    names: async () => ['movies'],
    versions: async () => [version(1), version(2), version(3, 'stable')],
    contestants: async (of: string) => (of === 'job-2' ? [version(2), version(3)] : []),
    before: async () => before,
  };
  const found = await findLive({
    ...{ spec: completeDistillation({ model: 'movies' }), live, warn() {} },
    ...(contest !== undefined && { contest }),
    store: { models } as unknown as LiveSources['store'],
    artifacts: {} as LiveSources['artifacts'],
  });
  return [found?.version, live.report()?.version];
}

it('is the version that was live before any student of the same request', async () => {
  const before = [version(2), version(1)];
  expect(await find(undefined, before)).toEqual([3, 3]);
  expect(await find('job-9', before)).toEqual([3, 3]);
  expect(await find('job-2', before)).toEqual([1, 1]);
  expect(await find('job-2', [version(2)])).toEqual([undefined, undefined]);
});
