import type { StoredRule } from '../../domain/answers/rule.ts';
import type { StoredPolicy } from '../../domain/answers/serving-policy.ts';
import type { StoredItem, StoredUser } from '../../domain/data/catalogue.ts';
import type { StoredInteraction } from '../../domain/data/interaction.ts';
import type { Position } from '../consumed/contract.ts';
import type { DeclaredEvent, Deletion } from '../data/contract.ts';
import type { JobTemplate } from '../jobs/contract.ts';
import type { StoredKey } from '../keys/contract.ts';
import type { ModelKind } from '../registry/contract.ts';

/** Rows of a backup by its parts, which are put back in this order. Times are milliseconds. */
export interface BackupRows {
  'event-types': DeclaredEvent;
  /** All that interactions and catalogue speak of: who comes first here has the smaller key, by which ties are broken. */
  'known-types': { type: string };
  'known-users': { userId: string };
  'known-items': KnownItem;
  users: StoredUser;
  'merged-users': MergedUser;
  items: StoredItem;
  interactions: StoredInteraction;
  tombstones: Tombstone;
  deletions: Deletion;
  rules: StoredRule;
  schedules: KeptSchedule;
  'default-models': { kind: ModelKind; model: string };
  'serving-policies': StoredPolicy;
  'model-settings': { model: string; keepVersions: number | null };
  /** Rows of the registry as they are stored. */
  versions: RegistryRow;
  aliases: RegistryRow;
  'alias-moves': RegistryRow;
  teachers: RegistryRow;
  /** How far topics of Kafka have been read: the rows up to there are part of the backup. */
  'consumer-positions': ConsumerPosition;
  /** With hashes of their secrets, so that who had a key has it still. */
  keys: StoredKey;
}
export type BackupPart = keyof BackupRows;

export type RegistryRow = Record<string, string | number | null>;

export interface KnownItem {
  itemId: string;
  /** interactions: only they speak of it. deleted: taken out of the catalogue, and recommended no more. */
  state: 'catalogue' | 'interactions' | 'deleted';
  addedAt: number | null;
}

/** A guest who became a user. */
export interface MergedUser {
  userId: string;
  intoId: string;
  mergedAt: number;
}

/** Mark of an interaction that was deleted on purpose: sent again, it stays deleted. */
export interface Tombstone {
  userId: string;
  itemId: string;
  type: string;
  timestamp: number | null;
  eventId: string | null;
  deletedAt: number;
}

export interface ConsumerPosition extends Position {
  group: string;
  topic: string;
}

/** A schedule without its runs, whose jobs are not part of a backup. */
export interface KeptSchedule {
  id: string;
  name: string | null;
  createdAt: number;
  cron: string | null;
  timeZone: string | null;
  afterInteractions: number | null;
  job: JobTemplate;
  paused: boolean;
  keyId: string | null;
  /** When the clock starts it next; null without a clock or while it is paused. */
  nextAt: number | null;
}

export type ReadPart = <P extends BackupPart>(part: P) => AsyncGenerator<BackupRows[P][]>;
/** Rows in the order in which they were read. */
export type PutRows = <P extends BackupPart>(part: P, rows: readonly BackupRows[P][]) => Promise<void>;

export interface BackupStore {
  /** Reads all parts as of one moment, in small pages; no writer waits for it. */
  read<T>(body: (rows: ReadPart) => Promise<T>): Promise<T>;
  /**
   * One transaction over everything: what the body throws, or a process that is killed, leaves the installation empty.
   * @throws problem('conflict') where it is not empty, problem('invalid-rows') for an interaction that is there twice
   */
  restore<T>(body: (put: PutRows) => Promise<T>): Promise<T>;
}
