import { completeEvent } from '../../src/domain/data/event-type.ts';
import type { Store } from '../../src/store/store.ts';
import { interaction, item, newVersion } from '../helpers/store.ts';

/** Something in every table that a backup holds, with what is easily lost: order, deletions, times of receipt. */
export async function liveIn(store: Store): Promise<void> {
  await store.eventTypes.put(
    'stars',
    completeEvent('stars', { meaning: 'positive', scale: { min: 0, max: 10 } })!,
  );
  await store.interactions.add([
    interaction({ userId: 'zoe', itemId: 'early', timestamp: null }),
    interaction({ userId: 'ann', itemId: 'film-1', type: 'stars', value: 9.5, eventId: 'e1' }),
    interaction({ userId: 'ann', itemId: 'film-2', received: true, timestamp: 5_000 }),
    interaction({ userId: 'ann', itemId: 'film-2', received: true, timestamp: 5_000 }),
    interaction({ userId: 'bob', itemId: 'taken back', context: { page: 'search' } }),
    interaction({ userId: 'bob', itemId: 'taken back', type: 'stars', value: 1, eventId: 'e2' }),
    interaction({ userId: 'bob', itemId: 'film-1', timestamp: null, type: 'buy' }),
  ]);
  await store.catalogue.putItems([
    item('film-2', {
      title: 'Two',
      categories: ['a|b', 'c'],
      features: { year: 1999 },
      availableFrom: 7_000,
    }),
    item('film-1', { hidden: true, labels: ['x'] }),
    item('gone'),
  ]);
  await store.catalogue.deleteItem('gone');
  await store.catalogue.putUsers([{ userId: 'ann', features: { age: 3, tags: [null, 'ü'] } }]);
  await store.deletions.interactions({ itemId: 'taken back' });
  await store.deletions.user('zoe');
  const rule = { items: ['film-1'], categories: [], model: null, position: 1, factor: null, amount: null };
  await store.rules.add(
    { id: 'rule_2', action: 'pin', ...rule, from: null, until: 9_000, createdAt: 4_000 },
    10,
  );
  await store.schedules.create({
    id: 'sch_1',
    name: 'nightly',
    cron: '0 3 * * *',
    timeZone: 'Europe/Berlin',
    job: { type: 'distillation', model: 'movies', spec: { model: 'movies' }, keyId: 'k' },
    nextAt: 1,
  });
  await store.schedules.create({
    id: 'sch_2',
    afterInteractions: 3,
    job: { type: 'distillation', model: 'movies', spec: { model: 'movies' } },
    nextAt: null,
  });
  await store.models.setDefault('items', 'movies');
}

export async function publish(store: Store): Promise<void> {
  await store.models.publish(newVersion({ jobId: 'job-1', artifact: 'models/movies/job-1' }), 'stable');
  await store.models.publish(newVersion({ jobId: 'job-2', artifact: 'models/movies/job-2' }), 'next');
}
