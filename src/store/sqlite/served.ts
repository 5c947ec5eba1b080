import type { Schema, UserCounts } from '../engine/schema.ts';
import { SALT_KEY } from '../engine/units.ts';
import type { Click, Served } from '../registry/contract.ts';
import { servedRow } from '../registry/served.ts';
import { afterReaction, afterRecommendation } from '../registry/traffic-users.ts';
import type { Connection } from './connection.ts';

const SALT = 'SELECT value FROM meta WHERE key = ?';
const ADD = `INSERT INTO served (id, model, version, at, items, unit, variant, epoch)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`;
const OLDEST_TO_GO = 'SELECT at FROM served ORDER BY at DESC LIMIT 1 OFFSET ?';
const FORGET_CLICKS = 'DELETE FROM served_clicks WHERE served_id IN (SELECT id FROM served WHERE at <= ?)';
const FORGET = 'DELETE FROM served WHERE at <= ?';
const SHOWN = 'SELECT items, model, unit, variant, epoch FROM served WHERE id = ?';
const BEFORE = 'SELECT 1 FROM served_clicks WHERE served_id = ? LIMIT 1';
const ADD_CLICK = `INSERT INTO served_clicks (served_id, item_id, type, at, value, conversion)
  VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`;
const USER = 'SELECT * FROM traffic_users WHERE model = ? AND unit = ?';
const KEEP_USER = `INSERT OR REPLACE INTO traffic_users
  (model, unit, epoch, variant, until, served, clicked, conversions, revenue) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`;

/** Does what ServedStore.record does, within a transaction that the caller has begun. */
export function recordServed(open: Connection, served: readonly Served[], limit: number): void {
  const { statement } = open;
  const salt = statement(SALT).pluck().get(SALT_KEY) as string;
  const add = statement(ADD);
  for (const recommendation of served) {
    const { id, model, version, at, items, unit, variant, epoch } = servedRow(recommendation, salt);
    const { changes } = add.run(id, model, version, at, items, unit, variant, epoch);
    if (changes === 0 || epoch === null || unit === null || variant === null) continue;
    const { windowMs } = recommendation.counted!;
    keepUser(open, model, unit, (before) =>
      afterRecommendation(before, { model, unit, variant, epoch, at, windowMs }),
    );
  }
  const oldest = statement(OLDEST_TO_GO).pluck().get(limit) as number | undefined;
  if (oldest === undefined) return;
  statement(FORGET_CLICKS).run(oldest);
  statement(FORGET).run(oldest);
}

/** Does what ServedStore.click does, within a transaction that the caller has begun. */
export function recordClicks(open: Connection, clicks: readonly Click[], at: number): void {
  const { statement } = open;
  const [shown, earlier, add] = [statement(SHOWN), statement(BEFORE), statement(ADD_CLICK)];
  for (const { recommendationId: id, itemId, type, isConversion = false, value = null } of clicks) {
    const served = shown.get(id) as Omit<Schema['served'], 'id' | 'version' | 'at'> | undefined;
    if (!served || !(JSON.parse(served.items) as string[]).includes(itemId)) continue;
    const isFirst = earlier.get(id) === undefined;
    const { changes } = add.run(id, itemId, type, at, value, isConversion ? 1 : 0);
    const { model, unit, variant, epoch } = served;
    if (changes === 0 || epoch === null || unit === null || variant === null) continue;
    keepUser(open, model, unit, (before) =>
      afterReaction(before, { epoch, variant, at, isFirst, isConversion, value }),
    );
  }
}

function keepUser(
  { statement }: Connection,
  model: string,
  unit: string,
  after: (before: UserCounts | undefined) => UserCounts | null,
): void {
  const row = after(statement(USER).get(model, unit) as UserCounts | undefined);
  if (!row) return;
  const { epoch, variant, until, served, clicked, conversions, revenue } = row;
  statement(KEEP_USER).run(model, unit, epoch, variant, until, served, clicked, conversions, revenue);
}
