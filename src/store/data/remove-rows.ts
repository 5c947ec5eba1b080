import { randomUUID } from 'node:crypto';
import type { SqlEngine } from '../engine/schema.ts';
import type { Deletion } from './contract.ts';

type Db = SqlEngine['reads'];
interface Row {
  seq: number;
  item_key: number;
}

/** Rows that one statement takes away. */
const STEP_ROWS = 1_000;

/** Removes rows and lowers the items' counts, in few statements: items that lose equally many are counted down together. */
export async function removeRows(db: Db, rows: readonly Row[]): Promise<void> {
  const lost = new Map<number, number>();
  for (const part of parts(rows)) {
    const seqs = part.map(({ seq }) => seq);
    await db.deleteFrom('interactions').where('seq', 'in', seqs).execute();
  }
  for (const { item_key } of rows) lost.set(item_key, (lost.get(item_key) ?? 0) + 1);
  for (const count of new Set(lost.values())) {
    const items = [...lost.keys()].filter((item) => lost.get(item) === count);
    for (const part of parts(items)) {
      await db
        .updateTable('items')
        .set((eb) => ({ interactions: eb('interactions', '-', count) }))
        .where('item_key', 'in', part)
        .execute();
    }
  }
}

/** Writes the receipt of a deletion. */
export async function record(db: Db, at: number, what: string, interactions: number): Promise<Deletion> {
  const deletion = { id: randomUUID(), at, what, interactions };
  await db.insertInto('deletions').values(deletion).execute();
  return deletion;
}

export function* parts<T>(rows: readonly T[]): Generator<T[]> {
  for (let at = 0; at < rows.length; at += STEP_ROWS) yield rows.slice(at, at + STEP_ROWS);
}
