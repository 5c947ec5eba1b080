import { expect, it, onTestFinished } from 'vitest';
import { startService } from '../helpers/service.ts';

/** Lists of a model that was made elsewhere: five of ten items for each of ten users. */
function madeElsewhere(): string {
  const rows = Array.from({ length: 10 }, (_, u) =>
    Array.from({ length: 5 }, (_, i) => `u${u},i${(u + i) % 10},${(1 / (i + 1)).toFixed(3)}`),
  );
  return `userId,itemId,score\n${rows.flat().join('\n')}\n`;
}

it('distils from imported lists over HTTP', async () => {
  const scores = madeElsewhere();
  const service = await startService();
  onTestFinished(() => service.dispose());
  const interactions = Array.from({ length: 60 }, (_, i) => ({
    userId: `u${i % 10}`,
    itemId: `i${(i + Math.floor(i / 10)) % 10}`,
    type: 'click',
    timestamp: 1_700_000_000 + i,
  }));
  await service.send('POST', '/interactions', { interactions });
  const answer = await fetch(`${service.url}/imports?kind=teacher&format=csv&name=night-model`, {
    method: 'POST',
    body: scores,
  });
  const { id } = (await answer.json()) as { id: string };
  const imported = await service.finished(id);
  expect(imported).toMatchObject({
    state: 'succeeded',
    result: {
      rows: 50,
      accepted: 50,
      rejected: 0,
      coverage: { users: 10, shareOfUsers: 1, unknownItems: 0 },
    },
  });
  const teacher = { kind: 'external', name: 'night-model' };
  const distillation = { epochs: 3, batchSize: 8 };
  const { body } = await service.send('POST', '/jobs', {
    model: 'theirs',
    teacher,
    distillation,
    evaluation: { refit: false },
  });
  expect(await service.finished(body.id)).toMatchObject({ state: 'succeeded' });
  const report = await service.send('GET', '/models/theirs/versions/1/report');
  expect(report.body.teacherCoverage).toMatchObject({ usersWithList: 10, unknownUsers: 0 });
  expect(report.body.models[0].description).toBe('external night-model, 50 scores');
}, 70_000);
