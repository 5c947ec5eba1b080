import type { Click, Served } from '../registry/contract.ts';
import type { Connection } from './connection.ts';

const ADD =
  'INSERT INTO served (id, model, version, at, items) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING';
const OLDEST_TO_GO = 'SELECT at FROM served ORDER BY at DESC LIMIT 1 OFFSET ?';
const FORGET_CLICKS = 'DELETE FROM served_clicks WHERE served_id IN (SELECT id FROM served WHERE at <= ?)';
const FORGET = 'DELETE FROM served WHERE at <= ?';
const SHOWN = 'SELECT items FROM served WHERE id = ?';
const ADD_CLICK =
  'INSERT INTO served_clicks (served_id, item_id, type, at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING';

/** Does what ServedStore.record does, within a transaction that the caller has begun. */
export function recordServed({ statement }: Connection, served: readonly Served[], limit: number): void {
  const add = statement(ADD);
  for (const { id, model, version, at, items } of served) {
    add.run(id, model, version, at, JSON.stringify(items));
  }
  const oldest = statement(OLDEST_TO_GO).pluck().get(limit) as number | undefined;
  if (oldest === undefined) return;
  statement(FORGET_CLICKS).run(oldest);
  statement(FORGET).run(oldest);
}

/** Does what ServedStore.click does, within a transaction that the caller has begun. */
export function recordClicks({ statement }: Connection, clicks: readonly Click[], at: number): void {
  const shown = statement(SHOWN).pluck();
  const add = statement(ADD_CLICK);
  for (const { recommendationId, itemId, type } of clicks) {
    const items = shown.get(recommendationId) as string | undefined;
    if (items !== undefined && (JSON.parse(items) as string[]).includes(itemId))
      add.run(recommendationId, itemId, type, at);
  }
}
