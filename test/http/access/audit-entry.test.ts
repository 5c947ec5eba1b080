import { expect, it } from 'vitest';
import { createSecrets } from '../../../src/core/secrets.ts';
import { targetsOf, userTarget } from '../../../src/http/access/audit-entry.ts';

const secrets = createSecrets('a'.repeat(32));
const nothing = { params: {}, query: {}, body: undefined };

it('names what is changed: by path, query, the top of the body and the place of what was made', () => {
  const body = { version: 3, reason: 'better', job: { model: 'x' } };
  expect(
    targetsOf(
      { params: { name: 'movies', alias: 'stable' }, query: { itemId: '7' }, body },
      '/jobs/j',
      secrets,
    ),
  ).toEqual({ version: '3', itemId: '7', name: 'movies', alias: 'stable', made: '/jobs/j' });
  expect(targetsOf({ ...nothing, body: [{ userId: 'ada' }] }, undefined, secrets)).toEqual({});
  expect(targetsOf({ ...nothing, body: null }, 7, secrets)).toEqual({});
});

it('never names a person, and cuts what is long', () => {
  const asked = { params: { userId: 'ada' }, query: {}, body: { into: 'bob', name: 'n'.repeat(500) } };
  const targets = targetsOf(asked, undefined, secrets);
  expect(targets).toEqual({
    userId: userTarget('ada', secrets),
    into: userTarget('bob', secrets),
    name: 'n'.repeat(200),
  });
  expect(JSON.stringify(targets)).not.toMatch(/ada|bob/);
});
