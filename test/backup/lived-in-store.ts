import type { NewVersion } from '../../src/domain/answers/model.ts';
import { completeEvent } from '../../src/domain/data/event-type.ts';
import type { StoredKey } from '../../src/store/keys/contract.ts';
import type { Store } from '../../src/store/store.ts';
import { interaction, item, newVersion } from '../helpers/store.ts';

/**
 * Something in every table that a backup without models holds, with what is easily lost: order, deletions, times of
 * receipt.
 */
export async function liveIn(store: Store): Promise<void> {
  await store.eventTypes.put(
    'stars',
    completeEvent('stars', { meaning: 'positive', scale: { min: 0, max: 10 } })!,
  );
  await store.interactions.add([
    interaction({ userId: 'zoe', itemId: 'early', timestamp: null }),
    interaction({
      userId: 'ann',
      itemId: 'film-1',
      type: 'stars',
      value: 9.5,
      eventId: 'e1',
      context: { page: 'home' },
    }),
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
      availableUntil: Date.parse('2090-01-01T00:00:00Z'),
    }),
    item('film-1', { hidden: true, labels: ['x'] }),
    item('gone'),
  ]);
  await store.catalogue.deleteItem('gone');
  const topic = { group: 'stillhouse', topic: 'events', topicId: 'c0ffee' };
  await store.consumed.begin(topic, [
    { partition: 0, next: 0 },
    { partition: 1, next: 7 },
  ]);
  await store.catalogue.putUsers([{ userId: 'ann', features: { age: 3, tags: [null, 'ü'] } }]);
  await store.deletions.interactions({ itemId: 'taken back' });
  await store.deletions.user('zoe');
  await store.catalogue.putUsers([{ userId: 'visitor', features: { age: 2 } }]);
  await store.users.merge('visitor', 'ann');
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
  await store.keys.add(
    { ...KEY, name: 'web shop ü', origins: ['https://shop.example'], createdBy: 'boss' },
    10,
  );
  await store.keys.rotate(KEY.id, { hash: 'b'.repeat(64), at: 7_000, formerUntil: 9_000, expiresAt: 8_000 });
  await store.keys.used(new Map([[KEY.id, 7_500]]));
  await store.models.setDefault('items', 'movies');
  await store.policies.put('movies', { rotationDays: 3, maxImpressions: 2, seenTypes: ['stars'] });
  await store.policies.put('films', { seenTypes: ['buy'] });
  await store.models.setKeeps('movies', 5);
  await store.models.setKeeps('films', null);
}

/** A key that nobody has used. */
const KEY: StoredKey = {
  id: '00112233445566aa',
  name: 'key',
  scopes: ['recommend', 'events'],
  origins: [],
  hash: 'a'.repeat(64),
  createdAt: 6_000,
  createdBy: null,
  expiresAt: null,
  rotatedAt: null,
  former: null,
  lastUsedAt: null,
};

/** Three versions: one with tags and a note, one of a contest that its gate let through, one that was deleted. */
export async function publish({ models }: Store): Promise<void> {
  const version = (job: string, part: Partial<NewVersion> = {}) =>
    newVersion({ jobId: job, artifact: `models/movies/${job}`, ...part });
  await models.publish(version('job-1'), 'stable');
  await models.annotate('movies', 1, { tags: ['kept', 'ü'], note: 'before the new catalogue' });
  const gate = { comparedWith: 1, foundUnder: 'stable', rules: [], merit: 0.3 };
  const taughtBy = [{ model: 'movies', version: 1 }];
  await models.publish(version('job-2', { gate, taughtBy }), {
    ...{ alias: 'stable', isOff: false, keyId: 'key-1' },
    contest: { of: 'job-2', place: 1, choose: 'best', margin: 0.02 },
  });
  await models.publish(version('job-3'), 'trial');
  const trial = (await models.alias('movies', 'trial'))!;
  await models.removeAlias('movies', 'trial', trial, { keyId: 'key-1', reason: 'too slow' });
  await models.removeVersion('movies', 3);
}
