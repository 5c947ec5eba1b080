import { describe, expect, test } from 'vitest';
import { announceWrites } from '../../../src/serving/caches/announce-writes.ts';
import { type ChangeSignal, createChanges } from '../../../src/serving/caches/changes.ts';
import { toBatch } from '../../../src/store/data/batch.ts';
import type { Store } from '../../../src/store/store.ts';
import { interaction, item, openStore, temporaryFolder } from '../../helpers/store.ts';

const ROWS = [interaction({ userId: 'ann' }), interaction({ userId: 'bob' }), interaction({ userId: 'ann' })];

const WRITES: [name: string, write: (store: Store) => Promise<unknown>, heard: unknown][] = [
  ['interactions.add', ({ interactions }) => interactions.add(ROWS), ['ann', 'bob']],
  ['interactions.addBatch', ({ interactions }) => interactions.addBatch(toBatch(ROWS)), ['ann', 'bob']],
  ['catalogue.putItems', ({ catalogue }) => catalogue.putItems([item('new')]), 'items'],
  ['catalogue.putUsers', ({ catalogue }) => catalogue.putUsers([{ userId: 'zoe', features: {} }]), ['zoe']],
  ['catalogue.changeItem', ({ catalogue }) => catalogue.changeItem('film', () => item('film')), 'items'],
  ['catalogue.changeUser', ({ catalogue }) => catalogue.changeUser('ann', (user) => user!), ['ann']],
  ['catalogue.deleteItem', ({ catalogue }) => catalogue.deleteItem('film'), 'items'],
  ['deletions.user', ({ deletions }) => deletions.user('ann'), ['ann']],
  ['deletions.interactions', ({ deletions }) => deletions.interactions({ type: 'click' }), null],
  ['deletions.expire', ({ deletions }) => deletions.expire(5000, 10), null],
];

/** A store with something in it, and what happened since: each write once it is stored, and what was announced. */
async function announced() {
  const plain = await openStore(`${await temporaryFolder()}/test.db`);
  await plain.catalogue.putItems([item('film')]);
  await plain.catalogue.putUsers([{ userId: 'ann', features: {} }]);
  const happened: unknown[] = [];
  const noted = <T extends object>(group: T): T =>
    Object.fromEntries(
      Object.entries(group).map(([name, method]) => [
        name,
        (...input: unknown[]) => method(...input).finally(() => happened.push('stored')),
      ]),
    ) as T;
  const { interactions, catalogue, deletions } = plain;
  const store = announceWrites(
    {
      ...plain,
      interactions: noted(interactions),
      catalogue: noted(catalogue),
      deletions: noted(deletions),
    },
    {
      users: (userIds) => void happened.push(userIds),
      items: () => void happened.push('items'),
      rules: () => void happened.push('rules'),
    },
  );
  return { plain, store, happened };
}

describe('a write is announced once it is stored and before it is answered:', () => {
  test.each(WRITES)('%s', async (_name, write, expected) => {
    const { store, happened } = await announced();
    await write(store);
    expect(happened).toEqual(['stored', expected]);
  });

  test.each([
    ['interactions.addBatch', ['ann', 'bob']],
    ['deletions.interactions', null],
    ['deletions.expire', null],
  ])('%s too where it fails, since part of it may be stored', async (name, expected) => {
    const { plain, store, happened } = await announced();
    await plain.close();
    const [, write] = WRITES.find(([one]) => one === name)!;
    await expect(write(store)).rejects.toThrow();
    expect(happened).toEqual(['stored', expected]);
  });
});

describe('changes', () => {
  function listen() {
    const sent: ChangeSignal[] = [];
    let lose = () => {};
    const changes = createChanges({
      publish: async (signal) => void sent.push(signal),
      subscribe: () => () => {},
      listening: () => true,
      onGap(listener) {
        lose = listener;
        return () => {};
      },
    });
    const heard: unknown[] = [];
    const leave = changes.subscribe({
      users: (userIds) => heard.push(userIds),
      items: () => heard.push('items'),
      rules: () => heard.push('rules'),
    });
    return { changes, sent, heard, leave, lose: () => lose() };
  }

  test('a gap in the signals may have been about anybody and anything', () => {
    const { heard, lose, sent } = listen();
    lose();
    expect(heard).toEqual([null, 'items', 'rules']);
    expect(sent).toEqual([]);
  });

  test('of items and rules are heard here and sent', () => {
    const { changes, heard, sent } = listen();
    changes.items();
    changes.rules();
    expect(heard).toEqual(['items', 'rules']);
    expect(sent).toEqual([{ kind: 'items' }, { kind: 'rules' }]);
  });

  test('of anybody are sent as such', () => {
    const { changes, heard, sent } = listen();
    changes.users(null);
    expect(heard).toEqual([null]);
    expect(sent).toMatchObject([{ kind: 'histories', users: null }]);
  });

  test('are not told to who has left', () => {
    const { changes, heard, leave } = listen();
    leave();
    changes.items();
    expect(heard).toEqual([]);
  });
});
