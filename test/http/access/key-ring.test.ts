import { expect, it } from 'vitest';
import { problem } from '../../../src/core/errors.ts';
import { mintKey, sha256 } from '../../../src/domain/keys/key-text.ts';
import { createKeyRing } from '../../../src/http/access/key-ring.ts';
import { parseApiKeys } from '../../../src/http/api-keys.ts';
import type { StoredKey } from '../../../src/store/keys/contract.ts';
import { storedKey } from '../../contract/store-keys.ts';

/** A store of keys whose questions are counted. */
function toyStore(keys: StoredKey[]) {
  const store = {
    keys,
    changes: 1,
    isAway: false,
    asked: { revision: 0, list: 0 },
    async revision() {
      store.asked.revision++;
      if (store.isAway) throw problem('store-unavailable', 'away');
      return store.changes;
    },
    async list() {
      store.asked.list++;
      return store.keys;
    },
  };
  return store;
}

const minted = (part: Partial<StoredKey> = {}) => {
  const { id, hash, text } = mintKey();
  return { text, key: storedKey(id, { hash, ...part }) };
};

it('finds keys of the setting without the database, one of the stored form too', async () => {
  const { text } = mintKey();
  const setting = parseApiKeys(['plain', text].map((key) => `${sha256(key).toString('hex')}:read`).join());
  const store = toyStore([]);
  const ring = createKeyRing(setting, store, () => 0);
  expect(await ring.find('plain')).toMatchObject({ id: setting[0]!.id, isStored: false, origins: [] });
  expect(await ring.find(text)).toMatchObject({ id: setting[1]!.id, name: 'API_KEYS entry 2' });
  await expect(ring.find('other')).rejects.toMatchObject({ code: 'unauthorized' });
  expect(store.asked).toEqual({ revision: 0, list: 0 });
});

it('lets in with the right secret alone, until the key expires', async () => {
  let now = 10;
  const { text, key } = minted({ expiresAt: 50, scopes: ['train'] });
  const ring = createKeyRing([], toyStore([key]), () => now);
  const known = await ring.find(text);
  expect(known).toEqual({
    ...{ id: key.id, name: key.name, scopes: new Set(['train']) },
    ...{ origins: [], isStored: true },
  });
  await expect(ring.find(mintKey(key.id).text)).rejects.toMatchObject({ code: 'unauthorized' });
  now = 50;
  await expect(ring.find(text)).rejects.toMatchObject({ detail: expect.stringMatching(/expired at 1970/) });
  // Who does not have the secret is not told so.
  await expect(ring.find(mintKey(key.id).text)).rejects.toMatchObject({
    detail: 'The API key is not known here.',
  });
});

it('takes the former secret until the overlap ends', async () => {
  let now = 10;
  const { text, key } = minted();
  const next = mintKey(key.id);
  const former = { hash: key.hash, until: 20 };
  const ring = createKeyRing([], toyStore([{ ...key, hash: next.hash, former }]), () => now);
  expect((await ring.find(text)).id).toBe(key.id);
  expect((await ring.find(next.text)).id).toBe(key.id);
  now = 20;
  await expect(ring.find(text)).rejects.toMatchObject({ code: 'unauthorized' });
  expect((await ring.find(next.text)).id).toBe(key.id);
});

it('reads the rows again when the revision has grown, and asks nothing while changes are heard', async () => {
  const { text, key } = minted();
  const store = toyStore([key]);
  const listeners: { rules?(): void }[] = [];
  const changes = {
    subscribe: (listener: { rules?(): void }) => {
      listeners.push(listener);
      return () => {};
    },
    areHeard: () => true,
  };
  const ring = createKeyRing([], store, () => 0, changes);
  for (let i = 0; i < 3; i++) await ring.find(text);
  expect(store.asked).toEqual({ revision: 1, list: 1 });
  for (const listener of listeners) listener.rules?.();
  await ring.find(text);
  expect(store.asked).toEqual({ revision: 2, list: 1 });
  store.keys = [];
  store.changes++;
  for (const listener of listeners) listener.rules?.();
  await expect(ring.find(text)).rejects.toMatchObject({ code: 'unauthorized' });
});

it('asks each time where changes are not heard, and goes on with what it knows while the database is away', async () => {
  const { text, key } = minted();
  const store = toyStore([key]);
  const ring = createKeyRing([], store, () => 0);
  await ring.find(text);
  store.isAway = true;
  expect((await ring.find(text)).id).toBe(key.id);
  expect(store.asked.revision).toBe(2);
  const blind = createKeyRing([], store, () => 0);
  await expect(blind.find(text)).rejects.toMatchObject({ code: 'store-unavailable' });
});

it('says which origins have a valid key', async () => {
  const { key } = minted({ origins: ['https://shop.example'], expiresAt: 50 });
  let now = 0;
  const ring = createKeyRing([], toyStore([key]), () => now);
  expect(await ring.allowsOrigin('https://shop.example')).toBe(true);
  expect(await ring.allowsOrigin('https://other.example')).toBe(false);
  now = 50;
  expect(await ring.allowsOrigin('https://shop.example')).toBe(false);
});
