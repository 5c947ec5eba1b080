import { expect, it, onTestFinished } from 'vitest';
import { eventually } from '../helpers/eventually.ts';
import { RATED_ITEMS, ratedRows, ratingOf } from '../helpers/rated.ts';
import { startService } from '../helpers/service.ts';

it('ratings are learnt and predicted over HTTP, for a user who comes later too', async () => {
  const service = await startService();
  onTestFinished(() => service.dispose());
  const interactions = ratedRows().map(({ user, item, type, value, timestamp }) => ({
    userId: user,
    itemId: item,
    type,
    value,
    timestamp,
  }));
  await service.send('POST', '/interactions', { interactions });
  const refused = await service.send('POST', '/jobs', {
    model: 'stars',
    task: 'rating',
    teacher: { kind: 'ease' },
  });
  expect(refused).toMatchObject({ status: 422, body: { code: 'invalid-job' } });
  const { body } = await service.send('POST', '/jobs', {
    model: 'stars',
    task: 'rating',
    teacher: { kind: 'matrix-factorization', objective: 'svd++', dimensions: 4, learningRate: 0.05 },
    student: { kind: 'fold-in', dimensions: 4 },
    distillation: { epochs: 40, batchSize: 8, learningRate: 0.03 },
    evaluation: { refit: false },
  });
  expect(await service.finished(body.id)).toMatchObject({ state: 'succeeded' });
  const report = await service.send('GET', '/models/stars/versions/1/report');
  expect(report.body).toMatchObject({ task: 'rating', scale: { low: 1, high: 5 } });
  await eventually('version 1 is live', async () => {
    const { body: version } = await service.send('GET', '/models/stars/versions/1');
    return version.serving?.state === 'live';
  });

  const opinions = [0, 1, 2, 3].map((item) => ({
    userId: 'new 🙂',
    itemId: `film/0${item}`,
    type: 'rating',
    value: ratingOf(0, item),
  }));
  await service.send('POST', '/interactions', { interactions: opinions });
  const items = Array.from({ length: RATED_ITEMS - 4 }, (_, i) => `film/${String(i + 4).padStart(2, '0')}`);
  const ranked = await service.send('POST', '/rank', { userId: 'new 🙂', items });
  expect(ranked.body).toMatchObject({ source: 'student', model: { name: 'stars', task: 'rating' } });
  for (const { itemId, score } of ranked.body.items as { itemId: string; score: number }[]) {
    expect(score > 3, `${itemId} ${score}`).toBe(ratingOf(0, Number(itemId.slice(5))) > 3);
    expect(score).toBeLessThanOrEqual(5);
  }
  const shown = await service.send('GET', `/recommend/${encodeURIComponent('new 🙂')}?k=5`);
  const rows = shown.body.items.map(({ itemId }: { itemId: string }) => Number(itemId.slice(5)));
  expect(rows.every((item: number) => item > 3 && ratingOf(0, item) > 3)).toBe(true);

  const successors = await service.send('POST', '/jobs', {
    model: 'small-stars',
    task: 'rating',
    teacher: { model: 'stars' },
    students: [2, 3].map((dimensions) => ({ kind: 'fold-in', dimensions })),
    distillation: { epochs: 2, batchSize: 8 },
    evaluation: { refit: false },
  });
  expect(successors.body.spec.teacher).toEqual({
    kind: 'stored',
    model: 'stars',
    version: 1,
    part: 'teacher',
  });
  for (const id of [successors.body.id, ...successors.body.followers]) {
    expect(await service.finished(id)).toMatchObject({ state: 'succeeded' });
  }
});
