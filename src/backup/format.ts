import { type Static, Type } from 'typebox';
import type { BackupPart } from '../store/backup/contract.ts';

/** Raised when a reader of before would misread the file; a reader knows all formats up to its own. */
export const FORMAT = 1;

/** The first member: says what the file is before anything else is read. */
export const HEAD_FILE = 'stillhouse.json';
/** The last member: what must have come before. */
export const MANIFEST_FILE = 'manifest.json';
/** Files of stored models lie below it, each under its key in the artifact store. */
export const ARTIFACTS_FOLDER = 'artifacts/';

/** Parts in the order of the file. Rows name only users, items and types of parts before theirs. */
export const DATA_PARTS = [
  'event-types',
  'known-types',
  'known-users',
  'known-items',
  'users',
  'merged-users',
  'items',
  'interactions',
  'tombstones',
  'deletions',
  'rules',
  'schedules',
  'default-models',
  'serving-policies',
  'model-settings',
  'consumer-positions',
  'keys',
] as const satisfies BackupPart[];
export const MODEL_PARTS = ['versions', 'aliases', 'alias-moves', 'teachers'] as const satisfies BackupPart[];
export const PARTS: readonly BackupPart[] = [...DATA_PARTS, ...MODEL_PARTS];

/** A member is cut as soon as it has so many bytes, so that each fits into memory. */
export const MEMBER_BYTES = 1024 * 1024;
/** A row of features is 64 KiB at most; no member is larger than this. */
export const MOST_MEMBER_BYTES = 16 * MEMBER_BYTES;

/** @param n from 1 */
export const memberName = (part: BackupPart, n: number) => `${part}/${String(n).padStart(5, '0')}.ndjson`;

export const Head = Type.Object({
  format: Type.Integer({ minimum: 1 }),
  program: Type.Literal('stillhouse'),
  version: Type.String(),
});

export const Manifest = Type.Object({
  format: Type.Integer({ minimum: 1 }),
  counts: Type.Record(Type.String(), Type.Integer()),
  files: Type.Array(Type.Object({ name: Type.String(), bytes: Type.Integer(), sha256: Type.String() })),
});
export type Manifest = Static<typeof Manifest>;
export type BackupCounts = Partial<Record<BackupPart, number>>;
