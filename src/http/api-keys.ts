import { problem } from '../core/errors.ts';
import { sha256 } from '../domain/keys/key-text.ts';
import { isMet, leastScopes, type RouteScope, SCOPES, type Scope, scopeNamed } from '../domain/keys/scope.ts';

/** A key of the setting API_KEYS. */
export interface ApiKey {
  /** Names the key in records and answers: the start of its hash, which tells nothing about the key. */
  id: string;
  name: string;
  /** SHA-256 of the key; the key itself is nowhere. */
  hash: Buffer;
  scopes: ReadonlySet<Scope>;
}

const EMPTY_HASH = sha256('').toString('hex');

/**
 * @param text `sha256hex:scope+scope,sha256hex:scope`, the API_KEYS setting
 * @throws Error that names the wrong entry by its position, never by its content
 */
export function parseApiKeys(text: string): ApiKey[] {
  const entries = text.split(',').map((entry) => entry.trim());
  const keys = entries.filter((entry) => entry !== '').map(parseEntry);
  for (const [i, { hash }] of keys.entries()) {
    const first = keys.findIndex((key) => key.hash.equals(hash));
    if (first < i)
      throw new Error(
        `API_KEYS entry ${i + 1} has the hash of entry ${first + 1}; give a key once, with all of its scopes, as in sha256hex:read+train`,
      );
  }
  return keys;
}

function parseEntry(entry: string, index: number): ApiKey {
  const [hex = '', scopeList = '', ...more] = entry.split(':');
  const at = `API_KEYS entry ${index + 1}`;
  if (!/^[0-9a-f]{64}$/i.test(hex)) {
    throw new Error(
      `${at} must be sha256hex:scope+scope with 64 hex digits; make a key and its entry with: node dist/bin/stillhouse.js key`,
    );
  }
  if (more.length > 0)
    throw new Error(`${at} has a second colon; it must be sha256hex:scope+scope, and a comma ends it`);
  if (hex.toLowerCase() === EMPTY_HASH)
    throw new Error(`${at} is the hash of an empty key; hash the key itself, without a line break`);
  const names = scopeList.split('+');
  const scopes = names.map(scopeNamed);
  const unknown = scopes.indexOf(undefined);
  if (unknown >= 0) {
    throw new Error(
      `${at} names the scope "${names[unknown]}"; scopes are ${SCOPES.join(', ')}, and ingest, the former name of write`,
    );
  }
  return {
    id: hex.slice(0, 12).toLowerCase(),
    name: `${at}`,
    hash: Buffer.from(hex, 'hex'),
    scopes: new Set(scopes as Scope[]),
  };
}

/** @param what begins the sentence about the missing scope @throws problem('forbidden'); admin includes the others */
export function requireScope(scopes: ReadonlySet<Scope>, scope: RouteScope, what: string): void {
  if (isMet(scope, scopes)) return;
  throw problem(
    'forbidden',
    `${what} needs a key with the scope ${leastScopes(scope).join(' or ')}; yours has ${[...scopes].join(', ')}.`,
  );
}
