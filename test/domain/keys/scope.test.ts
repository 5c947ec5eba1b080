import { expect, it } from 'vitest';
import { isMet, leastScopes, SCOPES, type Scope, scopeNamed } from '../../../src/domain/keys/scope.ts';

const may = (scope: Scope) =>
  (
    ['recommend', 'session', 'events', 'read', 'write', 'ingest', 'train', 'publish', 'admin'] as const
  ).filter((demand) => isMet(demand, new Set([scope])));

it('each scope allows what it names, and the narrower ones within it', () => {
  expect(Object.fromEntries(SCOPES.map((scope) => [scope, may(scope)]))).toEqual({
    recommend: ['recommend', 'session'],
    events: ['session', 'events'],
    read: ['recommend', 'read'],
    write: ['session', 'events', 'write', 'ingest'],
    train: ['train'],
    publish: ['publish'],
    admin: ['recommend', 'session', 'events', 'read', 'write', 'ingest', 'train', 'publish', 'admin'],
  });
});

it('former names mean what they meant, and unknown ones nothing', () => {
  expect(['read', 'ingest', 'train', 'admin'].map(scopeNamed)).toEqual(['read', 'write', 'train', 'admin']);
  expect(['root', '', 'constructor', 'READ'].map(scopeNamed)).toEqual(Array(4).fill(undefined));
});

it('sentences name the narrowest scopes that are enough', () => {
  expect([leastScopes('session'), leastScopes('ingest'), leastScopes('read')]).toEqual([
    ['recommend', 'events'],
    ['write'],
    ['read'],
  ]);
});
