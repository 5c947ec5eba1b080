import { type SelectQueryBuilder, sql } from 'kysely';
import { decodeCursor, encodeCursor } from './cursor.ts';
import type { Paged } from './paged.ts';
import type { Schema } from './schema.ts';

/**
 * Reads one page of rows that have a time and an id, the newest first.
 * @param time the column of the time
 * @throws problem('invalid-request') where the cursor is none of this list
 */
export async function newestFirst<
  Table extends keyof Schema,
  Time extends 'at' | 'created_at',
  Row extends { id: string } & Record<Time, number>,
>(
  query: SelectQueryBuilder<Schema, Table, Row>,
  time: Time,
  limit: number,
  cursor?: string,
): Promise<Paged<Row>> {
  const [at, id] = [sql.ref(time), sql.ref('id')];
  let page = query
    .orderBy(at, 'desc')
    .orderBy(id, 'desc')
    .limit(limit + 1);
  if (cursor !== undefined) {
    const [lastAt, lastId] = decodeCursor(cursor, ['number', 'string']);
    page = page.where(sql<boolean>`(${at}, ${id}) < (${lastAt}, ${lastId})`);
  }
  const found = (await page.execute()) as Row[];
  const rows = found.slice(0, limit);
  const last = found.length > limit ? rows.at(-1) : undefined;
  return { rows, nextCursor: last ? encodeCursor([Number(last[time]), last.id]) : null };
}
