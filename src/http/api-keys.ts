import { createHash, timingSafeEqual } from 'node:crypto';
import { problem } from '../core/errors.ts';

const SCOPES = ['read', 'ingest', 'train', 'admin'] as const;
export type Scope = (typeof SCOPES)[number];

export interface ApiKey {
  /** Names the key in records and answers: the start of its hash, which tells nothing about the key. */
  id: string;
  /** SHA-256 of the key; the key itself is nowhere. */
  hash: Buffer;
  scopes: ReadonlySet<Scope>;
}

/**
 * @param text `sha256hex:scope+scope,sha256hex:scope`, the API_KEYS setting
 * @throws Error that names the wrong entry by its position, never by its content
 */
export function parseApiKeys(text: string): ApiKey[] {
  const entries = text.split(',').map((entry) => entry.trim());
  return entries.filter((entry) => entry !== '').map(parseEntry);
}

function parseEntry(entry: string, index: number): ApiKey {
  const [hex = '', scopeList = ''] = entry.split(':');
  if (!/^[0-9a-f]{64}$/i.test(hex)) {
    throw new Error(
      `API_KEYS entry ${index + 1} must be sha256hex:scope+scope with 64 hex digits; make them with: printf %s YOUR_KEY | sha256sum`,
    );
  }
  const scopes = scopeList.split('+');
  const unknown = scopes.find((scope) => !isScope(scope));
  if (unknown !== undefined) {
    throw new Error(
      `API_KEYS entry ${index + 1} names the scope "${unknown}"; scopes are ${SCOPES.join(', ')}`,
    );
  }
  return {
    id: hex.slice(0, 12).toLowerCase(),
    hash: Buffer.from(hex, 'hex'),
    scopes: new Set(scopes.filter(isScope)),
  };
}

function isScope(text: string): text is Scope {
  return (SCOPES as readonly string[]).includes(text);
}

/** @throws problem 401 without a known key, 403 when the key lacks the scope; admin includes the others */
export function authorize(keys: readonly ApiKey[], presented: string | undefined, scope: Scope): ApiKey {
  if (presented === undefined) {
    throw problem('unauthorized', 'Send an API key: "Authorization: Bearer <key>" or "x-api-key: <key>".');
  }
  const hash = createHash('sha256').update(presented).digest();
  // No early exit: the time must not tell which key came close.
  let known: ApiKey | undefined;
  for (const key of keys) if (timingSafeEqual(key.hash, hash)) known = key;
  if (!known) throw problem('unauthorized', 'The API key is not known here.');
  requireScope(known.scopes, scope, 'This');
  return known;
}

/** @param what begins the sentence about the missing scope @throws problem('forbidden'); admin includes the others */
export function requireScope(scopes: ReadonlySet<Scope>, scope: Scope, what: string): void {
  if (scopes.has(scope) || scopes.has('admin')) return;
  throw problem(
    'forbidden',
    `${what} needs a key with the scope ${scope}; yours has ${[...scopes].join(', ')}.`,
  );
}
