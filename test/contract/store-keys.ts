import { describe, expect, it } from 'vitest';
import type { AuditEntry } from '../../src/store/audit/contract.ts';
import type { StoredKey } from '../../src/store/keys/contract.ts';
import { newVersion } from '../helpers/store.ts';
import type { StoreUnderTest } from './store-suite.ts';

export const storedKey = (id: string, part: Partial<StoredKey> = {}): StoredKey => ({
  id,
  name: `key ${id}`,
  scopes: ['read'],
  origins: [],
  hash: 'a'.repeat(64),
  createdAt: 10,
  createdBy: null,
  expiresAt: null,
  rotatedAt: null,
  former: null,
  lastUsedAt: null,
  ...part,
});

const entry = (id: string, at: number, part: Partial<AuditEntry> = {}): AuditEntry => ({
  ...{ id, at, keyId: 'k1', keyName: 'one', address: '203.0.113.7' },
  ...{ action: 'PUT /default-model', targets: { model: 'movies' }, status: 200, requests: 1, requestId: 'r' },
  ...part,
});

export function keysSuite({ database }: StoreUnderTest): void {
  describe('keys', () => {
    it('come back as they were, the oldest first, up to a limit, and each change counts', async () => {
      const open = await database();
      const { keys } = await open();
      const before = await keys.revision();
      const one = storedKey('1', { createdAt: 20, origins: ['https://a'], expiresAt: 99, createdBy: 'boss' });
      await keys.add(one, 2);
      await keys.add(storedKey('0'), 2);
      expect(await keys.list()).toEqual([storedKey('0'), one]);
      await expect(keys.add(storedKey('2'), 2)).rejects.toMatchObject({ code: 'conflict' });
      expect(await keys.revision()).toBe(before + 2);
      expect(await keys.remove('0')).toEqual(storedKey('0'));
      expect(await keys.remove('0')).toBeNull();
      const second = await open();
      expect(await second.keys.revision()).toBe(before + 3);
      expect(await second.keys.list()).toEqual([one]);
    });

    it('keep the secret before a rotation, and none from before that', async () => {
      const { keys } = await (await database())();
      await keys.add(storedKey('1', { expiresAt: 99 }), 2);
      const hash = 'b'.repeat(64);
      const rotated = { hash, rotatedAt: 5, former: { hash: 'a'.repeat(64), until: 7 }, expiresAt: 99 };
      expect(await keys.rotate('1', { hash, at: 5, formerUntil: 7 })).toEqual(storedKey('1', rotated));
      expect(await keys.list()).toEqual([storedKey('1', rotated)]);
      const again = { hash: 'c'.repeat(64), at: 6, formerUntil: null, expiresAt: 50 };
      expect(await keys.rotate('1', again)).toMatchObject({ hash: again.hash, former: null, expiresAt: 50 });
      expect(await keys.rotate('none', again)).toBeNull();
    });

    it('remember the latest use, which is no change', async () => {
      const { keys } = await (await database())();
      await keys.add(storedKey('1'), 2);
      const before = await keys.revision();
      await keys.used(
        new Map([
          ['1', 30],
          ['gone', 30],
        ]),
      );
      await keys.used(new Map([['1', 20]]));
      expect((await keys.list())[0]?.lastUsedAt).toBe(30);
      expect(await keys.revision()).toBe(before);
    });
  });

  describe('the audit', () => {
    it('is read newest first, page by page', async () => {
      const { audit } = await (await database())();
      const all = [entry('a', 1), entry('b', 2), entry('c', 2), entry('d', 3)];
      await audit.add(all);
      // An entry that is there already stays as it is.
      await audit.add([entry('a', 9)]);
      await audit.add([]);
      const first = await audit.list({}, 2);
      expect(first.rows).toEqual([all[3], all[2]]);
      const second = await audit.list({}, 2, first.nextCursor!);
      expect(second).toEqual({ rows: [all[1], all[0]], nextCursor: null });
      await expect(audit.list({}, 2, 'nonsense')).rejects.toMatchObject({ code: 'invalid-request' });
    });

    it('is filtered by key, action, target, outcome and time', async () => {
      const { audit } = await (await database())();
      await audit.add([
        entry('a', 1, { keyId: 'k2', targets: { name: 'a "b" %_' } }),
        entry('b', 2, { status: 403, requests: 7, targets: {} }),
        entry('c', 3, { status: 404, action: 'DELETE /models/:name' }),
        entry('d', 4, { status: null, keyId: null, action: 'job promotes', requestId: null, address: null }),
      ]);
      const ids = async (filter: Parameters<typeof audit.list>[0]) =>
        (await audit.list(filter, 10)).rows.map(({ id }) => id);
      expect(await ids({ keyId: 'k2' })).toEqual(['a']);
      expect(await ids({ action: 'job promotes' })).toEqual(['d']);
      expect(await ids({ outcome: 'refused' })).toEqual(['b']);
      expect(await ids({ outcome: 'failed' })).toEqual(['c']);
      expect(await ids({ outcome: 'done' })).toEqual(['d', 'a']);
      expect(await ids({ since: 2, until: 4 })).toEqual(['c', 'b']);
      expect(await ids({ targets: ['a "b" %_'] })).toEqual(['a']);
      expect(await ids({ targets: ['nobody', 'movies'] })).toEqual(['d', 'c']);
      // The name of a member is no target.
      expect(await ids({ targets: ['model'] })).toEqual([]);
    });

    it('has what a job did to an alias, with the key that asked for the job', async () => {
      const { audit, models } = await (await database(() => 5))();
      await models.publish(newVersion(), { alias: 'stable', isOff: false, keyId: 'k1' });
      await models.setAlias('movies', 'stable', 1, undefined, { keyId: 'k2' });
      const { rows } = await audit.list({ targets: ['stable'] }, 10);
      expect(rows).toMatchObject([
        {
          ...{ at: 5, keyId: 'k1', status: null, requests: 1, address: null },
          targets: { name: 'movies', alias: 'stable', version: '1', jobId: 'job-1' },
        },
      ]);
      expect(rows[0]?.action).toMatch(/^job: alias /);
    });

    it('forgets what is old, some at a time', async () => {
      const { audit } = await (await database())();
      await audit.add([entry('a', 1), entry('b', 2), entry('c', 3)]);
      expect(await audit.expire(3, 1)).toBe(1);
      expect(await audit.expire(3, 10)).toBe(1);
      expect((await audit.list({}, 10)).rows.map(({ id }) => id)).toEqual(['c']);
    });
  });
}
