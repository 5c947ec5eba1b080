import type { Scope } from '../../domain/keys/scope.ts';

/** A key as it is stored. Times are milliseconds. */
export interface StoredKey {
  id: string;
  name: string;
  scopes: readonly Scope[];
  /** Origins of pages that may use it; empty for any sender. */
  origins: readonly string[];
  /** SHA-256 of the secret, as hex. */
  hash: string;
  createdAt: number;
  /** Id of the key that made it. */
  createdBy: string | null;
  expiresAt: number | null;
  rotatedAt: number | null;
  /** Hash of the secret before the last rotation, and until when it is taken. */
  former: { hash: string; until: number } | null;
  lastUsedAt: number | null;
}

export interface Rotation {
  hash: string;
  at: number;
  /** The former secret is taken until then; null ends it at once. */
  formerUntil: number | null;
  /** Undefined leaves it as it is. */
  expiresAt?: number | undefined;
}

export interface KeyStore {
  /** Grows with every change but that of the last use. */
  revision(): Promise<number>;
  /** The oldest first. */
  list(): Promise<StoredKey[]>;
  /** @throws problem('conflict') where there are `limit` keys already */
  add(key: StoredKey, limit: number): Promise<void>;
  /** A secret that was still taken from a rotation before is taken no longer. @returns the key as it is now, or null */
  rotate(id: string, rotation: Rotation): Promise<StoredKey | null>;
  /** @returns the key that is gone, or null */
  remove(id: string): Promise<StoredKey | null>;
  /** Writes down when keys were used last, by their ids; an earlier time than the stored one changes nothing. */
  used(times: ReadonlyMap<string, number>): Promise<void>;
}
