import { beforeEach, describe, expect, test } from 'vitest';
import { announceWrites, EFFECTS, type Effects } from '../../../src/serving/caches/announce-writes.ts';
import type { CatalogueStore } from '../../../src/store/data/contract.ts';
import type { Store } from '../../../src/store/store.ts';

let happened: string[];
let failure: Error | null;

const changes = {
  users: (ids: readonly string[] | null) => void happened.push(`users ${ids ?? 'all'}`),
  items: () => void happened.push('items'),
  rules: () => void happened.push('rules'),
};

/** A store all of whose methods write down that they were called. */
function recording(): Store {
  const group = (name: string) =>
    new Proxy(
      {},
      {
        ownKeys: () => Object.keys(EFFECTS[name as keyof Store] ?? {}),
        getOwnPropertyDescriptor: () => ({ enumerable: true, configurable: true }),
        get: (_target, method) => async () => {
          happened.push(`${name}.${String(method)}`);
          if (failure) throw failure;
          return `answer of ${name}`;
        },
      },
    );
  return Object.fromEntries(Object.keys(EFFECTS).map((name) => [name, group(name)])) as unknown as Store;
}

let store: Store;
beforeEach(() => {
  happened = [];
  failure = null;
  store = announceWrites(recording(), changes);
});

type Call = [method: string, call: (store: Store) => Promise<unknown>, announced: string];
const anything = {} as never;
const CAREFUL: Call[] = [
  ['interactions.add', (s) => s.interactions.add([{ userId: 'u' }, { userId: 'u' }] as never), 'users u'],
  ['catalogue.putItems', (s) => s.catalogue.putItems([]), 'items'],
  ['catalogue.putUsers', (s) => s.catalogue.putUsers([{ userId: 'u' }] as never), 'users u'],
  ['catalogue.changeItem', (s) => s.catalogue.changeItem('i', anything), 'items'],
  ['catalogue.changeUser', (s) => s.catalogue.changeUser('u', anything), 'users u'],
  ['catalogue.deleteItem', (s) => s.catalogue.deleteItem('i'), 'items'],
  ['rules.add', (s) => s.rules.add(anything, 1), 'rules'],
  ['rules.remove', (s) => s.rules.remove('r'), 'rules'],
  ['policies.put', (s) => s.policies.put('movies', {}), 'rules'],
  ['policies.remove', (s) => s.policies.remove('movies'), 'rules'],
  ['keys.add', (s) => s.keys.add(anything, 1), 'rules'],
  ['keys.rotate', (s) => s.keys.rotate('k', anything), 'rules'],
  ['keys.remove', (s) => s.keys.remove('k'), 'rules'],
  ['consumed.store', (s) => s.consumed.store({ rows: [{ userId: 'u' }] } as never), 'users u'],
  ['users.merge', (s) => s.users.merge('u', 'v'), 'users u,v'],
  ['eventTypes.put', (s) => s.eventTypes.put('wave', anything), 'users all'],
  ['eventTypes.remove', (s) => s.eventTypes.remove('wave'), 'users all'],
];
const IN_PARTS: Call[] = [
  ['interactions.addBatch', (s) => s.interactions.addBatch({ users: ['u', 'v'] } as never), 'users u,v'],
  ['deletions.user', (s) => s.deletions.user('u', ['g']), 'users u,g'],
  ['deletions.interactions', (s) => s.deletions.interactions({}), 'users all'],
  ['deletions.expire', (s) => s.deletions.expire(0, 1), 'users all'],
];

describe('a write', () => {
  test.each([...CAREFUL, ...IN_PARTS])(
    '%s is announced when it is stored',
    async (method, call, announced) => {
      expect(await call(store)).toBe(`answer of ${method.split('.')[0]}`);
      expect(happened).toEqual([method, announced]);
    },
  );

  test.each(CAREFUL)('%s that fails changes nothing, so nothing is announced', async (method, call) => {
    failure = new Error('the database is locked');
    await expect(call(store)).rejects.toBe(failure);
    expect(happened).toEqual([method]);
  });

  test.each(IN_PARTS)('%s that fails may have stored a part', async (method, call, announced) => {
    failure = new Error('the database is locked');
    await expect(call(store)).rejects.toBe(failure);
    expect(happened).toEqual([method, announced]);
  });
});

test('all writes of the table are tried above', () => {
  const writes = Object.entries(EFFECTS).flatMap(([group, methods]) =>
    Object.entries(methods ?? {}).flatMap(([method, write]) => (write ? [`${group}.${method}`] : [])),
  );
  expect(writes.sort()).toEqual([...CAREFUL, ...IN_PARTS].map(([method]) => method).sort());
});

test('reading announces nothing', async () => {
  await store.interactions.history('u', 1);
  await store.catalogue.getItems(['i']);
  await store.jobs.get('j');
  expect(happened).toEqual(['interactions.history', 'catalogue.getItems', 'jobs.get']);
});

test('a store of some groups alone is announced as far as it goes', async () => {
  const { catalogue } = recording();
  await announceWrites({ catalogue }, changes).catalogue.deleteItem('i');
  expect(happened).toEqual(['catalogue.deleteItem', 'items']);
});

test('a new method or group does not compile before somebody decides what it makes out of date', () => {
  interface Renaming extends CatalogueStore {
    renameItem(from: string, to: string): Promise<void>;
  }
  type WithMethod = Omit<Store, 'catalogue'> & { catalogue: Renaming };
  type WithGroup = Store & { coupons: { redeem(userId: string): Promise<void> } };
  // @ts-expect-error: there is no line for the method
  const undecidedMethod: Effects<WithMethod> = EFFECTS;
  // @ts-expect-error: there is no line for the group
  const undecidedGroup: Effects<WithGroup> = EFFECTS;
  const decided: Effects<WithMethod & WithGroup> = {
    ...EFFECTS,
    catalogue: { ...EFFECTS.catalogue!, renameItem: { changes: () => 'items' } },
    coupons: { redeem: { changes: (userId) => ({ users: [userId] }) } },
  };
  expect([undecidedMethod, undecidedGroup, decided].map((table) => 'coupons' in table)).toEqual([
    false,
    false,
    true,
  ]);
});
