import { expect, it } from 'vitest';
import { liveOf } from '../../../../src/console/pages/overview/live-of.ts';
import type { ModelVersion } from '../../../../src/domain/answers/model.ts';

const versionOf = (version: number, state: 'live' | 'idle' | 'refused') =>
  ({ version, serving: { state } }) as ModelVersion;

it('takes the stable version of each model, not those that were only looked at', () => {
  const models: Parameters<typeof liveOf>[0] = [
    { name: 'strange', aliases: { stable: 3, candidate: 4 }, versions: [versionOf(4, 'idle')] },
    { name: 'never-live', aliases: { candidate: 1 }, versions: [versionOf(1, 'idle')] },
  ];
  const loaded = [
    { model: 'strange', version: 1 },
    { model: 'strange', version: 3 },
    { model: 'never-live', version: 1 },
  ];
  expect(liveOf(models, loaded)).toEqual([{ model: 'strange', version: 3 }]);
});

it('takes the version that stands in for a refused one, and none where nothing answers', () => {
  const refused = versionOf(3, 'refused');
  const loaded = [
    { model: 'films', version: 1 },
    { model: 'films', version: 2 },
    { model: 'books', version: 1 },
  ];
  const models: Parameters<typeof liveOf>[0] = [
    {
      name: 'films',
      aliases: { stable: 3 },
      versions: [refused, versionOf(2, 'live'), versionOf(1, 'idle')],
    },
    { name: 'books', aliases: { stable: 3 }, versions: [refused, versionOf(1, 'idle')] },
  ];
  expect(liveOf(models, loaded)).toEqual([{ model: 'films', version: 2 }]);
});
