import type { KeyView } from '../domain/keys/key.ts';
import type { StoredKey } from '../store/keys/contract.ts';
import type { ApiKey } from './api-keys.ts';

const iso = (ms: number | null) => (ms === null ? null : new Date(ms).toISOString());

/** Without the hashes. */
export function viewKey(key: StoredKey): KeyView {
  return {
    id: key.id,
    name: key.name,
    scopes: [...key.scopes],
    origins: [...key.origins],
    source: 'made',
    createdAt: iso(key.createdAt),
    createdBy: key.createdBy,
    expiresAt: iso(key.expiresAt),
    rotatedAt: iso(key.rotatedAt),
    formerUntil: iso(key.former?.until ?? null),
    lastUsedAt: iso(key.lastUsedAt),
  };
}

export function viewSettingKey({ id, name, scopes }: ApiKey): KeyView {
  return {
    ...{ id, name, scopes: [...scopes], origins: [], source: 'setting' },
    ...{ createdAt: null, createdBy: null, expiresAt: null },
    ...{ rotatedAt: null, formerUntil: null, lastUsedAt: null },
  };
}
