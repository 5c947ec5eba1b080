import type { Selectable } from 'kysely';
import type { StoredItem, StoredUser } from '../../domain/data/catalogue.ts';
import type { Schema } from '../engine/schema.ts';

export const ITEM_COLUMNS = [
  'item_id',
  'title',
  'categories',
  'labels',
  'features',
  'hidden',
  'available_from',
  'available_until',
] as const;

type ItemRow = Pick<Selectable<Schema['items']>, (typeof ITEM_COLUMNS)[number]>;

export function toItem(row: ItemRow): StoredItem {
  return {
    itemId: row.item_id,
    title: row.title,
    categories: JSON.parse(row.categories),
    labels: JSON.parse(row.labels),
    features: JSON.parse(row.features),
    hidden: row.hidden === 1,
    availableFrom: row.available_from,
    availableUntil: row.available_until,
  };
}

export function toUser(row: { user_id: string; features: string | null }): StoredUser {
  return { userId: row.user_id, features: JSON.parse(row.features!) };
}

export function fromItem(item: StoredItem) {
  return {
    item_id: item.itemId,
    title: item.title,
    categories: JSON.stringify(item.categories),
    labels: JSON.stringify(item.labels),
    features: JSON.stringify(item.features),
    hidden: item.hidden ? 1 : 0,
    available_from: item.availableFrom,
    available_until: item.availableUntil,
    in_catalogue: 1,
  };
}
