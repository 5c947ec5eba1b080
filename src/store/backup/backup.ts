import type { Kysely } from 'kysely';
import { problem } from '../../core/errors.ts';
import type { StoredInteraction } from '../../domain/data/interaction.ts';
import type { InteractionPaths } from '../data/interactions.ts';
import type { Schema, SqlEngine } from '../engine/schema.ts';
import type { BackupPart, BackupRows, BackupStore } from './contract.ts';
import { LARGE_PARTS, readInteractions } from './large-parts.ts';
import { SMALL_PARTS } from './small-parts.ts';

type Db = Kysely<Schema>;

/** Tables that an empty installation has no row in, and what they hold. */
const MUST_BE_EMPTY = {
  interactions: 'interactions',
  items: 'items',
  users: 'users',
  merged_users: 'merged users',
  types: 'types of interactions',
  event_types: 'declared event types',
  rules: 'rules',
  schedules: 'schedules',
  tombstones: 'marks of deleted interactions',
  deletions: 'receipts of deletions',
  serving_policies: 'serving policies',
  model_settings: 'settings of models',
  consumer_positions: 'positions of consumers',
  model_versions: 'models',
  external_teachers: 'imported teachers',
  api_keys: 'API keys',
} as const;

/** Rows that one statement takes: an engine allows so many parameters. */
const ROWS_PER_STATEMENT = 500;

export function createBackup({ now }: SqlEngine, paths: InteractionPaths): BackupStore {
  return {
    read: (body) =>
      paths.snapshot((db) => body((part) => readPart(db, part) as AsyncGenerator<BackupRows[typeof part][]>)),
    restore: (body) =>
      paths.writing(async (db, add) => {
        await refuseNonEmpty(db);
        return body(async (part, rows) => {
          if (part === 'interactions') return addAll(add, rows as readonly StoredInteraction[]);
          for (let at = 0; at < rows.length; at += ROWS_PER_STATEMENT)
            await putRows(db, part, rows.slice(at, at + ROWS_PER_STATEMENT), now());
        });
      }),
  };
}

async function* readPart(db: Db, part: BackupPart): AsyncGenerator<BackupRows[BackupPart][]> {
  if (part === 'interactions') return yield* readInteractions(db);
  if (isLarge(part)) return yield* LARGE_PARTS[part].read(db);
  const rows = await SMALL_PARTS[part].read(db);
  if (rows.length > 0) yield rows as BackupRows[BackupPart][];
}

function putRows(
  db: Db,
  part: Exclude<BackupPart, 'interactions'>,
  rows: readonly unknown[],
  now: number,
): Promise<void> {
  return isLarge(part)
    ? LARGE_PARTS[part].put(db, rows as never, now)
    : SMALL_PARTS[part].put(db, rows as never);
}

const isLarge = (part: string): part is keyof typeof LARGE_PARTS => Object.hasOwn(LARGE_PARTS, part);

async function addAll(add: InteractionPathsAdd, rows: readonly StoredInteraction[]): Promise<void> {
  const outcomes = await add(rows);
  const twice = outcomes.indexOf('duplicate');
  if (twice < 0) return;
  const { userId, itemId, type } = rows[twice]!;
  throw problem(
    'invalid-rows',
    `The interaction of user ${JSON.stringify(userId)} with item ${JSON.stringify(itemId)} (${type}) is there twice`,
  );
}
type InteractionPathsAdd = InteractionPaths['add'];

async function refuseNonEmpty(db: Db): Promise<void> {
  const found: string[] = [];
  for (const [table, what] of Object.entries(MUST_BE_EMPTY)) {
    const row = await db
      .selectFrom(table as keyof typeof MUST_BE_EMPTY)
      .select((eb) => eb.lit(1).as('one'))
      .limit(1)
      .executeTakeFirst();
    if (row) found.push(what);
  }
  if ((await SMALL_PARTS['default-models'].read(db)).length > 0) found.push('default models');
  if (found.length === 0) return;
  throw problem(
    'conflict',
    `The installation is not empty: it has ${found.join(', ')}. Restore into an empty one, with another DATA_DIR or DATABASE_URL`,
  );
}
