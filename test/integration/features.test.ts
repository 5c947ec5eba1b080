import { expect, it, onTestFinished } from 'vitest';
import { eventually } from '../helpers/eventually.ts';
import { GROUPS, groupOf, groupRows } from '../helpers/groups.ts';
import { startService } from '../helpers/service.ts';

/** An embedding near those of a group's other items. */
function near(group: (typeof GROUPS)[number], n: number): number[] {
  const side = group === 'left' ? 1 : -1;
  return [5 + side, 5 - side, 5, 5].map((value, k) => value + 0.2 * Math.sin(7 * n + k));
}

it('over HTTP, users and items that came after training are served from what is said of them', async () => {
  const service = await startService();
  onTestFinished(() => service.dispose());
  const rows = groupRows();
  const interactions = rows.map(({ user, item, timestamp }) => ({
    userId: user,
    itemId: item,
    type: 'click',
    timestamp: new Date(timestamp!).toISOString(),
  }));
  await service.send('POST', '/interactions', { interactions });
  const ids = (of: 'user' | 'item') => [...new Set(rows.map((row) => row[of]))];
  await service.send('POST', '/items', {
    items: ids('item').map((itemId, i) => ({
      itemId,
      categories: [groupOf(itemId)],
      features: { embedding: near(groupOf(itemId), i) },
    })),
  });
  await service.send('POST', '/users', {
    users: ids('user').map((userId) => ({ userId, features: { likes: groupOf(userId) } })),
  });
  const job = {
    model: 'groups',
    features: { items: ['categories', 'embedding'], users: ['likes'] },
    teacher: { kind: 'softmax', hidden: [32], epochs: 12, batchSize: 8, learningRate: 0.02 },
    student: { kind: 'fold-in', dimensions: 4 },
    distillation: { epochs: 60, batchSize: 8 },
    evaluation: { refit: false },
  };
  const refused = await service.send('POST', '/jobs', { ...job, task: 'sequential' });
  expect(refused).toMatchObject({ status: 422, body: { code: 'invalid-job' } });
  const { body } = await service.send('POST', '/jobs', job);
  expect(await service.finished(body.id)).toMatchObject({ state: 'succeeded' });
  await eventually('version 1 is live', async () => {
    const { body: version } = await service.send('GET', '/models/groups/versions/1');
    return version.serving?.state === 'live';
  });

  for (const group of GROUPS) {
    const isOwn = ({ itemId }: { itemId: string }) => groupOf(itemId) === group;
    const visitor = await service.send('POST', '/recommend', { k: 10, userFeatures: { likes: group } });
    expect(visitor.body).toMatchObject({ source: 'student', userId: null });
    expect(visitor.body.items.filter(isOwn)).toEqual(visitor.body.items);

    const userId = `someone new ${group}`;
    const unknown = await service.send('GET', `/recommend/${encodeURIComponent(userId)}`);
    expect(unknown.body.source).toBe('popularity');
    await service.send('PUT', `/users/${encodeURIComponent(userId)}`, { features: { likes: group } });
    const known = await service.send('GET', `/recommend/${encodeURIComponent(userId)}`);
    expect(known.body.source).toBe('student');
    expect(known.body.items.every(isOwn)).toBe(true);
    const ranked = await service.send('POST', '/rank', { userId, items: ['left 00', 'right 00'] });
    expect(ranked.body).toMatchObject({ source: 'student', items: [{ itemId: `${group} 00` }, {}] });
  }

  for (const group of GROUPS) {
    const [itemId, embedded] = [`${group} brand new`, `${group} embedded`];
    await service.send('PUT', `/items/${encodeURIComponent(itemId)}`, { categories: [group], title: 'New' });
    // Of this one nothing is known but that its embedding is near those of the group.
    await service.send('PUT', `/items/${encodeURIComponent(embedded)}`, {
      features: { embedding: near(group, 1000) },
    });
    for (const wanted of [itemId, embedded]) {
      await eventually(`${wanted} is recommended`, async () => {
        const path = `/recommend/${encodeURIComponent(`${group} user 3`)}?k=14`;
        const { body } = await service.send('GET', path);
        return body.items.some((item: { itemId: string }) => item.itemId === wanted);
      });
    }
    const alike = await service.send('GET', `/similar/${encodeURIComponent(embedded)}?k=5`);
    expect(alike.body.items.map((item: { itemId: string }) => groupOf(item.itemId))).toEqual(
      Array(5).fill(group),
    );
  }
  const embeddings = { userId: 'right user 3', items: ['left embedded', 'right embedded'] };
  const byEmbedding = await service.send('POST', '/rank', embeddings);
  expect(byEmbedding.body.items[0]).toMatchObject({ itemId: 'right embedded' });
  const both = { userId: 'right user 3', items: ['left brand new', 'right brand new'] };
  const ranked = await service.send('POST', '/rank', both);
  expect(ranked.body).toMatchObject({ items: [{ itemId: 'right brand new' }, {}], unknown: [] });
  const similar = await service.send('GET', `/similar/${encodeURIComponent('left brand new')}?k=5`);
  expect(similar.body.items.map(({ itemId }: { itemId: string }) => groupOf(itemId))).toEqual(
    Array(5).fill('left'),
  );
});
