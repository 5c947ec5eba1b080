import { isBlockedAt, type StoredItem } from '../../domain/data/catalogue.ts';
import type { LiveModel } from '../models/live-model.ts';

/** Items that may not be shown, for as long as that stays so. */
export interface Blocked {
  ids: ReadonlySet<string>;
  rows: WeakMap<LiveModel, Int32Array>;
  /** The moments between which no window opens or closes. */
  from: number;
  until: number;
}

/** @param restricted items that are hidden, or not there at all times @param time milliseconds */
export function blockedAt(restricted: readonly StoredItem[], time: number): Blocked {
  const ids = new Set<string>();
  let until = Number.POSITIVE_INFINITY;
  for (const item of restricted) {
    const { itemId, availableFrom, availableUntil } = item;
    const early = availableFrom !== null && time < availableFrom;
    const late = availableUntil !== null && time >= availableUntil;
    if (isBlockedAt(item, time)) ids.add(itemId);
    if (early) until = Math.min(until, availableFrom);
    if (availableUntil !== null && !late) until = Math.min(until, availableUntil);
  }
  return { ids, rows: new WeakMap(), from: time, until };
}
