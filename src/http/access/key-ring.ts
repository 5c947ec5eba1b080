import { timingSafeEqual } from 'node:crypto';
import { problem } from '../../core/errors.ts';
import { partsOfKey, sha256 } from '../../domain/keys/key-text.ts';
import type { Scope } from '../../domain/keys/scope.ts';
import type { Changes } from '../../serving/caches/changes.ts';
import { createTrustedRead } from '../../serving/views/trusted-read.ts';
import type { KeyStore, StoredKey } from '../../store/keys/contract.ts';
import type { ApiKey } from '../api-keys.ts';

/** A key that a request was let in with. */
export interface KnownKey {
  id: string;
  name: string;
  scopes: ReadonlySet<Scope>;
  /** Origins of pages that may use it; empty for any sender. */
  origins: readonly string[];
  /** True for a key of POST /keys, whose last use is written down. */
  isStored: boolean;
}

export interface KeyRing {
  /**
   * Finds a key by the text that a request sent.
   * @throws problem('unauthorized') where it is unknown or has expired, problem('store-unavailable')
   */
  find(presented: string): Promise<KnownKey>;
  /** True if some key that is valid now may be used by pages of the origin, for answers to preflights, which have no key. */
  allowsOrigin(origin: string): Promise<boolean>;
}

interface Ring {
  revision: number;
  keys: ReadonlyMap<string, StoredKey>;
}

/** Keys as they were last read are taken for so long while the database cannot be read. */
const BLIND_MS = 60_000;

/**
 * The keys of the setting and those of the database. The latter are asked for again when a change is heard of, and at
 * most a second after one that was not; where changes are not heard, each request asks for their revision.
 */
export function createKeyRing(
  setting: readonly ApiKey[],
  store: Pick<KeyStore, 'revision' | 'list'>,
  now: () => number,
  changes?: Pick<Changes, 'subscribe' | 'areHeard'>,
): KeyRing {
  let last: Ring = { revision: -1, keys: new Map() };
  let readAt = Number.NEGATIVE_INFINITY;

  async function read(): Promise<Ring> {
    const asked = performance.now();
    try {
      // Before the rows: what is read may be newer than the number, never older.
      const revision = await store.revision();
      if (revision !== last.revision) {
        const keys = await store.list();
        // A reading that began earlier may end later.
        if (revision > last.revision) last = { revision, keys: new Map(keys.map((key) => [key.id, key])) };
      }
      readAt = asked;
    } catch (error) {
      if (asked - readAt > BLIND_MS) throw error;
    }
    return last;
  }

  const stored = createTrustedRead(read, changes);
  const current = async () => (stored.peek() ?? (await stored.get())).keys;

  return {
    async find(presented) {
      const known = findInSetting(setting, presented);
      if (known) return known;
      const parts = partsOfKey(presented);
      const key = parts && (await current()).get(parts.id);
      if (!key || !isSecretOf(key, parts.secret, now())) throw unknownKey();
      refuseExpired(key, now());
      const { id, name, origins } = key;
      return { id, name, origins, scopes: new Set(key.scopes), isStored: true };
    },
    async allowsOrigin(origin) {
      const keys = [...(await current()).values()];
      return keys.some((key) => key.origins.includes(origin) && !isExpired(key, now()));
    },
  };
}

function findInSetting(setting: readonly ApiKey[], presented: string): KnownKey | undefined {
  const hash = sha256(presented);
  // No early exit: the time must not tell which key came close.
  let known: ApiKey | undefined;
  for (const key of setting) if (timingSafeEqual(key.hash, hash)) known = key;
  if (!known) return undefined;
  const { id, name, scopes } = known;
  return { id, name, scopes, origins: [], isStored: false };
}

function isSecretOf({ hash, former }: StoredKey, secret: string, now: number): boolean {
  const presented = sha256(secret);
  const isCurrent = timingSafeEqual(Buffer.from(hash, 'hex'), presented);
  const isFormer = former !== null && timingSafeEqual(Buffer.from(former.hash, 'hex'), presented);
  return isCurrent || (isFormer && now < former.until);
}

export const isExpired = ({ expiresAt }: StoredKey, now: number) => expiresAt !== null && now >= expiresAt;

/** Told to those who hold the secret alone. */
function refuseExpired(key: StoredKey, now: number): void {
  if (!isExpired(key, now)) return;
  const at = new Date(key.expiresAt!).toISOString();
  throw problem('unauthorized', `The API key expired at ${at}; ask for a new one.`);
}

const unknownKey = () => problem('unauthorized', 'The API key is not known here.');
