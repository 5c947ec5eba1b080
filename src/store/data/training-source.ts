import { sql } from 'kysely';
import type { TrainingSource } from '../../domain/data/interaction-source.ts';
import type { SqlEngine } from '../engine/schema.ts';
import type { ExportPage } from './contract.ts';
import { createExports } from './exports.ts';

/** All interactions. */
export type ReadInteractions = TrainingSource['interactions'];

const PAGE_ROWS = 1_000;

const DICTIONARIES = {
  users: { key: 'user_key', name: 'user_id' },
  items: { key: 'item_key', name: 'item_id' },
  types: { key: 'type_key', name: 'type' },
} as const;

/** @param reads queries that all see the same moment */
export function createTrainingSource(
  reads: SqlEngine['reads'],
  interactions: ReadInteractions,
): TrainingSource {
  const { items, users } = createExports({ reads });
  return {
    interactions,
    async dictionary(kind) {
      const { key, name } = DICTIONARIES[kind];
      const { rows } = await sql<{ key: number; name: string }>`
        SELECT ${sql.ref(key)} AS key, ${sql.ref(name)} AS name FROM ${sql.table(kind)}`.execute(reads);
      return new Map(rows.map((row) => [row.key, row.name]));
    },
    items: () => pages(items),
    users: () => pages(users),
  };
}

async function* pages<T>(
  read: (after: number | undefined, limit: number) => Promise<ExportPage<T>>,
): AsyncGenerator<T[]> {
  for (let after: number | null | undefined; after !== null; ) {
    const page: ExportPage<T> = await read(after, PAGE_ROWS);
    if (page.rows.length > 0) yield page.rows;
    after = page.next;
  }
}
